"""What a performer does to a voice: loop, let go, morph. Pure; the player says when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rtgen.timeline.clock import Clock
from rtgen.timeline.coordinates import Loop
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import BEATS_PER_BAR, FRAMES_PER_SECOND
from rtgen.timeline.voice import Voice


def looped(voice: Voice, timeline: ControlTimeline, frame: int, bars: int) -> Voice:
    """The bar that goes on at a frame and those after it, `bars` in all, repeat from now on."""
    freed = released(voice, frame)
    tempo = float(timeline.values("tempo", frame, 1)[0])
    bar = BEATS_PER_BAR * 60 / tempo * FRAMES_PER_SECOND
    into = timeline.clock.beat(frame) % BEATS_PER_BAR / BEATS_PER_BAR * bar
    return replace(freed, loop=Loop(round(frame - into), bars * bar))


def released(voice: Voice, frame: int) -> Voice:
    """The music goes on from where its loop is at a frame."""
    if voice.loop is None:
        return voice
    inside = int(voice.loop.fold(np.asarray([frame], np.int64))[0])
    return replace(voice, loop=None, shift=voice.shift + frame - inside)


def toward(voice: Voice, morph: float, seed: int) -> tuple[Voice, float]:
    """The voice that leads to another style, and the value that morph must reach for it.

    The end of the morph that is heard now stays; the other becomes the new style.
    """
    if morph < 0.5:
        return replace(voice, style_b=seed), 1.0
    return replace(voice, style_a=seed), 0.0


def next_bar(clock: Clock, frame: int) -> int:
    """The first frame of the next bar at or after a frame."""
    beat = -(-clock.beat(frame) // BEATS_PER_BAR) * BEATS_PER_BAR
    return clock.frame_of_beat(beat, frame)

"""What is listened to: clips of the corpus, and the model playing what their labels say.

Every system answers the same question: a stretch of frames with the controls of a held-out track.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rtgen.bundle.manifest import Manifest
from rtgen.corpus.stream import STYLES
from rtgen.corpus.track import Labels
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.controls import CHROMA
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE, beats_per_frame

START_FRAME = 256
"""Where the model begins: its controls hold steady for longer than it looks back."""
ANEW_FRAMES = 64
"""Length of the windows of a system that knows no more than a short context: 3.0 s."""
FADE_SAMPLES = 441
Stereo = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Clip:
    """Stereo samples (frames * 2048, 2) and the label of every frame."""

    audio: Stereo
    labels: Labels

    def inner(self, left: int, right: int) -> Clip:
        """The clip without some frames at its ends."""
        stop = len(self.labels.tempo_bpm) - right
        audio = self.audio[left * HOP : stop * HOP]
        return Clip(audio, sliced(self.labels, left, stop))


def frames_of(seconds: float) -> int:
    """Whole frames that hold a time."""
    return int(np.ceil(seconds * RATE / HOP))


def sliced(labels: Labels, first: int, stop: int) -> Labels:
    """Labels of frames first .. stop - 1."""
    part = slice(first, stop)
    return Labels(
        labels.tempo_bpm[part],
        labels.beat_position[part],
        labels.density[part],
        labels.chroma[part],
        labels.energy[part],
    )


def corpus_clip(style: str, seed: int, frames: int) -> Clip:
    """A track of the corpus."""
    track = STYLES[style](seed, frames)
    return Clip(np.ascontiguousarray(track.mix.T), track.labels)


def mixed_labels(of: Labels, density: Labels, chroma: Labels, energy: Labels) -> Labels:
    """Tempo and beats of one track, every other control of another: each is legal, none belongs."""
    return replace(of, density=density.density, chroma=chroma.chroma, energy=energy.energy)


def labelled_timeline(labels: Labels, manifest: Manifest) -> ControlTimeline:
    """A timeline whose controls from START_FRAME on are the labels, within the model's ranges.

    Controls that the model does not know keep their defaults.
    """
    known = [name for name in ("tempo", "density", "energy") if name in manifest.controls]
    lanes = {}
    for name in known:
        span = manifest.span(name)
        values = labels.tempo_bpm if name == "tempo" else getattr(labels, name)
        lanes[name] = np.clip(values.astype(np.float64), span.low, span.high)
    tempo = float(lanes["tempo"][0]) if "tempo" in lanes else manifest.span("tempo").default
    start = float(labels.beat_position[0]) - START_FRAME * beats_per_frame(tempo)
    firsts = {name: float(values[0]) for name, values in lanes.items()}
    chroma = labels.chroma.astype(np.float64)
    timeline = ControlTimeline(firsts | {CHROMA: tuple(chroma[0])}, origin=start)
    for name, values in lanes.items():
        for i in np.flatnonzero(np.diff(values)) + 1:
            timeline.set(name, float(values[i]), START_FRAME + int(i))
    for i in np.flatnonzero(np.any(np.diff(chroma, axis=0) != 0, axis=1)) + 1:
        timeline.set(CHROMA, tuple(chroma[i]), START_FRAME + int(i))
    return timeline


def played(renderer: Renderer, seed: int, timeline: ControlTimeline, frames: int) -> Stereo:
    """The model's samples (frames * 2048, 2) from START_FRAME on."""
    return renderer.render(Voice(seed), timeline, START_FRAME, frames)


def played_anew(renderer: Renderer, seed: int, timeline: ControlTimeline, frames: int) -> Stereo:
    """The same with other anchors and another style in every short window.

    This is what a generator does that is not told what came before its context. Windows are joined
    by equal-power fades of 10 ms, as takes are.
    """
    out = np.zeros((frames * HOP, 2), np.float32)
    angle = np.linspace(0, np.pi / 2, FADE_SAMPLES, dtype=np.float32)[:, None]
    for first in range(0, frames, ANEW_FRAMES):
        n = min(ANEW_FRAMES, frames - first)
        voice = Voice(seed + (first // ANEW_FRAMES + 1) * 1_000_003)
        made = renderer.block(voice, timeline, START_FRAME + first, n + 1)
        at, stop = first * HOP, min((first + n) * HOP + FADE_SAMPLES, len(out))
        made = made[: stop - at]
        if first > 0:
            made[:FADE_SAMPLES] *= np.sin(angle)
        if stop < len(out):
            made[-FADE_SAMPLES:] *= np.cos(angle)
        out[at:stop] += made
    return out

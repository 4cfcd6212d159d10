"""Bars that repeat, music that goes on from where it was let go, styles that glide."""

from __future__ import annotations

import numpy as np

from rtgen.bundle.load import Bundle
from rtgen.stream.gestures import looped, next_bar, released, toward
from rtgen.stream.renderer import Renderer
from rtgen.timeline.coordinates import anchor_inputs
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import FRAMES_PER_SECOND
from rtgen.timeline.voice import Voice

TEMPO = 128.0
BAR = 4 * 60 / TEMPO * FRAMES_PER_SECOND


def test_a_loop_begins_with_the_bar_that_is_heard_and_is_as_long_as_its_bars() -> None:
    timeline = ControlTimeline({"tempo": TEMPO})
    frame = round(10.4 * BAR)
    loop = looped(Voice(5), timeline, frame, 2).loop
    assert loop is not None
    assert loop.start == round(10 * BAR)
    assert loop.length == 2 * BAR
    # However often it repeats, it stays with the beat.
    late = loop.start + round(1000 * loop.length)
    assert abs(int(loop.fold(np.asarray([late]))[0]) - loop.start) <= 1


def test_what_repeats_sounds_alike_and_what_is_not_looped_does_not(techno: Bundle) -> None:
    timeline = ControlTimeline({"tempo": TEMPO})
    renderer = Renderer(techno)
    voice = looped(Voice(5), timeline, round(8.2 * BAR), 1)
    n = round(BAR)

    def bar(of: Voice, k: int) -> np.ndarray:
        made = renderer.render(of, timeline, round(k * BAR), n).mean(1)
        return np.abs(np.fft.rfft(made.reshape(n * 4, -1), axis=1))

    def alike(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.corrcoef(np.log(a + 1e-3).ravel(), np.log(b + 1e-3).ravel())[0, 1])

    free = alike(bar(Voice(5), 10), bar(Voice(5), 30))
    assert alike(bar(voice, 10), bar(voice, 30)) > free + 0.05


def test_let_go_it_goes_on_from_where_it_was() -> None:
    timeline = ControlTimeline({"tempo": TEMPO})
    voice = looped(Voice(5), timeline, 400, 4)
    assert voice.loop is not None
    frame = voice.loop.start + round(3.3 * voice.loop.length)
    freed = released(voice, frame)
    assert freed.loop is None
    before = anchor_inputs(5, frame, 1, voice.loop)
    after = anchor_inputs(5, frame, 50, freed.loop, freed.shift)
    assert np.array_equal(before[0], after[0])
    place = int(voice.loop.fold(np.asarray([frame]))[0])
    assert np.array_equal(after, anchor_inputs(5, place, 50))
    again = looped(freed, timeline, frame + 500, 2)
    assert again.shift == freed.shift


def test_a_morph_keeps_what_is_heard_and_leads_to_the_other() -> None:
    voice, there = toward(Voice(5, style_a=1), 0.0, 9)
    assert (voice.style_a, voice.style_b, there) == (1, 9, 1.0)
    back, there = toward(voice, 1.0, 7)
    assert (back.style_a, back.style_b, there) == (7, 9, 0.0)


def test_the_next_bar_is_the_next_bar() -> None:
    clock = ControlTimeline({"tempo": TEMPO}).clock
    for frame in (1, 100, 12345):
        bar = next_bar(clock, frame)
        assert bar >= frame
        assert clock.beat(bar) // 4 > clock.beat(bar - 1) // 4

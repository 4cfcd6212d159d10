"""A take may begin before the stream does: silence, then the stream's own first samples."""

from __future__ import annotations

import numpy as np
import pytest

from rtgen.audio.resample import Resampler
from rtgen.bundle.load import Bundle
from rtgen.stream.renderer import Renderer, Voice
from rtgen.stream.takes import Floats, TakeSource
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP


def heard(renderer: Renderer, rate: int, start: int, until: int) -> Floats:
    """Samples from a start on."""
    take = TakeSource(renderer, Resampler(rate), Voice(7), ControlTimeline(), start)
    parts = []
    while take.next_output < until:
        parts.append(take.advance(4))
    return np.concatenate(parts)[: until - start]


@pytest.mark.parametrize("rate", [44100, 48000, 22050])
def test_sound_after_silence_is_the_sound_from_the_start(tiny: Bundle, rate: int) -> None:
    renderer = Renderer(tiny)
    whole = heard(renderer, rate, 0, rate)
    assert np.abs(whole).max() > 0.01
    for start in (-1, -500, -3 * rate):
        late = heard(renderer, rate, start, rate)
        assert np.array_equal(late[-start:], whole)
        assert not late[: max(-start - 200, 0)].any()


def test_a_start_in_the_far_past_takes_no_memory(tiny: Bundle) -> None:
    take = TakeSource(Renderer(tiny), Resampler(48000), Voice(7), ControlTimeline(), -(2**58))
    silence = take.advance(4)
    assert not silence.any()
    assert 0 < len(silence) <= 5 * HOP
    assert take.next_output == -(2**58) + len(silence)

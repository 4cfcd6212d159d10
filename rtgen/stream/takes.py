"""One take in the making: renders onwards from a start and gives samples at the device's rate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rtgen.audio.resample import Resampler
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP

Floats = npt.NDArray[np.float32]


class TakeSource:
    """Samples from a start position on, chunk by chunk; chunks may have any size.

    Parameters
    ----------
    start : first sample, a position at the device's rate.
    """

    def __init__(
        self,
        renderer: Renderer,
        resampler: Resampler,
        voice: Voice,
        timeline: ControlTimeline,
        start: int,
    ) -> None:
        self._renderer, self._resampler = renderer, resampler
        self._voice, self._timeline = voice, timeline
        first_input = max(resampler.inputs(start, 1)[0], 0)
        self.next_frame = first_input // HOP
        self.next_output = start
        self._held: Floats = np.zeros((0, 2), np.float32)
        self._held_from = self.next_frame * HOP
        if resampler.inputs(start, 1)[0] < 0:  # before the stream's first sample there is silence
            missing = -resampler.inputs(start, 1)[0]
            self._held, self._held_from = np.zeros((missing, 2), np.float32), -missing

    def advance(self, frames: int) -> Floats:
        """Render `frames` more frames; the samples (n, 2) that are complete now."""
        made = self._renderer.block(self._voice, self._timeline, self.next_frame, frames)
        self.next_frame += frames
        self._held = np.concatenate([self._held, made])
        stop = self._resampler.outputs_until(self._held_from + len(self._held))
        count = max(stop - self.next_output, 0)
        if count == 0:
            return np.zeros((0, 2), np.float32)
        out = self._resampler(self._held, self._held_from, self.next_output, count)
        self.next_output += count
        keep_from = max(self._resampler.inputs(self.next_output, 1)[0], self._held_from)
        self._held = self._held[keep_from - self._held_from :]
        self._held_from = keep_from
        return np.ascontiguousarray(out)

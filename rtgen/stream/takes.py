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
        # Before the stream's first sample there is silence, however long before.
        self._silent_until = resampler.outputs_until(0)
        first_input = resampler.inputs(max(start, self._silent_until), 1)[0]
        self.next_frame = max(first_input, 0) // HOP
        self.next_output = start
        self._held: Floats = np.zeros((max(-first_input, 0), 2), np.float32)
        self._held_from = self.next_frame * HOP - len(self._held)

    def advance(self, frames: int) -> Floats:
        """Render `frames` more frames; the samples (n, 2) that are complete now."""
        if self.next_output < self._silent_until:
            return self._be_silent(frames)
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

    def _be_silent(self, frames: int) -> Floats:
        most = frames * HOP * self._resampler.up // self._resampler.down
        count = min(most, self._silent_until - self.next_output)
        self.next_output += count
        return np.zeros((count, 2), np.float32)

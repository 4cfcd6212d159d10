"""The renderer: a pure function from (bundle, seed, timeline, first frame, frames) to samples.

Frames come out of blocks of one absolute grid, so equal questions give equal bits however they are
cut. A live take may ask for a smaller first block; it differs in the last digits only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from rtgen.audio.synthesis import HOP, DecodedFrames, soft_ceiling, synthesise
from rtgen.bundle.load import Bundle
from rtgen.stream.sessions import Nets
from rtgen.timeline.conditioning import GIVEN_DENSITY, without_density
from rtgen.timeline.coordinates import Loop, anchor_inputs
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.noise import style_vector

BLOCK_FRAMES = 64
LONG_BLOCK_FRAMES = 256
"""Grid of offline rendering: longer blocks spend less on margins."""
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Voice:
    """What is played besides the controls: seed of the anchors, two styles to morph between.

    Attributes
    ----------
    truncation : how far a style may be from the average one, 0 (all alike) to 1 (as trained).
    """

    seed: int
    style_a: int | None = None
    style_b: int | None = None
    loop: Loop | None = None
    truncation: float = 1.0

    def style(self, morph: npt.NDArray[np.float64]) -> Floats:
        """Style per frame (n, 32): a spherical morph from style A to style B."""
        share = np.float32(self.truncation)
        a = share * style_vector(self.seed if self.style_a is None else self.style_a)
        if self.style_b is None or not morph.any():
            return np.tile(a, (len(morph), 1))
        b = share * style_vector(self.style_b)
        mixed = np.outer(np.cos(morph * np.pi / 2), a) + np.outer(np.sin(morph * np.pi / 2), b)
        return mixed.astype(np.float32)


@cache
def _one_blas_thread() -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


class Renderer:
    """Makes any stretch of a stream.

    Parameters
    ----------
    bundle : a loaded bundle.
    precision : "fp32" or "int8" (the decoder's).
    threads : of onnxruntime; does not change a bit of the result.
    block_frames : size of the absolute grid.

    Notes
    -----
    Making one sets the BLAS library of the process to one thread, for good: with more, sums come
    out in another order, and the small products here only get slower.
    """

    def __init__(
        self,
        bundle: Bundle,
        precision: str = "fp32",
        threads: int = 1,
        block_frames: int = BLOCK_FRAMES,
    ) -> None:
        _one_blas_thread()
        self.bundle = bundle
        self.block_frames = block_frames
        self.frames_made = 0
        self._nets = Nets(bundle, precision, threads)
        self._margins = bundle.manifest.margins
        self._guidance = bundle.manifest.density_guidance
        self._lead_seconds = bundle.manifest.beat_lead_ms / 1000

    def render(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Samples (n * 2048, 2) of frames first .. first + n - 1, cut from blocks of the grid."""
        size = self.block_frames
        parts = []
        for block in range(first // size, -(-(first + n) // size)):
            at = block * size
            samples = self.block(voice, timeline, at, size)
            low, high = max(first - at, 0), min(first + n - at, size)
            parts.append(samples[low * HOP : high * HOP])
        return np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)

    def block(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Samples (n * 2048, 2), made in one piece, off the grid."""
        m = self._margins
        # The synthesis wants one frame on each side, the decoder its own margins around those.
        start = first - 1 - m.decoder_left
        count = n + 2 + m.decoder_left + m.decoder_right
        latents = self.latents(voice, timeline, start, count)
        decoded = DecodedFrames(*self._nets.decode(latents))
        self.frames_made += n
        return soft_ceiling(synthesise(decoded, first, voice.seed))

    def latents(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Latents (n, 64) of frames first .. first + n - 1."""
        m = self._margins
        begin, behind = first - m.head_left, n + m.head_left
        anchors = anchor_inputs(
            voice.seed, begin - m.trunk_left, behind + m.trunk_left + m.trunk_right, voice.loop
        )
        style = voice.style(timeline.values("morph", begin, behind))
        controls = timeline.conditioning(begin, behind, self._lead_seconds)
        variation = timeline.variation(begin, behind)
        asked = self._nets.generate(anchors, style, controls, variation)
        if self._guidance == 1.0 or not controls[:, GIVEN_DENSITY].any():
            return asked
        # Classifier-free guidance (Ho & Salimans 2022): away from what a free density would give.
        free = self._nets.generate(anchors, style, without_density(controls), variation)
        return free + np.float32(self._guidance) * (asked - free)

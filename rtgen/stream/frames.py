"""Samples from a bundle of frames: anchors to latents to sound, any stretch from its margins."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rtgen.audio.synthesis import DecodedFrames, soft_ceiling, synthesise
from rtgen.bundle.load import Bundle
from rtgen.stream.sessions import Nets
from rtgen.timeline.conditioning import left_free
from rtgen.timeline.coordinates import anchor_inputs
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.voice import Voice

Floats = npt.NDArray[np.float32]


class FrameMaker:
    """Makes frames of a bundle of frames; see `Renderer` for the parameters."""

    def __init__(self, bundle: Bundle, precision: str, threads: int) -> None:
        manifest = bundle.frames
        self._nets = Nets(bundle, precision, threads)
        self._margins = manifest.margins
        self._guidance, self._guided = manifest.guided
        self._lead_seconds = manifest.beat_lead_ms / 1000
        self._beat = manifest.has_beat

    def samples(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Samples (n * 2048, 2) of frames first .. first + n - 1, made in one piece."""
        m = self._margins
        # The synthesis wants one frame on each side, the decoder its own margins around those.
        start = first - 1 - m.decoder_left
        count = n + 2 + m.decoder_left + m.decoder_right
        latents = self.latents(voice, timeline, start, count)
        decoded = DecodedFrames(*self._nets.decode(latents))
        return soft_ceiling(synthesise(decoded, first, voice.seed))

    def latents(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Latents (n, 64) of frames first .. first + n - 1."""
        m = self._margins
        begin, behind = first - m.head_left, n + m.head_left
        anchors = anchor_inputs(
            voice.seed,
            begin - m.trunk_left,
            behind + m.trunk_left + m.trunk_right,
            voice.loop,
            voice.shift,
        )
        style = voice.style(timeline.values("morph", begin, behind))
        controls = timeline.conditioning(begin, behind, self._lead_seconds, self._beat)
        variation = timeline.variation(begin, behind)
        asked = self._nets.generate(anchors, style, controls, variation)
        if self._guidance == 1.0 or not controls[:, self._guided].any():
            return asked
        # Classifier-free guidance (Ho & Salimans 2022): away from what would be free.
        left = left_free(controls, self._guided)
        free = self._nets.generate(anchors, style, left, variation)
        return free + np.float32(self._guidance) * (asked - free)

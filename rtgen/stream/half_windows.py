"""Samples from a bundle of half-windows: whole halves of latents, decoded group by group.

A half is a pure function of its index, the seed, the styles and the values of the controls; it is
made whole, since the generator looks at all of it. A group takes the values at its own first frame,
so a control is heard from the next group on and changes nothing before. Halves meet without a seam
as their coordinates lie on one line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rtgen.audio import spectra
from rtgen.bundle.half_windows import HalfWindowManifest
from rtgen.bundle.load import Bundle
from rtgen.errors import BundleError
from rtgen.stream.sessions import decoder_file, open_session
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.half_line import half_line, half_style
from rtgen.timeline.noise import GROUP_NOISE, HALF_NOISE, normal_at
from rtgen.timeline.units import HOP
from rtgen.timeline.voice import Voice

HALVES_KEPT, GROUPS_KEPT = 16, 32
Floats = npt.NDArray[np.float32]
FADE: Floats = np.sin(np.pi / 2 * (np.arange(HOP) + 0.5) / HOP, dtype=np.float32)[:, None]


@dataclass(frozen=True)
class _View:
    """What a half is made of, besides its index."""

    seed: int
    style_a: int
    style_b: int | None
    morph: float
    variation: float
    condition: float | None


class HalfWindowMaker:
    """Makes frames of a bundle of half-windows; see `Renderer` for the parameters."""

    def __init__(
        self, bundle: Bundle, manifest: HalfWindowManifest, precision: str, threads: int
    ) -> None:
        self._manifest = manifest
        decoder = decoder_file(precision)
        self._generator = open_session(bundle.graph("generator.onnx"), threads, "generator.onnx")
        self._decoder = open_session(bundle.graph(decoder), threads, decoder)
        self._half = lru_cache(HALVES_KEPT)(self._make_half)
        self._group = lru_cache(GROUPS_KEPT)(self._make_group)
        self._try()

    def samples(self, voice: Voice, timeline: ControlTimeline, first: int, n: int) -> Floats:
        """Samples (n * 2048, 2) of frames first .. first + n - 1, cut from whole groups."""
        late = _lateness(voice, first - 1, n + 1)
        starts = sorted({1, *(np.flatnonzero(np.diff(late)) + 1).tolist()})
        parts = []
        for start, stop in zip(starts, [*starts[1:], n + 1], strict=True):
            at, before, own = first + start - 1, int(late[start - 1]), int(late[start])
            made = self._stretch(voice, timeline, at, stop - start, own)
            if before != own:  # a repeat fades in over what would have gone on
                made[:HOP] *= FADE
                made[:HOP] += self._stretch(voice, timeline, at, 1, before) * FADE[::-1]
            parts.append(made)
        return np.clip(np.concatenate(parts), -1, 1)

    def _stretch(
        self, voice: Voice, timeline: ControlTimeline, first: int, n: int, late: int
    ) -> Floats:
        """Samples (n * 2048, 2) of frames that all come equally late."""
        size = self._manifest.group_frames
        place = first - late
        parts = []
        for group in range(place // size, -(-(place + n) // size)):
            at = group * size
            low, high = max(place - at, 0), min(place + n - at, size)
            joined = self._joined(voice, timeline, group, late)
            parts.append(joined[low * HOP : high * HOP])
        return np.concatenate(parts)

    def _joined(self, voice: Voice, timeline: ControlTimeline, group: int, late: int) -> Floats:
        """Samples (group_frames * 2048, 2) of a group, with what the one before leaves in it."""
        length = self._manifest.group_frames * HOP
        if group < 0:  # before the stream's first sample there is silence
            return np.zeros((length, 2), np.float32)
        own = self._group(self._view(voice, timeline, group, late), group)
        out = own[:, :length].copy()
        if group > 0:
            before = self._group(self._view(voice, timeline, group - 1, late), group - 1)
            before = before[:, length:]
            out[:, : before.shape[1]] += before
        return out.T

    def _view(self, voice: Voice, timeline: ControlTimeline, group: int, late: int) -> _View:
        m, frame = self._manifest, group * self._manifest.group_frames + late

        def value(name: str) -> float:
            return float(timeline.values(name, frame, 1)[0])

        condition = None
        if m.condition is not None:
            span, asked = m.span(m.condition.control), value(m.condition.control)
            asked = span.default if math.isnan(asked) else asked
            share = (asked - span.low) / max(span.high - span.low, 1e-9)
            condition = m.condition.low + share * (m.condition.high - m.condition.low)
        return _View(
            voice.seed,
            voice.seed if voice.style_a is None else voice.style_a,
            voice.style_b,
            0.0 if voice.style_b is None else value("morph"),
            value("variation"),
            condition,
        )

    def _make_group(self, view: _View, group: int) -> Floats:
        """Samples (2, group_frames * 2048 + tail) of one group alone."""
        m = self._manifest
        half, within = divmod(group * m.group_latents, m.half_latents)
        latents = self._half(view, half)[within : within + m.group_latents]
        both = np.stack(np.split(latents, 2, axis=1))  # (2, group_latents, L), left first
        rows = np.array([2 * group, 2 * group + 1], np.int64)
        noise = normal_at(view.seed, GROUP_NOISE, rows, m.decoder_noise)
        magnitude, phase = self._decoder.run(
            ["magnitude", "phase"], {"latents": both, "noise": noise}
        )
        return spectra.overlapped(magnitude, phase, m.mean_db, m.spread_db, m.widening)

    def _make_half(self, view: _View, half: int) -> Floats:
        """Latents (half_latents, 2 L) of one half."""
        m = self._manifest
        noise = normal_at(view.seed, HALF_NOISE, np.array([half], np.int64), m.generator_noise)
        feed = {"coordinates": self._coordinates(view, half)[None], "noise": noise}
        latents: Floats = self._generator.run(["latents"], feed)[0][0]
        return latents

    def _coordinates(self, view: _View, half: int) -> Floats:
        """Anchors, style and condition (half_latents, C) of one half."""
        m, n = self._manifest, self._manifest.half_latents
        line = half_line(
            view.seed,
            half * n,
            n,
            m.anchor_latents,
            m.first_coordinate,
            m.anchor_channels,
            m.anchor_bound,
        )
        style = half_style(view.style_a, m.style_channels, m.style_bound)
        if view.style_b is not None:
            other = half_style(view.style_b, m.style_channels, m.style_bound)
            turn = view.morph * math.pi / 2
            style = np.float32(math.cos(turn)) * style + np.float32(math.sin(turn)) * other
        parts = [np.float32(view.variation) * line, np.tile(style, (n, 1))]
        if view.condition is not None:
            parts.append(np.full((n, 1), view.condition, np.float32))
        return np.concatenate(parts, axis=1)

    def _try(self) -> None:
        """Make one group: a manifest may promise what its graphs do not do."""
        m = self._manifest
        condition = None if m.condition is None else m.condition.low
        try:
            made = self._make_group(_View(0, 0, None, 0.0, 1.0, condition), 0)
        except Exception as error:
            raise self._unfit() from error
        length = m.group_frames * HOP + spectra.TAIL * spectra.HOP * m.widening
        if made.shape != (2, length) or not np.isfinite(made).all():
            raise self._unfit()

    def _unfit(self) -> BundleError:
        return BundleError(
            f"the graphs of {self._manifest.name} do not do what its manifest says",
            value=self._manifest.name,
            hint="import the model again",
        )


def _lateness(voice: Voice, first: int, n: int) -> npt.NDArray[np.int64]:
    """By how many frames each of n frames comes later than without loops."""
    frames = np.arange(first, first + n, dtype=np.int64)
    folded = frames if voice.loop is None else voice.loop.fold(frames)
    return frames - folded + voice.shift

"""Whether it can be heard where a stream was put together.

Places where pieces meet are compared with other places of the same stream by two measures: a click
is a jump against the roughness around it, a change is how unlike the spectra just before and just
after are. The figure is the chance that a seam measures higher than another place: 0.5 is no seam
at all, 1 is one that always shows (the area under the curve of a detector, by Mann & Whitney).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rtgen.evaluate.clips import Stereo
from rtgen.stream.renderer import BLOCK_FRAMES
from rtgen.timeline.coordinates import LINES
from rtgen.timeline.units import HOP

CLICK_REACH, ROUGH_REACH = 32, 1024
CHANGE_WINDOW = 1024
BANDS = 24
ANCHOR_FRAMES, SLOW_FRAMES = (spacing for _, spacing, _ in LINES[:2])
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
"""Positions in samples."""


def places(frames: int) -> dict[str, Places]:
    """Seams by kind, and `elsewhere`, in a stream that begins on every grid.

    `chunk` is where blocks of the renderer meet, `anchor` and `slow_anchor` where lines between
    anchors bend, `frame` where any other frame begins; `elsewhere` is the middle of frames.
    """
    at = np.arange(1, frames - 1, dtype=np.int64)
    chunk, anchor, slow = (at % n == 0 for n in (BLOCK_FRAMES, ANCHOR_FRAMES, SLOW_FRAMES))
    return {
        "chunk": at[chunk & ~anchor] * HOP,
        "anchor": at[anchor] * HOP,
        "slow_anchor": at[slow & ~chunk & ~anchor] * HOP,
        "frame": at[~(chunk | anchor | slow)] * HOP,
        "elsewhere": at * HOP + HOP // 2,
    }


def clicks(mono: npt.NDArray[np.floating], at: Places) -> Floats:
    """Level in dB of the largest second difference around each place against those near it."""
    rough = np.zeros(len(mono))
    rough[1:-1] = np.abs(np.diff(mono, 2))
    around = np.arange(-ROUGH_REACH, ROUGH_REACH)
    near = np.abs(around + 0.5) < CLICK_REACH
    found = []
    for part in np.array_split(at, max(len(at) // 512, 1)):
        windows = rough[part[:, None] + around]
        far = np.sqrt((windows[:, ~near] ** 2).mean(1))
        found.append(20 * np.log10((windows[:, near].max(1) + 1e-9) / (far + 1e-9)))
    return np.concatenate(found)


def changes(mono: npt.NDArray[np.floating], at: Places) -> Floats:
    """Mean difference in dB between the bands of 23 ms just before and just after each place."""
    window = np.hanning(CHANGE_WINDOW)
    edges = np.unique(np.geomspace(1, CHANGE_WINDOW // 2, BANDS + 1).round().astype(int))
    found = []
    for part in np.array_split(at, max(len(at) // 512, 1)):
        sides = []
        for first in (-CHANGE_WINDOW, 0):
            samples = mono[part[:, None] + np.arange(first, first + CHANGE_WINDOW)]
            power = np.abs(np.fft.rfft(samples * window)) ** 2
            sides.append(10 * np.log10(np.add.reduceat(power, edges[:-1], axis=1) + 1e-9))
        found.append(np.abs(sides[1] - sides[0]).mean(1))
    return np.concatenate(found)


def chance_of_higher(seams: Floats, elsewhere: Floats) -> float:
    """How often a random seam measures higher than a random other place; ties count half."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([seams, elsewhere]))[: len(seams)].sum()
    n, m = len(seams), len(elsewhere)
    return float((ranks - n * (n + 1) / 2) / (n * m))


@dataclass
class Seams:
    """Gathers streams of one system."""

    found: dict[tuple[str, str], list[Floats]] = field(default_factory=dict)

    def add(self, audio: Stereo) -> None:
        """A stream (frames * 2048, 2) that begins on every grid."""
        mono = audio.mean(1)
        for kind, at in places(len(audio) // HOP).items():
            for name, measure in (("click", clicks), ("change", changes)):
                if len(at):
                    self.found.setdefault((kind, name), []).append(measure(mono, at))

    def figures(self) -> dict[str, float | None]:
        """`seam_<kind>_<measure>`: a frame against the middles of frames, else against frames."""
        joined = {key: np.concatenate(parts) for key, parts in self.found.items()}
        return {
            f"seam_{kind}_{name}": chance_of_higher(
                values, joined["elsewhere" if kind == "frame" else "frame", name]
            )
            for (kind, name), values in joined.items()
            if kind != "elsewhere"
        }

"""What is played besides the controls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtgen.timeline.coordinates import Loop
from rtgen.timeline.noise import style_vector


@dataclass(frozen=True)
class Voice:
    """Seed of the anchors, two styles to morph between, and what repeats.

    Attributes
    ----------
    loop : the frames that repeat, if any.
    shift : how many frames the loops before have put off the rest.
    truncation : how far a style may be from the average one, 0 (all alike) to 1 (as trained).
    """

    seed: int
    style_a: int | None = None
    style_b: int | None = None
    loop: Loop | None = None
    shift: int = 0
    truncation: float = 1.0

    def style(self, morph: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Style per frame (n, 32): a spherical morph from style A to style B."""
        share = np.float32(self.truncation)
        a = share * style_vector(self.seed if self.style_a is None else self.style_a)
        if self.style_b is None or not morph.any():
            return np.tile(a, (len(morph), 1))
        b = share * style_vector(self.style_b)
        mixed = np.outer(np.cos(morph * np.pi / 2), a) + np.outer(np.sin(morph * np.pi / 2), b)
        return mixed.astype(np.float32)

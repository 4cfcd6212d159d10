"""Arrays that are used again: fresh ones of this size cost more than the arithmetic in them."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt


class Scratch(threading.local):
    """Arrays by name, one set per thread. What was in one is undefined when it is asked for again;
    nothing that outlives a call may be a view of one."""

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[Any]] = {}

    def __call__(
        self, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
    ) -> npt.NDArray[Any]:
        """A contiguous array of the shape; zeros the first time it is needed this large."""
        size = math.prod(shape)
        held = self._held.get(name)
        if held is None or len(held) < size:
            held = self._held[name] = np.zeros(size, dtype)
        return held[:size].reshape(shape)

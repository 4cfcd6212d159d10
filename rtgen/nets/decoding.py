"""Latents made audible: a decoder as it was exported, and the synthesis behind it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch

from rtgen.audio.synthesis import DecodedFrames, soft_ceiling, synthesise

Decode = Callable[[torch.Tensor], DecodedFrames]
"""Latents (1, T + margins, 64) to what the decoder says of T frames."""


def graph_decoder(graph: bytes) -> Decode:
    """A decoder's graph, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    names = ["tones", "width", "noise", "low"]

    def decode(latents: torch.Tensor) -> DecodedFrames:
        return DecodedFrames(*(x[0] for x in session.run(names, {"latents": latents.numpy()})))

    return decode


def sound(decoded: DecodedFrames, seed: int) -> npt.NDArray[np.float32]:
    """Samples ((T - 2) * 2048, 2), as they are played; the seed is that of the noise."""
    return soft_ceiling(synthesise(decoded, 1, seed))

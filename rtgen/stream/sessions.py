"""onnxruntime sessions set up for a stream: explicit threads, no spinning, denormals flushed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rtgen.bundle.load import Bundle
from rtgen.bundle.manifest import Margins
from rtgen.errors import BundleError

PRECISIONS = {"fp32": "decoder.onnx", "int8": "decoder.int8.onnx"}
"""The decoder of each."""
GENERATORS = {"fp32": "generator.onnx", "int8": "generator.int8.onnx"}
"""The generator of each; a bundle that lacks one plays the first in its place."""
Array = npt.NDArray[np.float32]


def open_session(graph: bytes, threads: int, name: str) -> Any:
    """An InferenceSession on the CPU.

    Raises
    ------
    BundleError when onnxruntime cannot use the graph.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises bare RuntimeError subclasses of its own
        raise BundleError(
            f"onnxruntime cannot open {name}",
            value=str(error).splitlines()[0],
            hint="the bundle is damaged or made for a newer version",
        ) from error


def decoder_file(precision: str) -> str:
    """The decoder of a precision.

    Raises
    ------
    BundleError for an unknown one.
    """
    if precision not in PRECISIONS:
        raise BundleError(f"unknown precision '{precision}'", value=precision, hint="fp32 or int8")
    return PRECISIONS[precision]


class Nets:
    """The two graphs of a bundle of frames as plain functions on arrays."""

    def __init__(self, bundle: Bundle, precision: str = "fp32", threads: int = 1) -> None:
        decoder = decoder_file(precision)
        generator = GENERATORS[precision]
        if generator not in bundle.graphs:
            generator = GENERATORS["fp32"]
        self._generator = open_session(bundle.graph(generator), threads, generator)
        self._decoder = open_session(bundle.graph(decoder), threads, decoder)
        self._try(bundle, bundle.frames.margins)

    def _try(self, bundle: Bundle, m: Margins) -> None:
        """Make two frames: a manifest may promise margins that its graphs do not have."""
        n, reach = 2, m.decoder_left + m.decoder_right
        behind = n + m.head_left
        try:
            made = self.generate(
                np.zeros((behind + m.trunk_left + m.trunk_right, 56), np.float32),
                *(np.zeros((behind, channels), np.float32) for channels in (32, 32, 1)),
            )
            decoded = self.decode(np.zeros((n + reach, 64), np.float32))
        except Exception as error:
            raise _unfit(bundle, m) from error
        if any(len(part) != n for part in (made, *decoded)):
            raise _unfit(bundle, m)

    def generate(self, anchors: Array, style: Array, controls: Array, variation: Array) -> Array:
        """Latents (T, 64) from (T + margins, channels) each."""
        feed = {
            "anchors": anchors[None],
            "style": style[None],
            "controls": controls[None],
            "variation": variation[None],
        }
        latents: Array = self._generator.run(["latents"], feed)[0][0]
        return latents

    def decode(self, latents: Array) -> tuple[Array, Array, Array, Array]:
        """Tones, width, noise and low (T, ...) from latents (T + margins, 64)."""
        out = self._decoder.run(["tones", "width", "noise", "low"], {"latents": latents[None]})
        return out[0][0], out[1][0], out[2][0], out[3][0]


def _unfit(bundle: Bundle, margins: Margins) -> BundleError:
    return BundleError(
        f"the graphs of {bundle.manifest.name} do not fit its margins",
        value=margins,
        hint="export the model again",
    )

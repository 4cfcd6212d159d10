"""A statically quantised (QDQ, int8) decoder: its scales cannot depend on a chunk."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process


class _Latents(CalibrationDataReader):
    def __init__(self, chunks: list[npt.NDArray[np.float32]]) -> None:
        self._chunks = iter(chunks)

    def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
        chunk = next(self._chunks, None)
        return None if chunk is None else {"latents": chunk}


def quantise_decoder(source: bytes, chunks: list[npt.NDArray[np.float32]]) -> bytes:
    """Quantise the matrix products of a decoder.

    Parameters
    ----------
    source : fp32 graph whose initialisers are single precision.
    chunks : calibration latents, each (1, T, 64), generated and real.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, ready, done = (Path(folder) / n for n in ("plain.onnx", "ready.onnx", "done.onnx"))
        plain.write_bytes(source)
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantize_static(
            str(ready),
            str(done),
            _Latents(chunks),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
        return done.read_bytes()


def log_spectral_distance_db(a: bytes, b: bytes, chunks: list[npt.NDArray[np.float32]]) -> float:
    """Mean absolute difference in dB of all sounding amplitudes that two decoders say."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    first, second = (
        onnxruntime.InferenceSession(g, options, providers=["CPUExecutionProvider"]) for g in (a, b)
    )
    differences = []
    for chunk in chunks:
        names = ["tones", "noise"]
        for x, y in zip(
            first.run(names, {"latents": chunk}), second.run(names, {"latents": chunk}), strict=True
        ):
            x, y = (np.clip(v, -9.0, 2.0) for v in (x, y))
            sounding = (x > -8.0) | (y > -8.0)
            differences.append(np.abs(x - y)[sounding] * 20 / np.log(10))
    return float(np.concatenate(differences).mean())

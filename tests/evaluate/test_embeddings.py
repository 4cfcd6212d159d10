"""Texture statistics mean what they say; any ONNX file that reads sound will do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from rtgen.errors import EvaluationError
from rtgen.evaluate import front_ends
from rtgen.evaluate.clips import corpus_clip, frames_of
from rtgen.evaluate.embeddings import BANDS, DIMENSIONS, GROUPS, OnnxEmbedding, Texture
from rtgen.evaluate.frechet import Scale, frechet
from rtgen.evaluate.gathered import Gathered
from tests.evaluate.signals import clicks_at, noise, sines, stereo

TEXTURE = Texture()
MODULATIONS = slice(BANDS, BANDS + 5 * GROUPS)
WIDTH = slice(BANDS + 5 * GROUPS + 10, BANDS + 5 * GROUPS + 15)
CHROMA = slice(-GROUPS - 6, -GROUPS)


def mean(audio: np.ndarray) -> np.ndarray:
    return TEXTURE(audio).mean(0)


@pytest.mark.parametrize(("seconds", "windows"), [(2.0, 0), (3.1, 1), (6.1, 3), (12.1, 7)])
def test_a_window_of_three_seconds_begins_every_one_and_a_half(
    seconds: float, windows: int
) -> None:
    assert TEXTURE(noise(seconds)).shape == (windows, DIMENSIONS)


def test_levels_follow_the_gain_and_nothing_else_does() -> None:
    sound = noise(4.0)
    change = mean(sound) - mean(sound / 2)
    assert change[:BANDS] == pytest.approx(6.02, abs=0.01)
    assert change[BANDS:] == pytest.approx(0.0, abs=0.05)


def test_a_pulse_is_heard_as_modulation_of_its_octave() -> None:
    pulsed = noise(6.0) * (np.sin(2 * np.pi * 6.0 * np.arange(6 * 44100) / 44100) > 0)[:, None]
    rise = mean(pulsed.astype(np.float32))[MODULATIONS] - mean(noise(6.0))[MODULATIONS]
    by_octave = rise.reshape(GROUPS, 5).mean(0)
    assert by_octave.argmax() == 2  # 4 to 8 Hz
    assert by_octave[2] > 10


def test_chroma_has_the_same_shape_in_every_key() -> None:
    chord = np.array([261.63, 329.63, 392.0])
    here, there = (mean(sines(chord * 2 ** (k / 12), 4.0))[CHROMA] for k in (0, 5))
    other = mean(sines([261.63, 277.18, 293.66], 4.0))[CHROMA]
    assert np.abs(here - there).max() < 0.1 < np.abs(here - other).max()


def test_mono_is_narrow_and_noise_of_two_is_wide() -> None:
    wide = noise(4.0)
    assert mean(stereo(wide[:, 0]))[WIDTH] == pytest.approx(-40.0)
    assert mean(wide)[WIDTH] == pytest.approx(0.0, abs=1.0)


def test_silence_and_nothing_are_points_too() -> None:
    assert np.isfinite(TEXTURE(np.zeros((4 * 44100, 2), np.float32))).all()
    assert len(TEXTURE(np.zeros((100, 2), np.float32))) == 0


def test_damage_moves_a_corpus_away_from_itself_the_more_the_worse() -> None:
    clips = [corpus_clip("techno", 11_910_000 + k, frames_of(3.1)).audio for k in range(24)]
    whole = np.concatenate([TEXTURE(clip) for clip in clips])
    scale = Scale.of(whole)

    def away(damaged: list[np.ndarray]) -> float:
        points = np.concatenate([TEXTURE(clip) for clip in damaged])
        return frechet(scale(whole), scale(points))

    hiss = [away([c + noise(4.0, k, level)[: len(c)] for k, c in enumerate(clips)])
            for level in (1e-4, 1e-3, 1e-2)]  # fmt: skip
    dull = [away([np.apply_along_axis(np.convolve, 0, c, np.ones(n) / n, "same").astype(np.float32)
                  for c in clips]) for n in (2, 4, 8)]  # fmt: skip
    mono = away([stereo(c.mean(1)) for c in clips])
    assert 0 < hiss[0] < hiss[1] < hiss[2]
    assert 0 < dull[0] < dull[1] < dull[2]
    assert mono > 1


def graph(path: Path, shape: list[int | str], axes: int) -> Path:
    """Writes an embedding: mean and maximum of its samples."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[axes - 1], keepdims=1),
        helper.make_node("ReduceMax", ["x"], ["max"], axes=[axes - 1], keepdims=1),
        helper.make_node("Concat", ["mean", "max"], ["y"], axis=axes - 1),
    ]
    made = helper.make_graph(
        nodes,
        "embedding",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    opset = [helper.make_opsetid("", 13)]
    path.write_bytes(helper.make_model(made, opset_imports=opset, ir_version=9).SerializeToString())
    return path


@pytest.mark.parametrize("shape", [["n"], [1, "n"], [1, 1, "n"]])
def test_an_onnx_embedding_reads_mono_windows(tmp_path: Path, shape: list[int | str]) -> None:
    embedding = OnnxEmbedding(graph(tmp_path / "loudest.onnx", shape, len(shape)), 16000)
    points = embedding(sines([440.0], 6.1, peak=0.5))
    assert embedding.name == "loudest"
    assert points.shape == (3, 2)
    assert points[:, 0] == pytest.approx(0.0, abs=1e-3)
    assert points[:, 1] == pytest.approx(0.5, abs=0.01)


def test_a_fixed_length_is_respected(tmp_path: Path) -> None:
    embedding = OnnxEmbedding(graph(tmp_path / "short.onnx", [1, 16000], 2), 16000)
    assert len(embedding(noise(4.0), step_seconds=1.0)) == 4


def test_what_is_no_embedding_is_refused(tmp_path: Path, techno: object) -> None:
    text = tmp_path / "text.onnx"
    text.write_text("hello")
    with pytest.raises(EvaluationError, match=r"cannot open text\.onnx"):
        OnnxEmbedding(text, 16000)
    four = graph(tmp_path / "image.onnx", [1, 3, 8, 8], 4)
    with pytest.raises(EvaluationError, match="does not read samples"):
        OnnxEmbedding(four, 16000)


def test_one_that_cannot_read_its_window_says_so(tmp_path: Path) -> None:
    embedding = OnnxEmbedding(graph(tmp_path / "pairs.onnx", [2, "n"], 2), 16000)
    with pytest.raises(EvaluationError, match="pairs cannot read"):
        embedding(noise(4.0))


@pytest.mark.parametrize(
    ("reads", "shape", "windows"),
    [("vggish", [1, 1, 96, 64], 4), ("clap", ["batch", 1, "height", "width"], 3)],
)
def test_spectrograms_are_made_for_those_that_read_them(
    tmp_path: Path, reads: str, shape: list[int | str], windows: int
) -> None:
    embedding = OnnxEmbedding(graph(tmp_path / "known.onnx", shape, 4), 16000, reads)
    # One vector per frame of the spectrogram, since this graph sums over bands alone.
    frames = 96 if reads == "vggish" else 1001
    assert embedding(noise(6.1)).shape == (windows * frames, 2)


@pytest.mark.parametrize("hz", [250.0, 1000.0, 4000.0])
def test_a_sine_is_in_the_mel_band_that_holds_it(hz: float) -> None:
    def mel(x: float) -> float:
        return 1127 * np.log(1 + x / 700)

    t = np.arange(15600) / 16000
    image = front_ends.vggish(np.sin(2 * np.pi * hz * t).astype(np.float32))
    assert image.shape == (96, 64)
    band = (mel(hz) - mel(125)) / (mel(7500) - mel(125)) * 65 - 1
    assert abs(image.mean(0).argmax() - band) < 1
    loud = front_ends.clap(np.sin(2 * np.pi * hz * np.arange(480_000) / 48000).astype(np.float32))
    half = front_ends.clap(
        0.5 * np.sin(2 * np.pi * hz * np.arange(480_000) / 48000).astype(np.float32)
    )
    assert loud.shape == (1001, 64)
    top = loud[500].argmax()
    assert (loud - half)[500, top] == pytest.approx(6.02, abs=0.01)


def test_a_short_clip_is_repeated_for_clap() -> None:
    sound = noise(3.0)[:, 0]
    at_48 = np.resize(sound, 3 * 48000)
    image = front_ends.clap(at_48)
    assert np.abs(image[100:200] - image[400:500]).max() < 1e-2
    assert image[950].max() == pytest.approx(-100.0)


def test_clips_are_gathered_by_system_and_embedding(tmp_path: Path) -> None:
    other = OnnxEmbedding(graph(tmp_path / "other.onnx", [1, "n"], 2), 16000)
    heard = Gathered([TEXTURE, other], step_seconds=3.0)
    for bpm in (100.0, 120.0):
        heard.add("model", clicks_at(bpm, 6.1))
    assert [p.shape for p in heard.of(TEXTURE)["model"]] == [(2, DIMENSIONS)] * 2
    assert [p.shape for p in heard.of(other)["model"]] == [(2, 2)] * 2

"""The command: a whole report of a tiny bundle, what it leaves out, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rtgen.bundle.write import write_manifest
from rtgen.evaluate.figures import SECTIONS
from tests.cli.conftest import Rtgen
from tests.evaluate.test_embeddings import graph
from tests.fakes.tiny_bundle import facts, write_tiny

SMALLEST = (
    *("--clips", 3, "--seconds", 6, "--distance-clips", 4, "--distance-seconds", 6),
    *("--styles", 2, "--clips-per-style", 5, "--streams", 2, "--stream-seconds", 24),
)
REFUSED = [
    (("polka",), "no model 'polka'"),
    (("{tiny}", "--clips", "0"), "--clips 0 makes no sense"),
    (("{tiny}", "--seconds", "1"), "--seconds 1.0 makes no sense"),
    (("{tiny}", "--streams", "99"), "--streams 99 makes no sense"),
    (("{tiny}", "--embedding-input", "smell"), "--embedding-input smell makes no sense"),
    (("{tiny}", "-o", "/proc/report"), "nothing can be written in /proc/report"),
    (("{tiny}", "--embedding-rate", "8000"), "--embedding-rate goes with --embedding"),
    (("{tiny}", "--embedding-input", "clap"), "--embedding-input goes with --embedding"),
    (("{tiny}", "--encoder", "{tmp}/none.onnx"), "is no encoder"),
    (("{tiny}", "--embedding", "{tmp}/none.onnx"), "cannot open none.onnx"),
    (("{tiny}", "--embedding", "{tiny}/generator.onnx"), "does not read samples alone"),
    (("{tiny}", "--encoder", "{tiny}/decoder.onnx"), "the encoder does not fit the bundle"),
]


def report(folder: Path, name: str) -> tuple[str, dict[str, Any]]:
    text = (folder / f"evaluate_{name}.md").read_text()
    return text, json.loads((folder / f"evaluate_{name}.json").read_text())


def cells(text: str, row: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {row} |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:-1]


def test_a_report_has_every_figure_of_every_system(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "reports" / "tiny"
    asked = ("evaluate", tiny_folder, "-o", folder, "--no-speed", *SMALLEST)
    outcome = rtgen(*asked)
    assert outcome.code == 0, outcome
    assert outcome.out.strip().endswith("evaluate_tiny.md")
    text, data = report(folder, "tiny")
    assert set(data["figures"]) == {"model", "corpus", "autoencoder", "shuffled", "fresh"}
    assert data["figures"]["autoencoder"] == {}
    assert data["speed"] is None
    assert data["settings"]["first_seed"] == 11_000_000
    for section in SECTIONS:
        assert section.title in text
    assert "No row for the autoencoder: the bundle has no encoder; give one with --encoder" in text
    assert "| model | corpus | shuffled | fresh |" in text
    corpus = cells(text, "tempo within 2 %, librosa")[1]
    assert corpus in {"66.7 %", "100.0 %"}
    # Each frame's coordinate is a function of itself: cutting it otherwise changes last digits.
    assert float(cells(text, "cut in two ways, difference, dB of full scale")[0]) < -100
    for plot in ("adherence", "likeness"):
        path = folder / f"evaluate_tiny_{plot}.png"
        assert path.name in text
        assert path.read_bytes().startswith(b"\x89PNG")
    again = rtgen(*asked)
    assert again.code == 2
    assert again.err.startswith("error: ")
    assert "is there already" in again.err


def test_a_model_without_tempo_or_corpus_is_measured_as_far_as_that_goes(
    rtgen: Rtgen, tmp_path: Path
) -> None:
    folder = write_tiny(tmp_path / "piano")
    manifest = facts("piano") | {"style": "polka"}
    del manifest["controls"]["tempo"]
    write_manifest(folder, manifest)
    outcome = rtgen(
        "evaluate", folder, "-o", tmp_path, *SMALLEST, "--select", "--no-speed", "--quick"
    )
    assert outcome.code == 0, outcome
    text, data = report(tmp_path, "piano")
    assert "No tempo or beats: the model has no control of tempo" in text
    assert "there is no corpus of the style polka here" in text
    assert set(cells(text, "tempo within 2 %, librosa")) == {"n/a"}
    assert set(cells(text, "over that of the autoencoder")) == {"n/a"}
    assert cells(text, "density, rank correlation over clips")[0] != "n/a"
    assert data["figures"]["model"]["loudness_lufs"] is not None
    assert data["settings"]["first_seed"] == 10_000_000


@pytest.mark.parametrize(
    ("arguments", "says"), REFUSED, ids=lambda v: None if isinstance(v, tuple) else v
)
def test_bad_input_gets_one_sentence(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    words = [a.format(tiny=tiny_folder, tmp=tmp_path) for a in arguments]
    outcome = rtgen("evaluate", "--no-speed", "--quick", "-o", tmp_path / "report", *words)
    assert outcome.code == 2, outcome
    first, *rest = outcome.err.splitlines()
    assert first.startswith("error: ")
    assert says in first
    assert not first.endswith(".")
    assert all(line.startswith("hint: ") for line in rest)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", ["evaluate_tiny.md", "evaluate_tiny.json"])
def test_a_report_that_is_there_stays(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, kept: str
) -> None:
    (tmp_path / kept).write_text("precious")
    refused = rtgen("evaluate", tiny_folder, "-o", tmp_path, "--no-speed", *SMALLEST)
    assert refused.code == 2
    assert refused.err == f"error: {tmp_path / kept} is there already\nhint: -y overwrites\n"
    assert [path.name for path in tmp_path.iterdir()] == [kept]
    assert (tmp_path / kept).read_text() == "precious"


def test_an_embedding_that_cannot_read_its_input_is_refused_before_the_work(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    pairs = graph(tmp_path / "pairs.onnx", [2, "n"], 2)
    words = ("--embedding", pairs, "-o", tmp_path / "report", "--no-speed", *SMALLEST)
    refused = rtgen("evaluate", tiny_folder, *words)
    assert refused.code == 2
    assert "error: pairs cannot read an input of" in refused.err
    assert list(tmp_path.iterdir()) == [pairs]

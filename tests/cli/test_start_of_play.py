"""A start that fails changes no file; what is asked for is refused at the start, not after."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtgen.bundle.load import load_bundle
from rtgen.control.played import played_model
from tests.cli.conftest import Rtgen

SILENT = ("--null", "--no-midi", "--seconds", 0.5)


@pytest.fixture
def taken() -> Iterator[str]:
    """A place where something else listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{other.getsockname()[1]}"


def kept() -> list[Path]:
    """The performances that nobody asked for."""
    return sorted(Path(os.environ["XDG_DATA_HOME"]).glob("rtgen/performances/*"))


def test_a_start_that_fails_keeps_the_old_take_and_says_why(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, taken: str
) -> None:
    take = tmp_path / "t.wav"
    take.write_text("precious")
    before = kept()
    refused = rtgen(
        *("play", "--model", tiny_folder, *SILENT, "-y", "--record", take, "--osc", taken)
    )
    assert refused.code == 2
    assert refused.err.splitlines() == [
        f"error: cannot listen for OSC at {taken}: address already in use",
        "hint: does something else listen there? try another --osc port",
    ]
    assert take.read_text() == "precious"
    assert kept() == before


def test_a_start_that_fails_does_not_block_the_next(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    take = tmp_path / "t.wav"
    silent = ("--null", "--seconds", 0.5, "--record", take)
    before = kept()
    refused = rtgen("play", "--model", tiny_folder, *silent, "--midi", "nosuch")
    assert refused.code == 2
    assert refused.err.startswith("error: ")
    assert list(tmp_path.iterdir()) == []
    assert kept() == before
    assert rtgen("play", "--model", tiny_folder, *silent, "--no-midi").code == 0
    assert take.stat().st_size > 10_000


def test_a_performance_that_cannot_be_kept_is_refused_at_the_start(
    rtgen: Rtgen, tiny_folder: Path
) -> None:
    refused = rtgen("play", "--model", tiny_folder, *SILENT, "--performance", "/proc/p.mid")
    assert refused.code == 2
    said, hint = refused.err.splitlines()
    assert said.startswith("error: no file can be made in /proc: ")
    assert hint == "hint: choose a folder that you may write to"


def test_a_performance_takes_no_file_of_another_name(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    other, took = tmp_path / "take.part", tmp_path / "take.mid"
    other.write_text("precious")
    outcome = rtgen("play", "--model", tiny_folder, *SILENT, "--performance", took)
    assert outcome.code == 0, outcome
    assert other.read_text() == "precious"
    assert sorted(tmp_path.iterdir()) == [took, other]


def test_a_performance_says_which_model_played_it_exactly(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    took = tmp_path / "take.mid"
    outcome = rtgen("play", "--model", tiny_folder, *SILENT, "--performance", took)
    assert outcome.code == 0, outcome
    played = played_model(took)
    assert played is not None
    assert (played.name, played.checksum) == ("tiny", load_bundle(tiny_folder).checksum)

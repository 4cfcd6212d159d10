"""Bundles that are refused, by the guard or by their trial, leave the disk as it was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rtgen.bundle.write import write_manifest
from tests.fakes import hostile_graphs
from tests.fakes.tiny_bundle import facts, write_tiny


def outside_weights(folder: Path) -> None:
    import onnx
    from onnx.external_data_helper import convert_model_to_external_data

    model = onnx.load(folder / "decoder.onnx")
    convert_model_to_external_data(model, location="../../stolen", size_threshold=0)
    for weights in model.graph.initializer:
        weights.ClearField("raw_data")
        weights.data_location = onnx.TensorProto.EXTERNAL
    (folder / "decoder.onnx").write_bytes(model.SerializeToString())
    write_manifest(folder, facts())


def too_much_memory(folder: Path) -> None:
    (folder / "generator.onnx").write_bytes(hostile_graphs.doubling())
    write_manifest(folder, facts())


def a_crash(folder: Path) -> None:
    (folder / "encoder.onnx").write_bytes(hostile_graphs.deadly_division())
    write_manifest(folder, facts())


def no_checksum(folder: Path) -> None:
    (folder / "decoder.onnx").write_bytes(b"other")


@pytest.mark.parametrize("harm", [outside_weights, too_much_memory, a_crash, no_checksum])
def test_a_bundle_that_is_refused_changes_nothing_on_the_disk(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    home = tmp_path / "home"
    bundle = write_tiny(home / "models" / "foreign")
    harm(bundle)
    (home / "stolen").write_text("dear")
    before = {p: p.stat().st_mtime_ns for p in home.rglob("*")}
    words = ["render", "--model", str(bundle), "--seconds", "1", "-o", "x.wav"]
    done = subprocess.run(
        [sys.executable, "-m", "rtgen.cli.main", *words],
        cwd=home,
        env={"HOME": str(home), "TMPDIR": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert {p: p.stat().st_mtime_ns for p in home.rglob("*")} == before

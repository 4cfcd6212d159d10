"""A bundle that nobody vouches for is tried in a process of its own, and harms nobody there."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rtgen.bundle.load import load_bundle
from rtgen.bundle.trial import HINT, Limits, stand_trial
from rtgen.bundle.vouched import SHIPPED
from rtgen.bundle.write import write_manifest
from rtgen.errors import BundleError
from rtgen.paths import trials_folder
from rtgen.stream import on_trial
from tests.conftest import MODELS
from tests.fakes import hostile_graphs
from tests.fakes.hostile_graphs import Hostile
from tests.fakes.tiny_bundle import decoder, facts, write_tiny

SHORT = Limits(seconds=2)
MEBIBYTE = 1 << 20
MEASURED = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "rtgen.cli.main", *sys.argv[1:]], capture_output=True)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)
sys.stdout.buffer.write(done.stderr)
"""


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Data of a user who never tried anything."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A bundle that nobody has seen before."""
    return write_tiny(tmp_path / "foreign", f"foreign-{os.getpid()}")


def no_more_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on a trial would fail."""
    monkeypatch.setattr(sys, "executable", "")


def with_generator(folder: Path, graph: bytes) -> Path:
    """A bundle with another generator, signed anew."""
    (folder / "generator.onnx").write_bytes(graph)
    write_manifest(folder, facts())
    return folder


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def test_a_good_bundle_passes_and_is_remembered(
    foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_bundle(foreign)
    assert [path.name for path in trials_folder().iterdir()] == [digest(foreign)]
    no_more_processes(monkeypatch)
    assert load_bundle(foreign).manifest.name.startswith("foreign")
    moved = shutil.copytree(foreign, foreign.parent / "elsewhere")
    load_bundle(moved)


def test_a_changed_bundle_is_tried_again(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_bundle(foreign)
    no_more_processes(monkeypatch)
    (foreign / "README.md").write_text("Other words.\n")
    write_manifest(foreign, facts())
    with pytest.raises(BundleError, match="no Python here"):
        load_bundle(foreign)


def test_a_trial_with_another_onnxruntime_does_not_count(
    foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_bundle(foreign)
    (trials_folder() / digest(foreign)).write_text("onnxruntime 1.0.0\n")
    no_more_processes(monkeypatch)
    with pytest.raises(BundleError, match="no Python here"):
        load_bundle(foreign)


def test_what_we_ship_is_never_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    no_more_processes(monkeypatch)
    folders = sorted(path.parent for path in MODELS.glob("*/manifest.json"))
    assert folders
    lines = SHIPPED.read_text().splitlines()
    assert lines == [f"{digest(folder)}  {folder.name}/manifest.json" for folder in folders], (
        "after a new export: (cd models && sha256sum */manifest.json) > rtgen/bundle/shipped.sha256"
    )
    for folder in folders:
        load_bundle(folder)


def test_a_bundle_plays_where_nothing_can_be_remembered(
    foreign: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    load_bundle(foreign)


@pytest.mark.parametrize(
    ("hostile", "says"),
    [
        (hostile_graphs.thirty_four_gigabytes, "more than .* MiB of memory"),
        (hostile_graphs.table_of_all, "more than .* MiB of memory"),
        (hostile_graphs.doubling, "more than .* MiB of memory"),
        (hostile_graphs.endless_loop, "more than 2 s of the processor"),
        (hostile_graphs.long_sums, "more than 2 s of the processor"),
        (hostile_graphs.huge_constant, "cannot open generator.onnx"),
        (hostile_graphs.deadly_division, "it crashed"),
    ],
)
def test_a_graph_that_slips_by_the_guard_dies_alone(
    foreign: Path, hostile: Hostile, says: str
) -> None:
    graphs = {"generator.onnx": hostile(), "decoder.onnx": decoder()}
    told = json.loads((foreign / "manifest.json").read_bytes())
    manifest = json.dumps(told | {"style": hostile.__name__}).encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    with pytest.raises(BundleError, match=says) as caught:
        stand_trial("foreign", manifest, graphs, SHORT)
    assert "\n" not in str(caught.value)
    assert caught.value.hint == HINT
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10) - before < 64
    assert not trials_folder().exists()


def test_who_failed_is_not_waited_for_again(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_generator(foreign, hostile_graphs.table_of_all())
    for _ in range(2):
        with pytest.raises(BundleError, match="MiB of memory"):
            load_bundle(foreign)
        no_more_processes(monkeypatch)


def test_the_command_line_says_one_sentence_and_takes_little_memory(
    foreign: Path, tmp_path: Path
) -> None:
    with_generator(foreign, hostile_graphs.doubling())
    out = tmp_path / "x.wav"
    words = ["render", "--model", str(foreign), "--seconds", "1", "-o", str(out)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *words], capture_output=True, text=True, check=True
    )
    head, *said = done.stdout.splitlines()
    code, most = map(int, head.split())
    assert code == 2
    assert [line.split(":")[0] for line in said] == ["error", "hint"]
    assert "foreign failed its trial" in said[0]
    assert most < Limits().memory_bytes // MEBIBYTE + 256
    assert not out.exists()


def test_a_manifest_that_promises_what_its_graphs_do_not_do_fails(foreign: Path) -> None:
    with_generator(foreign, (MODELS / "techno" / "generator.onnx").read_bytes())
    with pytest.raises(BundleError, match="do not fit its margins"):
        load_bundle(foreign)


def test_other_graphs_of_a_bundle_are_tried_as_well(foreign: Path) -> None:
    (foreign / "encoder.onnx").write_bytes(hostile_graphs.table_of_all())
    write_manifest(foreign, facts())
    with pytest.raises(BundleError, match="MiB of memory"):
        load_bundle(foreign)


def test_what_lies_in_the_folder_one_is_in_is_not_run(
    foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "numpy", "onnxruntime", "rtgen"):
        (foreign.parent / f"{name}.py").write_text("raise SystemExit('run')\n")
    monkeypatch.chdir(foreign.parent)
    load_bundle(foreign)


LIMITED = """
import os, resource, sys, threading
from rtgen.stream.on_trial import take_limits
if os.getuid() == 0:
    os.setuid(65534)
assert take_limits(2, 1 << 30)
def fails(deed, error):
    try:
        deed()
    except error:
        return True
print(
    fails(lambda: bytearray(2 << 30), MemoryError),
    fails(os.fork, OSError),
    fails(threading.Thread(target=print).start, RuntimeError),
    fails(lambda: open(sys.argv[1], "ab", buffering=0).write(b"x"), OSError),
)
sys.stdout.flush()
while True:
    pass
"""


def test_the_child_can_take_no_more_than_its_limits(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.touch(mode=0o666)
    target.chmod(0o666)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["True"] * 4, done.stderr
    assert done.returncode == -24, "the processor's time is not bounded"
    assert target.read_bytes() == b""


def test_the_child_refuses_inputs_that_none_of_ours_has(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="none of ours takes"):
        on_trial._run_once(_takes_much(), "encoder.onnx")


def _takes_much() -> bytes:
    from onnx import TensorProto, helper

    side = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1 << 20, 1 << 20])
    same = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1 << 20, 1 << 20])
    made = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "g", [side], [same])
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(made, opset_imports=opset, ir_version=9).SerializeToString()

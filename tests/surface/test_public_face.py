"""What others see of the package: its names, its weight, its shape."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rtgen
from rtgen import _bridge

PACKAGE = Path(rtgen.__file__).parent
ROOMS = sorted(p.parent for p in PACKAGE.glob("*/__init__.py"))
LONGEST_FILE = 400


def modules_after(statement: str) -> set[str]:
    """Modules that a fresh interpreter holds after a statement."""
    program = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_everything_named_is_there_and_documented() -> None:
    for name in rtgen.__all__:
        thing = getattr(rtgen, name)
        assert isinstance(thing, str) or thing.__doc__, name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="colour"):
        rtgen.__getattr__("colour")


def test_the_import_is_light() -> None:
    loaded = modules_after("import rtgen")
    heavy = {"numpy", "onnxruntime", "scipy", "torch", "sounddevice", "soundfile", "typer"}
    assert not loaded & heavy


def test_the_command_line_starts_without_what_only_some_verbs_need() -> None:
    loaded = modules_after("import rtgen.cli.main")
    heavy = {"onnxruntime", "scipy", "torch", "sounddevice", "soundfile", "rtmidi", "librosa"}
    assert not loaded & heavy


def test_running_needs_no_training_library(tiny_folder: Path, tmp_path: Path) -> None:
    arguments = ["rtgen", "render", "--model", str(tiny_folder), "--seconds", "1"]
    arguments += ["--rate", "48000", "-o", str(tmp_path / "x.wav")]
    loaded = modules_after(
        f"sys.argv = {arguments!r}\nfrom rtgen.cli.main import main\n"
        "try: main()\nexcept SystemExit as ended: assert ended.code == 0"
    )
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "onnx", "matplotlib", "librosa", "scipy.signal", "starlette"}


def test_the_stub_of_the_compiled_module_names_what_it_holds() -> None:
    stub = ast.parse((PACKAGE / "_bridge.pyi").read_text())
    classes = {n.name: n for n in stub.body if isinstance(n, ast.ClassDef)}
    functions = {n.name for n in stub.body if isinstance(n, ast.FunctionDef)}
    constants = {n.target.id for n in stub.body if isinstance(n, ast.AnnAssign)
                 and isinstance(n.target, ast.Name)}  # fmt: skip
    typed_only = {
        name for name, n in classes.items() if "TypedDict" in {ast.unparse(b) for b in n.bases}
    }
    public = {name for name in vars(_bridge) if not name.startswith("_")}
    assert public == (set(classes) | functions | constants) - typed_only
    for name in set(classes) - typed_only:
        stubbed = {n.name for n in classes[name].body if isinstance(n, ast.FunctionDef)}
        real = {n for n in vars(getattr(_bridge, name)) if not n.startswith("_")}
        assert real == stubbed - {"__init__"}, name
    fields = {n.target.id for n in classes["Stats"].body if isinstance(n, ast.AnnAssign)
              and isinstance(n.target, ast.Name)}  # fmt: skip
    assert fields == set(_bridge.TakeBuffer(44100).stats())


@pytest.mark.parametrize("room", ROOMS, ids=lambda p: p.name)
def test_a_room_opens_with_its_map(room: Path) -> None:
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
    assert docstring, f"{room.name} has no map"
    for path in room.glob("*.py"):
        if path.stem != "__init__":
            assert f"`{path.stem}`" in docstring, f"{room.name} does not map {path.name}"


def test_files_stay_short_and_are_named_for_an_idea() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert path.name not in {"utils.py", "helpers.py", "common.py", "misc.py"}
        assert len(path.read_text().splitlines()) <= LONGEST_FILE, path

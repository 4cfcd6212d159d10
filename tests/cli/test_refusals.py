"""Bad input: one sentence, mostly a hint, exit code 2, never a traceback, nothing left behind."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rtgen.bundle.write import write_manifest
from tests.cli.conftest import Outcome, Rtgen
from tests.fakes.tiny_bundle import facts

RENDER = ("render", "--model", "{tiny}", "--seconds", "1", "-o", "{tmp}/x.wav")
PLAY = ("play", "--model", "{tiny}", "--null", "--no-midi", "--seconds", "0.1")

GOLDEN = [
    (("polka",), "No such command 'polka'"),
    (("render", "--loud"), "No such option: --loud"),
    (("render", "--rate", "fast"), "--rate"),
    (("render", "--model", "polka"), "no model 'polka'"),
    (("render", "--model", "{tmp}"), "no file manifest.json"),
    ((*RENDER, "--set", "density"), "'density' is not NAME=VALUE"),
    ((*RENDER, "--set", "colour=3"), "unknown control 'colour'"),
    ((*RENDER, "--set", "density=loud"), "density takes a number, not 'loud'"),
    ((*RENDER, "--set", "density=19"), "density 19 is out of range"),
    ((*RENDER, "--set", "density=2:99"), "density 99 is out of range"),
    ((*RENDER, "--set", "density=2@later"), "'later' in 'density=2@later' is not a time"),
    ((*RENDER, "--set", "density=2@-1"), "'-1' in 'density=2@-1' is not a time"),
    ((*RENDER, "--set", "tempo=70"), "tempo 70 is outside what tiny was trained on"),
    ((*RENDER, "--set", "tempo=inf"), "tempo inf is out of range"),
    ((*RENDER, "--set", "chroma=C,H"), "'H' is not a pitch class"),
    ((*RENDER, "--seed", "seven"), "'seven' is not a seed"),
    ((*RENDER, "--seed", "-1"), "'-1' is not a seed"),
    ((*RENDER, "--seed", "9-3"), "'9-3' holds no seeds"),
    ((*RENDER, "--seed", "1-999999999"), "'1-999999999' is too many seeds"),
    ((*RENDER, "--seed", "99999999999999999999"), "holds no seeds"),
    ((*RENDER, "--seconds", "-1"), "--seconds -1 makes no sense"),
    ((*RENDER, "--seconds", "0"), "there is nothing to render"),
    ((*RENDER, "--seconds", "nan"), "--seconds nan makes no sense"),
    ((*RENDER, "--start", "1e300"), "--start 1e+300 makes no sense"),
    ((*RENDER, "--start-bar", "0"), "there is no bar 0"),
    ((*RENDER[:3], *RENDER[5:], "--bars", "-2"), "there is no bar -2"),
    ((*RENDER, "--rate", "44101"), "44101 Hz"),
    ((*RENDER, "--rate", "0"), "0 Hz"),
    ((*RENDER, "--precision", "int4"), "unknown precision 'int4'"),
    ((*RENDER, "--precision", "int8"), "the bundle tiny has no decoder.int8.onnx"),
    ((*RENDER, "-o", "{tmp}/x.mp3"), "is not a WAV or FLAC file"),
    ((*RENDER, "-o", "{tmp}/none/x.wav"), "there is no folder"),
    ((*RENDER, "-o", "{tmp}"), "is not a WAV or FLAC file"),
    ((*RENDER, "-o", "-", "--seed", "1-2"), "only one seed fits on standard output"),
    ((*PLAY, "--jack-transport"), "--jack-transport goes with --jack"),
    ((*PLAY, "--no-connect"), "--no-connect goes with --jack"),
    ((*PLAY, "--jack"), "--jack plays at the server's rate, on no other device"),
    ((*PLAY, "--quantise", "often"), "cannot quantise to 'often'"),
    ((*PLAY, "--latency", "slow"), "latency 'slow' is not low, high or seconds"),
    ((*PLAY, "--set", "density=1:9"), "which only `rtgen render` can do"),
    ((*PLAY, "--record", "{tmp}/none/x.wav"), "there is no folder"),
    ((*PLAY, "--record", "{tmp}/x.flac"), "is not a WAV file"),
    ((*PLAY, "--cc", "20=colour"), "no knob can move 'colour'"),
    ((*PLAY, "--rate", "12"), "12 Hz"),
    (("play", "--model", "{tiny}", "--device", "kazoo"), "no output device is called 'kazoo'"),
    (("models", "polka"), "no model 'polka'"),
    (("bench", "speed", "--model", "polka"), "no model 'polka'"),
    (("corpus", "preview", "--style", "polka"), "no style 'polka'"),
    (("train", "gan", "--autoencoder", "{tmp}/none"), "no checkpoint"),
    (("export", "--autoencoder", "{tmp}/none"), "no checkpoint"),
]


def assert_refused(outcome: Outcome, says: str) -> None:
    assert outcome.code == 2, outcome
    first, *rest = outcome.err.splitlines()
    assert first.startswith("error: "), outcome.err
    assert says in first
    assert not first.endswith(".")
    assert len(rest) <= 1
    assert all(line.startswith("hint: ") for line in rest)
    assert outcome.out == ""


@pytest.mark.parametrize(
    ("arguments", "says"), GOLDEN, ids=lambda v: None if isinstance(v, tuple) else v
)
def test_bad_input_gets_one_sentence(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    words = [a.format(tiny=tiny_folder, tmp=tmp_path) for a in arguments]
    assert_refused(rtgen(*words), says)
    assert list(tmp_path.iterdir()) == []


def truncate(folder: Path) -> None:
    data = (folder / "generator.onnx").read_bytes()
    (folder / "generator.onnx").write_bytes(data[: len(data) // 2])


def lose_a_file(folder: Path) -> None:
    (folder / "decoder.onnx").unlink()


def scribble(folder: Path) -> None:
    (folder / "manifest.json").write_text("{not json")


def lie_about_margins(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["margins"]["head_left"] = 9
    (folder / "manifest.json").write_text(json.dumps(manifest))


def put_a_text_for_a_graph(folder: Path) -> None:
    (folder / "decoder.onnx").write_text("this is no graph")
    write_manifest(folder, facts())


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (truncate, "does not match its checksum"),
        (lose_a_file, "no file decoder.onnx"),
        (scribble, "is not one of ours"),
        (lie_about_margins, "do not fit its margins"),
        (put_a_text_for_a_graph, "decoder.onnx"),
    ],
)
@pytest.mark.parametrize("verb", ["render", "play"])
def test_a_damaged_bundle_gets_one_sentence(
    rtgen: Rtgen,
    tiny_folder: Path,
    tmp_path: Path,
    damage: Callable[[Path], None],
    says: str,
    verb: str,
) -> None:
    copy = shutil.copytree(tiny_folder, tmp_path / "tiny")
    damage(copy)
    out = ("-o", tmp_path / "x.wav") if verb == "render" else ("--null", "--no-midi")
    assert_refused(rtgen(verb, "--model", copy, "--seconds", "1", *out), says)
    assert not (tmp_path / "x.wav").exists()


def test_a_file_that_is_there_is_kept_unless_told_otherwise(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.wav"
    target.write_text("precious")
    refused = rtgen("render", "--model", tiny_folder, "--seconds", "1", "-o", target)
    assert_refused(refused, "is there already")
    assert target.read_text() == "precious"
    assert rtgen("render", "--model", tiny_folder, "--seconds", "1", "-o", target, "-y").code == 0
    assert target.stat().st_size > 300_000


def test_a_file_that_grows_too_large_is_told_and_leaves_what_was_there(
    tiny_folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.wav"
    target.write_text("precious")
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))\n"
        "from rtgen.cli.main import main\n"
        f"sys.argv = ['rtgen', 'render', '--model', {str(tiny_folder)!r}, '--seconds', '30',"
        f" '-y', '-o', {str(target)!r}]\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert_refused(Outcome(done.returncode, done.stdout, done.stderr), f"cannot write {target}: ")
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_text() == "precious"


def test_no_command_is_answered_with_the_commands(rtgen: Rtgen) -> None:
    outcome = rtgen()
    assert outcome.code in (0, 2)
    assert "render" in outcome.out + outcome.err

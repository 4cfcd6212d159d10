"""`rtgen doctor` in real states: with and without an engine, a server, a whole bundle."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import rtgen as package
from rtgen.cli.checks import EASY_SPEED, LEAST_SPEED, judged
from rtgen.output.devices import look_again
from rtgen.output.limits import LEAST_LOCKED_BYTES, LEAST_PRIORITY, UNLIMITED, Limits, limits
from rtgen.serve.plugin_files import NAMES
from tests.cli.conftest import Outcome, Rtgen

Checks = dict[str, dict[str, str]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has nothing yet; no sound or MIDI system but those that a test brings."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("RTGEN_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", f"nobody-{os.getpid()}")
    return folder


@pytest.fixture
def doctor(rtgen: Rtgen) -> Any:
    """Runs it for the small bundle unless told otherwise: its exit code and checks by subject."""

    def run(*arguments: object) -> tuple[int, Checks]:
        outcome = rtgen("doctor", "--json", *arguments)
        said = json.loads(outcome.out)
        assert said["can_play"] == (outcome.code == 0)
        checks = {check["subject"]: check for check in said["checks"]}
        assert len(checks) == len(said["checks"])
        for check in checks.values():
            assert (check["word"] == "good") == (check["to_do"] == ""), check
        return outcome.code, checks

    return run


def lines(outcome: Outcome) -> list[tuple[str, str]]:
    """Word and subject of each line."""
    return [(line[:4].strip(), line[6:].split(":")[0]) for line in outcome.out.splitlines()]


def test_a_machine_without_sound_midi_and_engine_can_play(doctor: Any, tiny_folder: Path) -> None:
    code, checks = doctor("--model", tiny_folder)
    assert code == 0
    assert checks["model tiny"]["word"] == "good"
    assert "x real time" in checks["speed"]["found"]
    assert (checks["JACK"]["word"], checks["JACK"]["found"]) == ("note", "no JACK server runs here")
    assert "rtgen serve --daemon" in checks["engine"]["to_do"]
    assert {check["word"] for check in checks.values()} <= {"good", "note"}


def test_people_get_the_same_a_line_each(rtgen: Rtgen, doctor: Any, tiny_folder: Path) -> None:
    _code, checks = doctor("--model", tiny_folder)
    outcome = rtgen("doctor", "--model", tiny_folder)
    assert outcome.code == 0
    assert [subject for _word, subject in lines(outcome)] == list(checks)
    assert ("note", "engine") in lines(outcome)


def test_a_running_engine_is_seen(rtgen: Rtgen, doctor: Any, tiny_folder: Path) -> None:
    command = [sys.executable, "-m", "rtgen.cli.main", "serve", "--daemon", "--model"]
    subprocess.run([*command, tiny_folder], check=True, capture_output=True, timeout=60)
    try:
        _code, checks = doctor("--model", tiny_folder)
        engine = checks["engine"]
        assert engine["word"] == "good"
        assert f"model {tiny_folder}" in engine["found"]
        assert "0 served" in engine["found"]
        assert "yours alone" in checks["runtime folder"]["found"]
    finally:
        rtgen("serve", "stop")
    assert doctor("--model", tiny_folder)[1]["engine"]["word"] == "note"


def test_a_damaged_model_that_is_to_play_is_bad(
    doctor: Any, bundle_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (bundle_copy / "decoder.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"damaged")
    monkeypatch.setenv("RTGEN_MODELS", str(bundle_copy.parent))
    code, checks = doctor()
    assert code == 1
    assert checks["model techno"]["word"] == "bad"
    assert "decoder.onnx of techno does not match its checksum" in checks["model techno"]["found"]
    assert str(bundle_copy) in checks["model techno"]["to_do"]
    assert "speed" not in checks


def test_another_damaged_model_is_only_noted(
    doctor: Any, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = shutil.copytree(tiny_folder, tmp_path / "models" / "spoilt")
    (spoilt / "generator.onnx").write_bytes(b"")
    monkeypatch.setenv("RTGEN_MODELS", str(spoilt.parent))
    code, checks = doctor("--model", tiny_folder)
    assert (code, checks["model spoilt"]["word"]) == (0, "note")


def test_a_model_that_is_not_there_is_bad(doctor: Any) -> None:
    code, checks = doctor("--model", "polka")
    assert (code, checks["model polka"]["word"]) == (1, "bad")
    assert "models here: " in checks["model polka"]["to_do"]


def test_a_jack_server_is_seen_as_server_sound_card_and_midi_system(
    doctor: Any, tiny_folder: Path, jack_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", jack_server)
    look_again()
    _code, checks = doctor("--model", tiny_folder)
    assert checks["JACK"] == {
        "word": "good",
        "subject": "JACK",
        "found": "48000 Hz, 256 frames a block",
        "to_do": "",
    }
    assert "system (48000 Hz)" in checks["sound card"]["found"]
    assert "no MIDI system" not in checks["MIDI"]["found"]


def test_a_plugin_is_looked_for_where_hosts_look(
    doctor: Any, tiny_folder: Path, home: Path
) -> None:
    (home / ".clap").mkdir()
    (home / ".clap" / NAMES["clap"]).touch()
    _code, checks = doctor("--model", tiny_folder)
    assert checks["plugin CLAP"]["word"] == "good"
    assert checks["plugin CLAP"]["found"] == str(home / ".clap" / NAMES["clap"])
    assert checks["plugin VST3"]["word"] == checks["plugin LV2"]["word"] == "note"


def test_a_runtime_folder_open_to_others_is_noted(
    doctor: Any, tiny_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    _code, checks = doctor("--model", tiny_folder)
    assert f"chmod 700 {tmp_path / 'run'}" in checks["runtime folder"]["to_do"]


def test_folders_that_cannot_be_used_are_told_and_survived(
    doctor: Any, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").touch()
    code, checks = doctor("--model", tiny_folder)
    assert (code, checks["engine"]["word"], checks["runtime folder"]["word"]) == (0, "note", "note")
    assert "not a directory" in checks["engine"]["found"]
    monkeypatch.setenv("RTGEN_MODELS", str(tmp_path / ("x" * 300)))
    code, checks = doctor()
    assert (code, checks["model techno"]["word"]) == (1, "bad")
    assert "file name too long" in checks["model techno"]["found"]
    assert "MIDI" in checks


def test_a_model_named_by_its_folder_is_told_once(
    doctor: Any, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTGEN_MODELS", str(tiny_folder.parent))
    monkeypatch.chdir(tiny_folder.parent.parent)
    _code, checks = doctor("--model", tiny_folder.relative_to(tiny_folder.parent.parent))
    assert checks["model tiny"]["word"] == "good"


def test_an_installation_without_its_compiled_part_is_told_and_survived(
    doctor: Any, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rtgen._bridge", None)
    monkeypatch.delattr(package, "_bridge", raising=False)
    code, checks = doctor("--model", tiny_folder)
    assert (code, checks["compiled part"]["word"]) == (1, "bad")
    assert "engine" not in checks
    assert "speed" in checks


@pytest.mark.parametrize(
    ("factor", "word"),
    [(LEAST_SPEED / 2, "bad"), (LEAST_SPEED, "note"), (EASY_SPEED, "good"), (300.0, "good")],
)
def test_speed_is_judged_by_what_live_playing_needs(factor: float, word: str) -> None:
    assert judged(factor).word == word


@pytest.mark.parametrize(
    ("found", "priority", "memory"),
    [
        (Limits(UNLIMITED, UNLIMITED), True, True),
        (Limits(LEAST_PRIORITY, LEAST_LOCKED_BYTES), True, True),
        (Limits(0, 8 << 20), False, False),
    ],
)
def test_limits_that_a_desktop_starts_with_are_too_low(
    found: Limits, priority: bool, memory: bool
) -> None:
    assert (found.gives_priority, found.locks_memory) == (priority, memory)


def test_the_limits_are_those_of_this_process_and_root_has_none() -> None:
    found = limits()
    assert found is not None
    own = resource.getrlimit(resource.RLIMIT_RTPRIO)[0]
    assert found.priority == (UNLIMITED if os.geteuid() == 0 else own)

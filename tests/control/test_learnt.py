"""Knobs that the user taught: kept by device, read back, obeyed on that device alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rtgen.control import learnt as kept
from rtgen.control.learnt import forget, learn, learnt
from rtgen.control.midi_map import Mapping
from rtgen.control.surface import MidiSurface
from rtgen.errors import MidiError
from tests.control.test_ports import keyboard
from tests.fakes.notebook import Notebook


@pytest.fixture
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "midi.toml"
    monkeypatch.setattr(kept, "learnt_file", lambda: path)
    return path


@pytest.mark.usefixtures("own_file")
def test_what_was_learnt_comes_back_until_it_is_forgotten() -> None:
    learn('The "Box"', "20=density")
    learn('The "Box"', "21=energy:twos")
    learn("other", "20=morph")
    assert learnt() == {
        'The "Box"': (Mapping(20, "density"), Mapping(21, "energy", "twos")),
        "other": (Mapping(20, "morph"),),
    }
    learn('The "Box"', "22=density:pickup")  # the control leaves its old knob
    learn('The "Box"', "21=morph")  # the knob leaves its old control
    box = (Mapping(22, "density", pick_up=True), Mapping(21, "morph"))
    assert learnt()['The "Box"'] == box
    forget('The "Box"')
    assert list(learnt()) == ["other"]
    forget(None)
    assert learnt() == {}


@pytest.mark.parametrize("text", ["knobs = 3", "[knobs]\nx = 5", "[knobs]\nx = [5]", "nonsense"])
def test_a_broken_file_is_named(own_file: Path, text: str) -> None:
    own_file.write_text(text)
    with pytest.raises(MidiError, match="holds no knobs"):
        learnt()


def test_a_knob_means_on_its_own_device_what_it_was_taught() -> None:
    player = Notebook()
    surface = MidiSurface(player, (100.0, 180.0))
    box, other = surface.of_port((Mapping(20, "density"),)), surface.of_port(())
    other([0xB0, 20, 127], 0.0)
    assert player.values["density"] == 7
    box([0xB0, 20, 127], 0.0)
    assert player.values["density"] == 18
    other([0xB0, 1, 0], 0.0)  # what all knobs mean stays
    assert player.values["density"] == 0


@pytest.mark.usefixtures("jack_server")
def test_a_turned_knob_is_learnt_by_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rtgen.cli.main", "midi", "learn", "morph", "--port", "box"]
    with keyboard("box") as keys:
        environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
        with subprocess.Popen(
            [*command, "--seconds", "30"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=environment,
        ) as program:  # fmt: skip
            assert program.stderr is not None
            assert program.stdout is not None
            assert program.stderr.readline() == "turn the knob that is to move morph\n"
            deadline = time.monotonic() + 20
            value = 0
            while program.poll() is None:
                assert time.monotonic() < deadline
                value = (value + 1) % 128
                keys.send_message([0xB0, 44, value])
                time.sleep(0.02)
            assert program.returncode == 0
            assert program.stdout.read().startswith("CC 44 of box:keys moves morph")
    assert '["44=morph:absolute"]' in (tmp_path / "rtgen" / "midi.toml").read_text()


def test_what_no_knob_can_move_is_refused_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rtgen.cli.main", "midi", "learn", "loudness"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no knob can move 'loudness'" in done.stderr

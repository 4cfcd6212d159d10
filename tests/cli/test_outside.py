"""`rtgen play` steered from outside: by OSC, by Link, and refused where it must be."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import librosa
import pytest
import soundfile
from pythonosc.osc_message_builder import build_msg

from tests.cli.conftest import Rtgen
from tests.conftest import MODELS
from tests.control.test_osc_datagram import MALFORMED
from tests.fakes.listener import onset_rate

COMMAND = [sys.executable, "-m", "rtgen.cli.main", "play", "--null", "--no-midi"]
PATIENCE_SECONDS = 60.0
SPARSE, BUSY = 2.0, 15.0
HEARD_SECONDS = 4.0


def recorded_seconds(path: Path) -> float:
    """How much of a recording in the making is there."""
    bytes_of_a_second = 44100 * 8
    return path.stat().st_size / bytes_of_a_second if path.exists() else 0.0


def until_recorded(path: Path, seconds: float) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while recorded_seconds(path) < seconds:
        assert time.monotonic() < deadline, "the recording does not grow"
        time.sleep(0.02)


def pelt(port: int) -> None:
    """Send everything that a server must refuse, and more than it can heed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        for datagram in [*MALFORMED.values(), b"/" * 60_000]:
            sender.send(datagram)
        for k in range(5000):
            sender.send(build_msg("/rtgen/energy", k % 100 / 100).dgram)
        sender.send(build_msg("/rtgen/energy", 0.65).dgram)


def test_oscsend_changes_how_busy_the_recording_is_and_nonsense_does_not(tmp_path: Path) -> None:
    target = tmp_path / "x.wav"
    arguments = ["--model", str(MODELS / "techno"), "--seed", "3", "--set", f"density={SPARSE}"]
    arguments += ["--osc", "0", "--record", str(target)]
    with subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        said = re.fullmatch(r"OSC at 127\.0\.0\.1:(\d+)\n", program.stderr.readline())
        assert said is not None
        until_recorded(target, HEARD_SECONDS)
        pelt(int(said.group(1)))
        address = ["127.0.0.1", said.group(1), "/rtgen/density", "f", str(BUSY)]
        for _ in range(5):  # the system drops what comes while a flood is still being read
            subprocess.run(["oscsend", *address], check=True)
            time.sleep(0.2)
        steered_at = recorded_seconds(target) + 0.5
        until_recorded(target, steered_at + HEARD_SECONDS)
        program.send_signal(signal.SIGTERM)
        assert program.wait(PATIENCE_SECONDS) == 0
        assert program.stderr.read().startswith("played ")
    sound, rate = soundfile.read(target)
    before = onset_rate(sound[: round(HEARD_SECONDS * rate)], rate)
    after = onset_rate(sound[round(steered_at * rate) :], rate)
    assert after > 1.5 * before


@pytest.mark.usefixtures("jack_server")
def test_a_chord_of_somebodys_sequencer_is_heard_in_the_recording(tmp_path: Path) -> None:
    target = tmp_path / "x.wav"
    chord, other = (6, 10, 1), (0, 4, 7)
    notes = [word for pitch in chord for word in ("0", str(60 + pitch), "950000")]
    command = [sys.executable, "-m", "rtgen.cli.main", "play", "--null", "--seed", "3"]
    arguments = ["--model", str(MODELS / "techno"), "--midi", "stranger", "--record", str(target)]
    sequencer = subprocess.Popen(
        ["jack_midiseq", "stranger", "96000", *notes], stdout=subprocess.DEVNULL
    )
    try:
        time.sleep(1.0)  # it must be there before it can be asked for
        with subprocess.Popen([*command, *arguments], stderr=subprocess.DEVNULL) as program:
            until_recorded(target, 9.0)
            program.send_signal(signal.SIGTERM)
            assert program.wait(PATIENCE_SECONDS) == 0
    finally:
        sequencer.terminate()
        sequencer.wait(PATIENCE_SECONDS)
    sound, rate = soundfile.read(target, dtype="float32")
    chroma = librosa.feature.chroma_cqt(y=sound[-4 * rate :].mean(1), sr=rate, hop_length=2048)
    inside, outside = (float(chroma[list(classes)].mean()) for classes in (chord, other))
    assert inside > 1.3 * outside


def test_link_is_joined_and_left(rtgen: Rtgen, tiny_folder: Path) -> None:
    outcome = rtgen(
        *("play", "--model", tiny_folder, "--null", "--no-midi", "--seconds", 0.5, "--link")
    )
    assert outcome.code == 0
    assert outcome.err.startswith("played 0."), outcome.err


def test_a_port_open_to_the_network_is_told(rtgen: Rtgen, tiny_folder: Path) -> None:
    outcome = rtgen(
        *("play", "--model", tiny_folder, "--null", "--no-midi", "--seconds", 0.1),
        *("--osc", "0.0.0.0:0"),
    )
    assert outcome.code == 0
    assert "OSC has no password: whoever reaches this port can steer" in outcome.err


@pytest.mark.parametrize("place", ["studio", "99999", ":9000"])
def test_what_is_no_place_is_refused_before_anything_plays(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, place: str
) -> None:
    outcome = rtgen(
        *("play", "--model", tiny_folder, "--null", "--no-midi", "--osc", place),
        *("--record", tmp_path / "x.wav"),
    )
    assert outcome.code == 2
    assert outcome.err.splitlines() == [
        f"error: '{place}' is no place to listen",
        "hint: for example 9000 or 0.0.0.0:9000",
    ]
    assert list(tmp_path.iterdir()) == []


def test_the_map_prints_every_address(rtgen: Rtgen) -> None:
    outcome = rtgen("osc", "map")
    assert outcome.code == 0
    lines = {line.split()[0] for line in outcome.out.splitlines()}
    assert {"/rtgen/density", "/rtgen/norm/gain", "/rtgen/key/Eb", "/rtgen/panic"} <= lines

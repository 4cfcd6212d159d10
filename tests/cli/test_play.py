"""Playing: by itself into the null clock, at a terminal, on a JACK server, until told to stop."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jack
import numpy as np
import pytest
import rtmidi
import soundfile

from rtgen.control.performance_reader import read_midi
from rtgen.timeline.voice import Voice
from tests.cli.conftest import Rtgen

COMMAND = [sys.executable, "-m", "rtgen.cli.main", "play"]
PATIENCE_SECONDS = 20.0


def test_it_plays_without_a_device_and_stops_by_itself(rtgen: Rtgen, tiny_folder: Path) -> None:
    outcome = rtgen(
        "play", "--model", tiny_folder, "--null", "--no-midi", "--seconds", 1, "--seed", 5
    )
    assert outcome.code == 0
    assert outcome.out == ""
    assert re.fullmatch(
        r"played [01]\.\d s of seed 5, 0 underruns, \d+ x real time\n"
        r"the performance is in \S+-5\.mid\nmake it again with  rtgen render --midi '\S+'\n",
        outcome.err,
    ), outcome.err


def test_it_records_what_is_heard(rtgen: Rtgen, tiny_folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.wav"
    outcome = rtgen(
        *("play", "--model", tiny_folder, "--null", "--no-midi", "--seconds", 1),
        *("--record", target, "--rate", 48000),
    )
    assert outcome.code == 0
    sound, rate = soundfile.read(target)
    assert rate == 48000
    assert len(sound) > 24000
    assert np.abs(sound).max() > 0.01


def test_it_begins_with_a_preset_and_settings_go_over_it(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    took = tmp_path / "x.mid"
    outcome = rtgen(
        *("play", "--model", tiny_folder, "--null", "--no-midi", "--seconds", 1),
        *("--preset", "peak", "--set", "density=3", "--performance", took),
    )
    assert outcome.code == 0, outcome
    passage = read_midi(took, {"tempo": (60.0, 200.0)}, {}, Voice(0)).passages[0]
    assert passage.lanes["tempo"][0] == pytest.approx(138, abs=0.01)
    assert passage.lanes["density"][0] == pytest.approx(3, abs=0.01)
    assert passage.lanes["energy"][0] == pytest.approx(0.95, abs=0.01)
    refused = rtgen("play", "--model", tiny_folder, "--null", "--preset", "nothing")
    assert refused.code == 2
    assert "`rtgen presets list` names them" in refused.err


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_told_and_closes_its_recording(
    tiny_folder: Path, tmp_path: Path, stop: signal.Signals
) -> None:
    target = tmp_path / "x.wav"
    arguments = ["--model", str(tiny_folder), "--null", "--no-midi", "--record", str(target)]
    with subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (target.exists() and target.stat().st_size > 100_000):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        program.send_signal(stop)
        assert program.wait(PATIENCE_SECONDS) == 0
        assert program.stderr.read().startswith("played ")
    assert soundfile.info(target).frames * 8 > 90_000


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        self.program = subprocess.Popen(
            [*COMMAND, *arguments], stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
            env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"},
        )  # fmt: skip
        os.close(slave)
        self.seen = ""

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, pattern: str) -> re.Match[str]:
        """Wait for text that was not seen before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end() :]
                return found
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self._master, 65536).decode(errors="replace")
                except OSError:  # the program is gone
                    break
        raise AssertionError(f"'{pattern}' did not come; last: {self.seen[-600:]}")

    def close(self) -> None:
        self.program.kill()
        self.program.wait()
        os.close(self._master)


@pytest.fixture
def terminal(tiny_folder: Path) -> Iterator[Terminal]:
    at = Terminal("--model", str(tiny_folder), "--null", "--no-midi", "--seed", "5")
    yield at
    at.close()


def test_meters_are_live_and_keys_steer(terminal: Terminal) -> None:
    terminal.until(r"seed 5 ")
    terminal.until(r"density .*7\.00 onsets/s")
    terminal.type("DDD")
    terminal.until(r"density .*8\.50 onsets/s")
    terminal.type("\x1b[D")  # the left arrow is no capital D
    terminal.type("t")
    terminal.until(r"tempo .*127\.00 bpm")
    terminal.until(r"density .*8\.50 onsets/s")
    terminal.type("n")
    terminal.until(r"seed (?!5 )\d+")
    terminal.type("q")
    terminal.until(r"played [\d.]+ s of seed")
    assert terminal.program.wait(PATIENCE_SECONDS) == 0


def test_it_plays_on_a_server_and_listens_to_its_keyboard(
    jack_server: str, tiny_folder: Path, tmp_path: Path
) -> None:
    out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="wheel")
    out.open_virtual_port("keys")
    target = tmp_path / "x.wav"
    at = Terminal(
        *("--model", str(tiny_folder), "--device", "system", "--midi", "wheel"),
        *("--record", str(target), "--seconds", "60"),
    )
    try:
        at.until(r"density .*7\.00 onsets/s")
        out.send_message([0xB0, 1, 127])
        at.until(r"density .*18\.00 onsets/s")
        at.type("q")
        ended = at.until(r"played [\d.]+ s of seed \d+, (\d+) underruns")
        assert ended.group(1) == "0"
        assert at.program.wait(PATIENCE_SECONDS) == 0
    finally:
        at.close()
        out.close_port()
        out.delete()
    assert soundfile.info(target).samplerate == 48000


def test_it_plays_as_a_jack_client_where_the_transport_is(
    jack_server: str, tiny_folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.wav"
    conductor = jack.Client("conductor")
    at = Terminal(
        *("--model", str(tiny_folder), "--jack", "--jack-transport", "--no-midi", "--seed", "4"),
        *("--record", str(target), "--seconds", "60"),
    )
    try:
        at.until(r"bar 1 beat 1")
        conductor.transport_frame = 48000 * 600
        conductor.transport_start()
        at.until(r" 60[2-9]\.\d s")
        at.type("q")
        ended = at.until(r"played 60\d\.\d s of seed 4, (\d+) underruns")
        assert int(ended.group(1)) <= 1  # the jump, if it comes before what is there was made
        assert at.program.wait(PATIENCE_SECONDS) == 0
    finally:
        conductor.transport_stop()
        conductor.transport_frame = 0
        conductor.close()
        at.close()
    sound, rate = soundfile.read(target)
    assert rate == 48000
    assert np.abs(sound[-rate:]).max() > 0.01


def test_a_disk_that_fills_up_ends_the_recording_and_not_the_music(
    tiny_folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.wav"
    arguments = ["rtgen", "play", "--model", str(tiny_folder), "--null", "--no-midi"]
    arguments += ["--seconds", "3", "--record", str(target)]
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        f"sys.argv = {arguments!r}\n"
        "from rtgen.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    told, played, *_, error, hint = done.stderr.splitlines()
    assert done.returncode == 2
    assert told.startswith("recording stopped after 0.")
    assert played.startswith("played 3.")
    assert error == f"error: {told}"
    assert hint == "hint: what was written is readable"
    assert soundfile.info(target).frames > 20_000

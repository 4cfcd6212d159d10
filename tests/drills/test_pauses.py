"""Processes that stand still for a while, and a laptop that was closed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.drills.conftest import Check
from tests.drills.live_host import LiveHost
from tests.fakes.shifted_clock import ShiftedClock
from tests.hosts.conftest import EngineProcess

EIGHT_HOURS = 8 * 3600


def pause(seconds: float, *pids: int) -> None:
    """SIGSTOP; later SIGCONT, in the order given."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def test_a_short_stop_of_the_engine_is_not_heard(
    host: LiveHost, engine: EngineProcess, ends_as_rendered: Check
) -> None:
    before = host.meters()["underruns"]
    pause(0.3, engine.pid)
    assert host.go_on(2.0)["underruns"] == before
    ends_as_rendered(host.end()[0])


def test_after_a_long_stop_of_the_engine_the_host_hears_the_music_of_where_it_is(
    host: LiveHost, engine: EngineProcess, ends_as_rendered: Check
) -> None:
    before = host.meters()["underruns"]
    pause(4.0, engine.pid)
    assert host.meters()["underruns"] > before, "all was made before the stop; stop it for longer"
    host.until_heard()
    host.go_on(2.0)
    heard, report = host.end()
    ends_as_rendered(heard)
    assert report["not_finite"] == 0


@pytest.mark.parametrize("first", ["engine", "host"])
def test_a_laptop_that_was_closed_plays_on_where_it_was(
    host: LiveHost, engine: EngineProcess, clock: ShiftedClock, first: str, ends_as_rendered: Check
) -> None:
    pids = [engine.pid, host.process.pid]
    clock.jump(EIGHT_HOURS)
    pause(3.0, *(pids if first == "engine" else reversed(pids)))
    host.until_heard()
    host.go_on(2.0)
    ends_as_rendered(host.end()[0])


def test_a_player_in_a_closed_laptop_plays_and_records_on(
    clock: ShiftedClock, tiny_folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.wav"
    command = [sys.executable, "-m", "rtgen.cli.main", "play", "--model", str(tiny_folder)]
    command += ["--null", "--no-midi", "--record", str(target)]
    with subprocess.Popen(
        command, env=clock.environment, stderr=subprocess.PIPE, text=True
    ) as player:
        size = until_grown(target, 0)
        clock.jump(EIGHT_HOURS)
        pause(3.0, player.pid)
        until_grown(target, size)
        player.terminate()
        assert player.wait(20) == 0
        assert player.stderr is not None
        said = player.stderr.read()
    played = re.match(r"played (\d+)\.\d s", said)
    assert played, said
    assert int(played.group(1)) < 60, "time went by while it slept"
    heard, rate = soundfile.read(target)
    assert np.abs(heard[-rate // 2 :]).max() > 0.01


def until_grown(path: Path, size: int) -> int:
    """Wait until a file is larger by about a second of sound."""
    deadline = time.monotonic() + 20
    while not (path.exists() and path.stat().st_size > size + 350_000):
        assert time.monotonic() < deadline, "nothing is recorded"
        time.sleep(0.05)
    return path.stat().st_size

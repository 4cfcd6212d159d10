"""Somebody sets the date while it plays: nobody may notice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from tests.drills.conftest import Check
from tests.drills.live_host import LiveHost
from tests.drills.test_pauses import until_grown
from tests.fakes.shifted_clock import ShiftedClock

JUMPS = (-86400, 10**7, -(10**8), 0)


def test_the_clock_of_these_tests_is_another(clock: ShiftedClock) -> None:
    clock.jump(10**8)
    program = "import time; print(time.time())"
    command = [sys.executable, "-c", program]
    there, here = (
        float(subprocess.run(command, env=env, capture_output=True, check=True, text=True).stdout)
        for env in (clock.environment, None)
    )
    assert there - here == pytest.approx(10**8, abs=1000)


def test_a_host_and_its_engine_play_through(
    host: LiveHost, clock: ShiftedClock, ends_as_rendered: Check
) -> None:
    before = host.meters()["underruns"]
    for seconds in JUMPS:
        clock.jump(seconds)
        assert host.go_on(0.7)["underruns"] == before
    host.go_on(1.0)
    ends_as_rendered(host.end()[0])


def test_a_player_plays_records_and_ends_in_time(
    clock: ShiftedClock, tiny_folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.wav"
    command = [sys.executable, "-m", "rtgen.cli.main", "play", "--model", str(tiny_folder)]
    command += ["--null", "--no-midi", "--seconds", "6", "--record", str(target)]
    with subprocess.Popen(
        command, env=clock.environment, stderr=subprocess.PIPE, text=True
    ) as player:
        size = 0
        for seconds in JUMPS:
            size = until_grown(target, size)
            clock.jump(seconds)
        assert player.wait(30) == 0
        assert player.stderr is not None
        said = player.stderr.read()
    assert re.match(r"played [56]\.\d s of seed \d+, 0 underruns", said), said
    assert soundfile.info(target).duration > 5

"""Other programs take the processor from the engine, and let go of it again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.drills.conftest import Check
from tests.drills.live_host import LiveHost
from tests.hosts.conftest import EngineProcess

STARVED_SECONDS = 3.0


@contextmanager
def starved(pid: int) -> Iterator[None]:
    """All threads of a process come after two busy programs for each processor."""
    before = os.getpriority(os.PRIO_PROCESS, pid)
    threads = [int(thread) for thread in os.listdir(f"/proc/{pid}/task")]
    for thread in threads:
        os.setpriority(os.PRIO_PROCESS, thread, 19)
    programs = [
        subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"])
        for _ in range(2 * len(os.sched_getaffinity(0)))
    ]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()
        for thread in threads:
            os.setpriority(os.PRIO_PROCESS, thread, before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give priority back")
def test_an_engine_that_was_starved_is_heard_again_where_the_host_is(
    host: LiveHost, engine: EngineProcess, ends_as_rendered: Check
) -> None:
    with starved(engine.pid):
        time.sleep(STARVED_SECONDS)
    host.until_heard()
    host.go_on(2.0)
    heard, report = host.end()
    ends_as_rendered(heard)
    assert report["not_finite"] == 0

"""Plugins that are created and destroyed by the hundred: nothing is left of them."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from rtgen.serve.server import ask, socket_path
from tests.drills.conftest import Check
from tests.drills.live_host import LiveHost
from tests.drills.resources import descriptors, resident_bytes, threads
from tests.fakes.host import Host
from tests.fakes.shifted_clock import ShiftedClock
from tests.hosts.conftest import EngineProcess

WARM, MORE = 60, 120
MOST_GROWTH_BYTES = 10_000_000
PATIENCE_SECONDS = 20.0


def come_and_go(times: int) -> None:
    """Some leave at once, some in the middle of a take."""
    for k in range(times):
        with Host(socket_path(), client=f"short {k}") as host:
            assert host.answer[0] == "ok"
            host.locate(k * 10**6, playing=True, seed=k)
            if k % 8 == 0:
                time.sleep(0.02)


def until_alone(instances: int) -> None:
    """Wait until the engine has let go of all but some."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len((ask("status") or {})["instances"]) > instances:  # type: ignore[arg-type]
        assert time.monotonic() < deadline, "instances are left"
        time.sleep(0.02)


def test_hundreds_leave_no_descriptor_thread_or_memory_and_disturb_nobody(
    engine: EngineProcess, host: LiveHost, ends_as_rendered: Check
) -> None:
    come_and_go(WARM)
    until_alone(1)
    held = descriptors(engine.pid), threads(engine.pid)
    warm, underruns = resident_bytes(engine.pid), host.meters()["underruns"]
    come_and_go(MORE)
    until_alone(1)
    assert descriptors(engine.pid) <= held[0]
    assert threads(engine.pid) <= held[1]
    assert resident_bytes(engine.pid) - warm < MOST_GROWTH_BYTES
    assert host.go_on(2.0)["underruns"] == underruns
    ends_as_rendered(host.end()[0])


def test_hosts_that_crash_while_they_play_are_let_go(
    engine: EngineProcess,
    host: LiveHost,
    plugins: dict[str, Path],
    clock: ShiftedClock,
    tmp_path: Path,
    ends_as_rendered: Check,
) -> None:
    underruns = host.meters()["underruns"]
    for k in range(3):
        folder = tmp_path / str(k)
        folder.mkdir()
        with LiveHost(plugins["clap"], folder, clock.environment) as other:
            other.until_heard()
            other.process.send_signal(signal.SIGKILL)
            other.process.wait()
        until_alone(1)
    assert host.go_on(1.5)["underruns"] == underruns
    ends_as_rendered(host.end()[0])

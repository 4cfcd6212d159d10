"""An engine that is killed again and again while a host plays."""

from __future__ import annotations

import time

import numpy as np

from tests.drills.conftest import Check
from tests.drills.live_host import PATIENCE_SECONDS, RATE, LiveHost
from tests.hosts.conftest import EngineProcess, Render


def until_dry(host: LiveHost, underruns: float) -> None:
    """Wait until the host has played what was made."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (now := host.meters())["underruns"] == underruns:
        assert time.monotonic() < deadline, f"it has sound without an engine: {now}"
        time.sleep(0.05)
    assert now["connected"] == 0


def test_it_is_faded_out_and_faded_in_when_it_is_back(
    host: LiveHost, engine: EngineProcess, render: Render, ends_as_rendered: Check
) -> None:
    for _ in range(3):
        underruns = host.meters()["underruns"]
        engine.kill()
        until_dry(host, underruns)
        engine.start()
        assert host.until_heard()["connected"] == 1
    host.go_on(2.0)
    heard, report = host.end()
    ends_as_rendered(heard)
    assert report["not_finite"] == 0
    assert report["peak"] <= 1.0
    calm = render(RATE, 0, len(heard), tempo=120.0)
    assert report["largest_step"] <= np.abs(np.diff(calm, axis=0)).max() + 1e-4

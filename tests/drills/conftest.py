"""The plugin, an engine whose clock can be moved, and what `rtgen render` would make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.drills.live_host import RATE, LiveHost
from tests.fakes.shifted_clock import ShiftedClock
from tests.hosts.conftest import EngineProcess, Render, plugins, render

__all__ = ["plugins", "render"]
Check = Callable[[npt.NDArray[np.float32]], None]


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShiftedClock]:
    """A wall clock for the engine and its hosts."""
    monkeypatch.setenv("RTGEN_RUNTIME", str(tmp_path / "run"))
    clock = ShiftedClock(tmp_path)
    yield clock
    clock.close()


@pytest.fixture
def engine(clock: ShiftedClock) -> Iterator[EngineProcess]:
    """An engine of the test's own, which it may do anything to."""
    process = EngineProcess(clock.environment)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def host(
    plugins: dict[str, Path], engine: EngineProcess, clock: ShiftedClock, tmp_path: Path
) -> Iterator[LiveHost]:
    """A host that is heard, with sound ahead."""
    with ExitStack() as stack:
        host = stack.enter_context(LiveHost(plugins["clap"], tmp_path, clock.environment))
        host.until_heard()
        yield host


@pytest.fixture
def ends_as_rendered(render: Render) -> Check:
    """Demands that the last second of a live host's sound is what `rtgen render` makes there."""

    def check(heard: npt.NDArray[np.float32]) -> None:
        wanted = render(RATE, len(heard) - RATE, RATE, tempo=120.0)
        assert np.abs(wanted).max() > 0.05
        assert np.abs(heard[-RATE:] - wanted).max() < 1e-3

    return check

"""The built plugin, an engine in a process of its own, and what `rtgen render` would make."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rtgen.audio.resample import Resampler
from rtgen.bundle.load import load_bundle
from rtgen.serve.plugin_files import plugin_files
from rtgen.stream import offline
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.controls import Value
from rtgen.timeline.events import ControlTimeline

Render = Callable[..., npt.NDArray[np.float32]]


@pytest.fixture(scope="session")
def plugins() -> dict[str, Path]:
    """The built plugin by format: vst3, clap, lv2."""
    built = {file.kind: file.built for file in plugin_files()}
    missing = [kind for kind, path in built.items() if not path.exists()]
    assert not missing, f"{missing} not built: run `make test`, which installs what it needs"
    return built


class EngineProcess:
    """`rtgen serve` in a process, on the socket that RTGEN_RUNTIME names."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the process that runs, or ran last."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        from rtgen.serve.server import ask

        command = [sys.executable, "-m", "rtgen.cli.main", "serve", "run"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=self._environment)
        deadline = time.monotonic() + 30
        while ask("status") is None:
            assert time.monotonic() < deadline, "the engine does not come up"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """A running engine; plugins loaded in this process find it."""
    before = os.environ.get("RTGEN_RUNTIME")
    os.environ["RTGEN_RUNTIME"] = str(tmp_path_factory.mktemp("engine") / "run")
    process = EngineProcess()
    process.start()
    try:
        yield process
    finally:
        process.kill()
        if before is None:
            del os.environ["RTGEN_RUNTIME"]
        else:
            os.environ["RTGEN_RUNTIME"] = before


@pytest.fixture(scope="session")
def render() -> Render:
    """`render(rate, first, n, seed, bar_beats, **controls)`: samples (n, 2) of `rtgen render`."""
    renderer = Renderer(load_bundle("techno"))

    def make(
        rate: int, first: int, n: int, seed: int = 0, bar_beats: float = 4.0, **controls: Value
    ) -> npt.NDArray[np.float32]:
        timeline = ControlTimeline(dict(controls), bar_beats=bar_beats)
        return offline.samples(renderer, Voice(seed), timeline, Resampler(rate), first, n)

    return make

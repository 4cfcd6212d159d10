"""No memory is left for a model: who asks for it is told, the others play on."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rtgen.serve.server import socket_path
from tests.conftest import MODELS
from tests.drills.conftest import Check
from tests.drills.live_host import LiveHost
from tests.fakes.host import Host
from tests.hosts.conftest import EngineProcess

HEADROOM_BYTES = 12 << 20


@pytest.fixture(autouse=True)
def second_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped one under another name, so that it must be loaded anew."""
    shutil.copytree(MODELS / "techno", tmp_path / "models" / "second")
    monkeypatch.setenv("RTGEN_MODELS", str(tmp_path / "models"))


@contextmanager
def hardly_any_memory(pid: int) -> Iterator[None]:
    """A process may have little more than it has."""
    status = Path(f"/proc/{pid}/status").read_text()
    used = int(status.split("VmSize:")[1].split()[0]) * 1024
    before = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (used + HEADROOM_BYTES, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_AS, before)


def test_the_others_play_on_and_the_model_comes_when_there_is_memory_again(
    engine: EngineProcess, host: LiveHost, ends_as_rendered: Check
) -> None:
    before = host.meters()["underruns"]
    with hardly_any_memory(engine.pid):
        for _ in range(3):
            with Host(socket_path(), model="second") as refused:
                assert refused.answer[0] == "no"
                assert "memory" in refused.answer[1]
    with Host(socket_path(), model="second") as admitted:
        assert admitted.answer[0] == "ok"
    assert host.go_on(2.0)["underruns"] == before
    ends_as_rendered(host.end()[0])

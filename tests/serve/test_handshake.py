"""Who is let in, and what the others are told."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from pathlib import Path

import pytest

from rtgen import _bridge
from rtgen.bundle.origin import digest
from rtgen.errors import EngineError
from rtgen.serve import server
from rtgen.serve.instances import Models
from rtgen.serve.server import Server, ask
from tests.fakes.host import CAPACITY, SEALS, Host, greet, memory

HELLO = {"rtgen": _bridge.SEGMENT_VERSION, "rate": 44100}


def until(condition) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(condition())


def clients() -> list[dict]:
    said = ask("status")
    assert said is not None
    return said["instances"]  # type: ignore[return-value]


def test_a_plugin_learns_which_model_plays(engine: Path, models: Models) -> None:
    with Host(engine, client="VST3") as host:
        said, model, checksum, names = host.answer
        assert (said, model) == ("ok", "techno")
        assert checksum == models.renderer("").bundle.checksum
        assert "techno" in names.split(",")
        assert [c["client"] for c in clients()] == ["VST3"]


def test_a_plugin_that_leaves_is_let_go(engine: Path) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        with Host(engine):
            pass
    assert until(lambda: clients() == [])
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 1


@pytest.mark.parametrize("version", [0, _bridge.SEGMENT_VERSION + 1])
def test_another_version_is_refused_with_a_sentence(engine: Path, version: int) -> None:
    with Host(engine, rtgen=version) as host:
        assert host.answer[0] == "no"
        assert f"protocol {version}" in host.answer[1]
        assert "update" in host.answer[1]


def test_a_model_that_is_missing_is_named(engine: Path) -> None:
    with Host(engine, model="polka") as host:
        assert host.answer[0] == "no"
        assert "polka" in host.answer[1]


def test_another_checksum_is_refused(engine: Path) -> None:
    with Host(engine, model="techno", checksum="0" * 64) as host:
        assert host.answer[0] == "no"
        assert "made with another techno" in host.answer[1]


@pytest.mark.parametrize(
    "hello",
    [
        b"\n",
        b"hello\n",
        b"[]\n",
        b'{"rtgen": "x"}\n',
        b'{"rtgen": 1, "rate": -5}\n',
        b"{" * 5000 + b"\n",
        json.dumps({**HELLO, "model": "m" * 300}).encode() + b"\n",
        json.dumps({**HELLO, "ask": "nonsense"}).encode() + b"\n",
    ],
)
def test_nonsense_is_refused_and_the_engine_lives(engine: Path, hello: bytes) -> None:
    connection, answer = greet(engine, hello, [])
    connection.close()
    assert answer[0] == "no"
    assert clients() == []


def bad_memory() -> list[tuple[str, int]]:
    size = _bridge.segment_bytes(CAPACITY)
    return [
        ("not sealed", memory(size, 0)),
        ("no segment", memory(size)),
        ("no segment", memory(4096)),
        ("no sensible size", memory(0)),
        ("no sensible size", memory((1 << 28) + 4096, SEALS)),
    ]


def test_bad_memory_is_refused(engine: Path) -> None:
    for says, descriptor in bad_memory():
        connection, answer = greet(engine, HELLO, [descriptor])
        connection.close()
        os.close(descriptor)
        assert answer[0] == "no"
        assert says in answer[1] or "cannot be used" in answer[1]
    connection, answer = greet(engine, HELLO, [])
    connection.close()
    assert "one segment" in answer[1]


def test_the_socket_is_this_users_alone(engine: Path) -> None:
    assert stat.S_IMODE(engine.stat().st_mode) == 0o600
    assert stat.S_IMODE(engine.parent.stat().st_mode) == 0o700


def test_a_path_that_no_socket_can_have_is_refused(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    monkeypatch.setenv("RTGEN_RUNTIME", "/tmp/" + "long" * 40)
    with pytest.raises(EngineError, match="too long"):
        Server(models)


def test_a_second_engine_is_refused(engine: Path, models: Models) -> None:
    with pytest.raises(EngineError, match="runs already"):
        Server(models)
    assert clients() == []


def test_a_socket_that_a_killed_engine_left_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    monkeypatch.setenv("RTGEN_RUNTIME", str(tmp_path))
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(server.socket_path()))
    assert ask("status") is None
    with Server(models):
        assert server.socket_path().exists()
    assert not server.socket_path().exists()


def test_a_bundle_that_was_replaced_is_loaded_anew(bundle_copy: Path) -> None:
    models = Models(str(bundle_copy))
    first = models.renderer("")
    assert models.renderer("") is first
    manifest = bundle_copy / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"version": "0.1.0"', '"version": "0.2.0"'))
    second = models.renderer("")
    assert second.bundle.manifest.version == "0.2.0"
    assert second.bundle.checksum == digest(bundle_copy) != first.bundle.checksum

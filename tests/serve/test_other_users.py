"""Other users of the machine: they are not let in, and what they set up is not walked into."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtgen.errors import EngineError
from rtgen.paths import runtime_folder
from rtgen.serve import daemon
from rtgen.serve.instances import Models
from rtgen.serve.server import SOCKET_NAME, Server, ask, is_running

NOBODY = 65534
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
CALLER = """
import os, socket, sys
os.setgroups([])
os.setuid(65534)
with socket.socket(socket.AF_UNIX) as caller:
    caller.settimeout(10)
    try:
        caller.connect(sys.argv[1])
        print("connected")
        caller.sendall(b'{"rtgen": 1, "ask": "status"}\\n')
        print(caller.recv(100))
    except OSError as error:
        print(type(error).__name__)
"""
IMPOSTOR = """
import os, socket, sys
os.setgroups([])
os.setuid(65534)
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    os.chmod(sys.argv[1], 0o777)
    listener.listen()
    print("listening", flush=True)
    while True:
        caller, _ = listener.accept()
        print(caller.recv(100), flush=True)
        caller.close()
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user of the machine can enter."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def theirs(shared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runtime folder, which another user made before us."""
    folder = shared / "rtgen"
    folder.mkdir()
    folder.chmod(0o777)
    os.chown(folder, NOBODY, NOBODY)
    monkeypatch.setenv("RTGEN_RUNTIME", str(folder))
    return folder


def call(path: Path) -> list[str]:
    """What another user learns at a socket."""
    done = subprocess.run(
        [sys.executable, "-c", CALLER, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@needs_root
def test_nobody_else_gets_to_the_socket_or_an_answer(
    shared: Path, monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    monkeypatch.setenv("RTGEN_RUNTIME", str(shared / "run"))
    with Server(models) as server:
        path = shared / "run" / SOCKET_NAME
        assert call(path) == ["PermissionError"]
        path.parent.chmod(0o777)  # even if both were open
        path.chmod(0o777)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            reached, got = call(path)
            assert reached == "connected"
            assert got in ("b''", "BrokenPipeError", "ConnectionResetError")
            assert ask("status") is not None
        finally:
            server.stop()
            thread.join()


@needs_root
def test_a_folder_of_another_user_is_no_place_for_an_engine(theirs: Path, models: Models) -> None:
    with pytest.raises(EngineError, match="does not belong to you"):
        Server(models)
    assert list(theirs.iterdir()) == []


@needs_root
def test_an_impostor_is_told_nothing_and_believed_nothing(
    theirs: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = theirs / SOCKET_NAME
    with subprocess.Popen(
        [sys.executable, "-c", IMPOSTOR, str(path)], stdout=subprocess.PIPE, text=True
    ) as impostor:
        assert impostor.stdout is not None
        try:
            assert impostor.stdout.readline() == "listening\n"
            for deed in (lambda: ask("status"), daemon.stop, lambda: daemon.start([])):
                with pytest.raises(EngineError, match="does not belong to you"):
                    deed()
            monkeypatch.setenv("RTGEN_RUNTIME", str(shared / "ours"))
            (shared / "ours").mkdir(mode=0o700)
            (shared / "ours" / SOCKET_NAME).symlink_to(path)
            with pytest.raises(EngineError, match="another user's"):
                ask("status")
            assert impostor.stdout.readline() == "b''\n"
        finally:
            impostor.kill()


def test_a_link_in_the_place_of_the_lock_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dear = tmp_path / "dear"
    dear.write_text("kept")
    (tmp_path / "run").mkdir(mode=0o700)
    (tmp_path / "run" / "engine.lock").symlink_to(dear)
    monkeypatch.setenv("RTGEN_RUNTIME", str(tmp_path / "run"))
    with pytest.raises(OSError, match="symbolic links"):
        is_running()
    assert dear.read_text() == "kept"


def test_a_link_in_the_place_of_the_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setenv("RTGEN_RUNTIME", str(tmp_path / "link"))
    with pytest.raises(EngineError, match="does not belong to you"):
        Server(models)
    with pytest.raises(EngineError, match="does not belong to you"):
        ask("status")


def test_a_folder_that_others_may_enter_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    monkeypatch.setenv("RTGEN_RUNTIME", str(tmp_path / "run"))
    with Server(models):
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700


def test_without_a_session_there_is_a_folder_for_each_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RTGEN_RUNTIME", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert runtime_folder() == Path("/run/user/7/rtgen")
    for absent in ("", None):
        if absent is None:
            monkeypatch.delenv("XDG_RUNTIME_DIR")
        else:
            monkeypatch.setenv("XDG_RUNTIME_DIR", absent)
        assert runtime_folder() == Path(f"/tmp/rtgen-{os.getuid()}")


def test_an_engine_runs_nothing_that_lies_where_it_was_started(tmp_path: Path) -> None:
    for name in ("json", "typer", "numpy", "rtgen"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run')\n")
    command = daemon.command(["--help"])
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Serve in the foreground" in done.stdout

"""The engine's socket: who may connect, who is served, who is let go.

A connection is a plugin instance: it lives as long as the connection does, so nothing is left
behind when either side dies.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import selectors
import socket
import stat
import threading
from pathlib import Path
from typing import IO, Self

from rtgen.errors import EngineError, RtgenError
from rtgen.paths import runtime_folder
from rtgen.serve import handshake
from rtgen.serve.handshake import Hello
from rtgen.serve.instances import Instance, Models, instance_of
from rtgen.serve.scheduler import Scheduler, Worked

SOCKET_NAME = "engine.sock"
LOCK_NAME = "engine.lock"
LONGEST_PATH = 107
BREATH_SECONDS = 0.1
log = logging.getLogger(__name__)


def socket_path() -> Path:
    """Where the engine listens.

    Raises
    ------
    EngineError when a Unix socket cannot have so long a name.
    """
    path = runtime_folder() / SOCKET_NAME
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise EngineError(
            f"{path} is too long for a socket", value=str(path), hint="set RTGEN_RUNTIME"
        )
    return path


def own_folder(folder: Path) -> None:
    """Make the runtime folder ours alone.

    Raises
    ------
    EngineError when it is not, and cannot be.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(_ours(folder).st_mode) != 0o700:
        folder.chmod(0o700)


def _ours(folder: Path) -> os.stat_result:
    """What a folder is, if it is one of this user's; whoever else's would be trusted with too much.

    Raises
    ------
    EngineError when it is not; OSError when it is not there, or a file.
    """
    found = folder.lstat()
    if stat.S_ISREG(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise EngineError(
            f"{folder} does not belong to you", value=str(folder), hint="set RTGEN_RUNTIME"
        )
    return found


def is_private(folder: Path) -> bool:
    """Whether a folder is ours alone, or not made yet; `own_folder` puts a wrong mode right."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return True
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return ours and stat.S_IMODE(found.st_mode) == 0o700


def only_one(folder: Path) -> IO[bytes]:
    """An open file that only one engine can hold.

    Raises
    ------
    EngineError when another holds it.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    lock = os.fdopen(os.open(folder / LOCK_NAME, flags, 0o600), "wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise EngineError(
            "an engine runs already",
            hint="`rtgen serve status` shows it, `rtgen serve stop` ends it",
        ) from error
    return lock


def is_running() -> bool:
    """Whether an engine holds the lock; one that is ending does until it has ended."""
    try:
        only_one(socket_path().parent).close()
    except EngineError:
        return True
    except FileNotFoundError:
        return False
    return False


class Server:
    """Listens, serves plugins, and answers the command line's questions.

    Parameters
    ----------
    models : that plugins may ask for.
    workers : threads that make sound.

    Raises
    ------
    EngineError when an engine runs already.
    """

    def __init__(self, models: Models, workers: int = 2) -> None:
        self._models = models
        path = socket_path()
        own_folder(path.parent)
        self._lock = only_one(path.parent)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Whoever sees the new socket can connect to it. What a killed engine left is replaced.
        unready = path.with_suffix(".new")
        unready.unlink(missing_ok=True)
        self._listener.bind(str(unready))
        unready.chmod(0o600)
        self._listener.listen(64)
        unready.rename(path)
        self._path = path
        self._instances: dict[socket.socket, Instance] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._scheduler = Scheduler(workers, self._failed)
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self) -> None:
        """Serve until `stop`."""
        while not self._stopped.is_set():
            for key, _events in self._selector.select(timeout=0.5):
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._hear(key.fileobj)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Let `run` return soon; from any thread or a signal."""
        self._stopped.set()

    def close(self) -> None:
        """Let everybody go and free the socket; twice is harmless."""
        self._scheduler.close()
        for connection in list(self._instances):
            self._let_go(connection)
        self._selector.close()
        self._listener.close()
        if not self._lock.closed:
            self._path.unlink(missing_ok=True)
            self._lock.close()

    def _accept(self) -> None:
        try:
            connection, _address = self._listener.accept()
        except OSError as error:  # it left again, or we are out of descriptors
            log.warning("a connection could not be taken: %s", error)
            self._stopped.wait(BREATH_SECONDS)
            return
        if not handshake.peer_is_us(connection):
            log.warning("another user tried to connect")
            connection.close()
            return
        try:
            hello, descriptors = handshake.receive(connection)
            if hello.ask:
                handshake.close(descriptors)
                self._tell(connection, hello.ask)
                connection.close()
            else:
                self._admit(connection, hello, descriptors)
        except EngineError as error:
            log.warning("a plugin was refused: %s", error)
            handshake.answer(connection, "no", str(error))
            connection.close()
        except Exception as error:  # whatever one plugin does to us, the others play on
            log.exception("a plugin could not be served")
            handshake.answer(connection, "no", f"the engine failed: {error}")
            connection.close()

    def _admit(self, connection: socket.socket, hello: Hello, descriptors: list[int]) -> None:
        segment = handshake.map_segment(descriptors, hello.rate)
        try:
            renderer, checksum = self._models.wanted(hello)
            instance = instance_of(connection, hello, segment, renderer)
        except RtgenError as error:
            raise EngineError(str(error)) from error
        self._instances[connection] = instance
        self._selector.register(connection, selectors.EVENT_READ)
        names = ",".join(self._models.names())
        handshake.answer(connection, "ok", instance.model, checksum, names)
        self._scheduler.add(instance.stream)
        log.info("%s connected: %s at %d Hz", hello.client, instance.model, hello.rate)

    def _hear(self, connection: socket.socket) -> None:
        try:
            said = connection.recv(handshake.LONGEST_LINE)
        except OSError:
            said = b""
        if not said:
            self._let_go(connection)

    def _let_go(self, connection: socket.socket) -> None:
        instance = self._instances.pop(connection)
        self._selector.unregister(connection)
        self._scheduler.remove(instance.stream)
        connection.close()
        log.info("%s left", instance.client)

    def _failed(self, stream: Worked, error: Exception) -> None:
        """Say why and hang up: the plugin connects again, to a stream that is whole."""
        for instance in list(self._instances.values()):
            if instance.stream is stream:
                handshake.answer(instance.connection, "say", f"the engine failed: {error}")
                handshake.hang_up(instance.connection)

    def _tell(self, connection: socket.socket, ask: str) -> None:
        if ask == "stop":
            handshake.answer(connection, json.dumps({"pid": os.getpid()}))
            self.stop()
        elif ask == "status":
            handshake.answer(connection, json.dumps(self.status()))
        else:
            raise EngineError(f"the engine knows no '{ask}'", value=ask)

    def status(self) -> dict[str, object]:
        """What `rtgen serve status` shows."""
        return {
            "pid": os.getpid(),
            "model": self._models.default,
            "instances": [
                {
                    "client": i.client,
                    "model": i.model,
                    "rate": i.rate,
                    "playing": i.stream.playing,
                    "position_s": round(i.stream.position_seconds, 3),
                    "lead_s": round(i.stream.lead_seconds(), 3),
                    "speed": round(i.stream.speed, 1),
                }
                for i in self._instances.values()
            ],
        }


def ask(question: str) -> dict[str, object] | None:
    """What a running engine answers; None if none runs.

    Raises
    ------
    EngineError when it answers nothing that makes sense, or is another user's.
    """
    from rtgen import _bridge

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(handshake.PATIENCE_SECONDS)
        try:
            path = socket_path()
            _ours(path.parent)
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        if not handshake.peer_is_us(connection):
            raise EngineError("what answers there is another user's", hint="set RTGEN_RUNTIME")
        try:
            line = json.dumps({"rtgen": _bridge.SEGMENT_VERSION, "ask": question})
            connection.sendall(line.encode() + b"\n")
            with connection.makefile("rb") as reader:
                said = reader.readline(1 << 20).decode()
            if said.startswith("no\t"):
                raise EngineError(said[3:].strip())
            answer: dict[str, object] = json.loads(said)
        except (OSError, ValueError) as error:
            raise EngineError("the engine does not answer", hint="see its log") from error
    return answer

"""An OSC server: steers a performer, tells changes back to who sent last.

One thread reads, acts and tells. It empties the socket in sweeps and keeps of each control only the
last message, and it rests longer than it works, so a flood takes no more than a quarter of one core
from the engine. Work is what the processor did: a process that was stopped in the middle of a sweep
owes no rest for it. Nothing here is ever waited for by the engine.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from typing import Any, Self

from rtgen.control.listen_at import ListenAt
from rtgen.control.osc_addresses import ADDRESSES, ROOT, AddressSpace
from rtgen.control.osc_datagram import LARGEST_BYTES, Message, Refused, messages
from rtgen.control.osc_feedback import Feedback, Told
from rtgen.control.performer import Performer
from rtgen.errors import RemoteError, RtgenError

SWEEP_DATAGRAMS = 1000
REST_SECONDS = 0.002
REST_PER_WORK = 3.0
FEEDBACK_SECONDS = 0.1
QUIET_SECONDS = 60.0
"""Nobody is told anything who has not sent for so long."""
FEEDBACK = f"{ROOT}/feedback"
LOWEST_PORT, HIGHEST_PORT = 1024, 65535
EACH = {path.encode() for path, row in ADDRESSES.items() if row.each}


class OscServer:
    """Listens from when it is made until it is closed.

    Parameters
    ----------
    performer : what is steered.
    at : where to listen.

    Raises
    ------
    RemoteError when python-osc is missing or the place is taken.
    """

    def __init__(self, performer: Performer, at: ListenAt) -> None:
        _require_python_osc()
        self._space, self._feedback = AddressSpace(performer), Feedback(performer)
        self.received = self.refused = 0
        self._sender: tuple[Any, ...] | None = None
        self._heard_at = self._told_at = 0.0
        self._reply_port: int | None = 0
        self._socket = _bound(at)
        self.at = ListenAt(*self._socket.getsockname()[:2])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtgen osc", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop to listen; twice is harmless."""
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def release(self) -> None:
        """Let go of held keys."""
        self._space.release()

    def _run(self) -> None:
        rest = 0.0
        while not self._stop.wait(rest):
            ready, _, _ = select.select([self._socket], [], [], FEEDBACK_SECONDS)
            now, begun = time.monotonic(), time.thread_time()
            if ready:
                self._sweep(now)
            if now - self._told_at >= FEEDBACK_SECONDS:
                self._told_at = now
                self._tell(now)
            rest = max(REST_SECONDS, REST_PER_WORK * (time.thread_time() - begun))

    def _sweep(self, now: float) -> None:
        waiting: dict[bytes, tuple[bytes, tuple[Any, ...]]] = {}
        with contextlib.suppress(OSError):  # the socket is empty
            for _ in range(SWEEP_DATAGRAMS):
                datagram, sender = self._socket.recvfrom(LARGEST_BYTES + 1)
                self.received += 1
                path = datagram.partition(b"\0")[0]
                alone = path in EACH or not path.startswith(b"/")
                key = datagram if alone else path
                waiting.pop(key, None)
                waiting[key] = (datagram, sender)
        for datagram, sender in waiting.values():
            try:
                for message in messages(datagram):
                    self._act(message, sender, now)
            except (Refused, RtgenError):
                self.refused += 1

    def _act(self, message: Message, sender: tuple[Any, ...], now: float) -> None:
        path, given = message
        if path == FEEDBACK:
            self._reply_port = _reply_port(given)
        else:
            self._space.act(path, given)
        if sender[:2] != (self._sender or ())[:2] or path == FEEDBACK:
            self._feedback.forget()
        self._sender, self._heard_at = sender, now

    def _tell(self, now: float) -> None:
        if self._sender is None or self._reply_port is None:
            return
        if now - self._heard_at > QUIET_SECONDS:
            self._sender = None
            return
        host, port, *more = self._sender
        for path, value in self._feedback.changes().items():
            with contextlib.suppress(OSError):  # whoever it was is gone
                self._socket.sendto(_datagram(path, value), (host, self._reply_port or port, *more))


def _reply_port(given: list[Any]) -> int | None:
    """Where to tell: 1 is the port that was sent from, 0 nowhere, others that port."""
    asked = given[0] if len(given) == 1 else None
    if asked in (0, 1):
        return None if asked == 0 else 0
    if isinstance(asked, int | float) and LOWEST_PORT <= asked <= HIGHEST_PORT:
        return int(asked)
    raise Refused("no port to answer to")


def _datagram(path: str, value: Told) -> bytes:
    from pythonosc.osc_message_builder import build_msg

    return build_msg(path, value).dgram


def _bound(at: ListenAt) -> socket.socket:
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_DGRAM)
    try:
        found.bind((at.host, at.port))
    except OSError as error:
        found.close()
        raise RemoteError(
            f"cannot listen for OSC at {at}: {(error.strerror or str(error)).lower()}",
            value=str(at),
            hint="does something else listen there? try another --osc port",
        ) from error
    found.setblocking(False)
    return found


def _require_python_osc() -> None:
    try:
        import pythonosc  # noqa: F401
    except ImportError as error:
        raise RemoteError(
            "OSC needs python-osc", value="osc", hint="pip install 'rtgen[osc]'"
        ) from error

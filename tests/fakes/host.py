"""A plugin instance written in Python: the handshake and a host's end of the segment."""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import socket
import time
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from rtgen import _bridge

CAPACITY = 1 << 18
SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
FADE_SECONDS = 0.01
PATIENCE_SECONDS = 20.0
VALUES = {
    "density": 7.0,
    "energy": 0.65,
    "variation": 1.0,
    "morph": 0.0,
    "seed": 0.0,
    "style_a": -1.0,
    "style_b": -1.0,
}


def memory(size: int, seals: int = SEALS) -> int:
    """A sealed memfd."""
    descriptor = os.memfd_create("rtgen test", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor


def greet(path: Path, hello: object, descriptors: list[int]) -> tuple[socket.socket, list[str]]:
    """Connect and say hello; the socket and the words of the answer."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(PATIENCE_SECONDS)
    connection.connect(str(path))
    said = hello if isinstance(hello, bytes) else json.dumps(hello).encode() + b"\n"
    socket.send_fds(connection, [said], descriptors)
    with connection.makefile("rb") as reader:
        line = reader.readline(1 << 16)
    return connection, line.decode().rstrip("\n").split("\t")


class Host:
    """A host that plays when it is asked to.

    Parameters
    ----------
    path : the engine's socket.
    """

    def __init__(self, path: Path, *, rate: int = 44100, block: int = 256, **hello: object) -> None:
        size = _bridge.segment_bytes(CAPACITY)
        descriptor = memory(size)
        self._mapped = mmap.mmap(descriptor, size)
        self.segment = _bridge.HostSegment(self._mapped, rate, CAPACITY)
        self.rate, self.block = rate, block
        said = {"rtgen": _bridge.SEGMENT_VERSION, "rate": rate, "block": block, **hello}
        self.connection, self.answer = greet(path, said, [descriptor])
        os.close(descriptor)
        self.said: _bridge.SaidByHost = {
            "locates": 0, "notes": 0, "position": 0, "beat": 0.0, "tempo": 128.0, "bar_beats": 4.0,
            "playing": False, "offline": False, "block": block, "fresh": 0,
            "values": tuple(VALUES.values()),
        }  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def say(self, **changes: object) -> None:
        """Publish a new state; controls by name, the rest as `HostState` has it."""
        values = dict(zip(VALUES, self.said["values"], strict=True))
        values.update({k: float(v) for k, v in changes.items() if k in VALUES})  # type: ignore[arg-type]
        rest = {k: v for k, v in changes.items() if k not in VALUES}
        self.said = {**self.said, **rest, "values": tuple(values.values())}  # type: ignore[typeddict-item]
        self.segment.publish(self.said)

    def locate(self, position: int, **changes: object) -> None:
        """Go elsewhere; the beat follows from the tempo unless it is given."""
        tempo = float(changes.get("tempo", self.said["tempo"]))  # type: ignore[arg-type]
        beat = changes.pop("beat", position / self.rate * tempo / 60)
        locates = self.said["locates"] + 1
        self.say(position=position, beat=beat, locates=locates, **changes)

    def bounce(self, position: int, count: int) -> npt.NDArray[np.float32]:
        """Samples (count, 2) from a position on, waiting for each block as a plugin does."""
        parts = []
        for at in range(position, position + count, self.block):
            self.wait(at)
            parts.append(self.segment.read_at(at, min(self.block, position + count - at)))
        return np.concatenate(parts)

    def wait(self, at: int) -> None:
        """Until the block at a position can be read whole."""
        want = at + self.block + round(FADE_SECONDS * self.rate)
        self.segment.want(want)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.segment.answered() < self.segment.revision or self.segment.settled() < want:
            assert time.monotonic() < deadline, "the engine does not deliver"
            time.sleep(1e-4)

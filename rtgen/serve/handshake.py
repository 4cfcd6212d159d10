"""The first words between a plugin and the engine, and the memory that comes with them.

The plugin sends one line of JSON over a Unix socket, and with it the descriptor of a sealed memfd
that holds the segment; nothing is mapped before its seals and its size were checked. The engine
answers with words, tabs between them: "ok", the model, its checksum and all models, or "no" and a
sentence. Later it may send "say" and a sentence.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import socket
import struct

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rtgen import _bridge
from rtgen.errors import EngineError

LONGEST_LINE = 4096
LARGEST_SEGMENT = 1 << 28
PATIENCE_SECONDS = 2.0
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW


class Hello(BaseModel):
    """What a plugin instance says first.

    Attributes
    ----------
    rtgen : version of the protocol.
    model, checksum : wanted by the project; empty for the engine's own choice.
    ask : "status" or "stop", from the command line instead of a plugin.
    """

    model_config = ConfigDict(extra="ignore")

    rtgen: int
    rate: int = Field(default=44100, ge=8000, le=384_000)
    block: int = Field(default=512, ge=1, le=1 << 20)
    model: str = Field(default="", max_length=200)
    checksum: str = Field(default="", max_length=64)
    client: str = Field(default="", max_length=80)
    ask: str = Field(default="", max_length=20)


def peer_is_us(connection: socket.socket) -> bool:
    """Whether the other end belongs to this user."""
    size = struct.calcsize("3i")
    said = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    _pid, uid, _gid = struct.unpack("3i", said)
    return bool(uid == os.getuid())


def receive(connection: socket.socket) -> tuple[Hello, list[int]]:
    """The first line and the descriptors that came with it.

    Raises
    ------
    EngineError for anything but one line of JSON that we understand. Descriptors are then closed.
    """
    connection.settimeout(PATIENCE_SECONDS)
    data, descriptors = b"", list[int]()
    try:
        while not data.endswith(b"\n"):
            part, came, _flags, _address = socket.recv_fds(connection, LONGEST_LINE, 4)
            descriptors += came
            data += part
            if not part or len(data) > LONGEST_LINE:
                raise EngineError("a plugin said nothing that makes sense")
        hello = Hello.model_validate_json(data)
        if hello.rtgen != _bridge.SEGMENT_VERSION:
            raise EngineError(
                f"the plugin speaks protocol {hello.rtgen} and the engine "
                f"{_bridge.SEGMENT_VERSION}: update the older one with "
                "`pip install -U rtgen` and `rtgen plugin install`"
            )
    except (OSError, ValidationError) as error:
        close(descriptors)
        raise EngineError("a plugin said nothing that makes sense") from error
    except EngineError:
        close(descriptors)
        raise
    return hello, descriptors


def close(descriptors: list[int]) -> None:
    """Close descriptors that nobody will use."""
    for descriptor in descriptors:
        os.close(descriptor)


def answer(connection: socket.socket, *words: str) -> None:
    """Send a line of words with tabs between; a plugin that is gone does not matter."""
    line = "\t".join(" ".join(word.split()) for word in words)
    try:
        connection.sendall(line.encode() + b"\n")
    except OSError:
        return


def hang_up(connection: socket.socket) -> None:
    """End a conversation, from any thread; whoever reads from the socket notices and closes it."""
    with contextlib.suppress(OSError):  # it is gone already
        connection.shutdown(socket.SHUT_RDWR)


def map_segment(descriptors: list[int], rate: int) -> _bridge.EngineSegment:
    """The engine's end of the segment behind the one descriptor; closes it.

    Raises
    ------
    EngineError for memory that is not sealed, not of the promised size, or no segment.
    """
    try:
        if len(descriptors) != 1:
            raise EngineError("a plugin must send one segment")
        (descriptor,) = descriptors
        size = os.fstat(descriptor).st_size
        if fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & _SEALS != _SEALS:
            raise EngineError("the plugin's segment is not sealed")
        if not 0 < size <= LARGEST_SEGMENT:
            raise EngineError("the plugin's segment has no sensible size")
        segment = _bridge.EngineSegment(mmap.mmap(descriptor, size))
    except (OSError, ValueError) as error:
        raise EngineError(f"the plugin's segment cannot be used: {error}") from error
    finally:
        close(descriptors)
    if segment.rate != rate:
        raise EngineError("the plugin's segment has another rate than it said")
    return segment

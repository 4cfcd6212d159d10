"""The engine's side of the handshake: the first line of a plugin, and the descriptors with it."""

from __future__ import annotations

import os
import socket

from rtgen.bundle.library import find
from rtgen.serve import handshake
from rtgen.serve.handshake import Hello
from tests.fuzz.dice import Dice
from tests.fuzz.walls import allowed, walled

MOST_DESCRIPTORS = 6
WORDS = tuple(Hello.model_fields)


def one_input(data: bytes) -> None:
    """Say it to the engine, in two parts and with a few descriptors, or with none."""
    dice = Dice(data)
    count, cut = dice.byte() % MOST_DESCRIPTORS, dice.byte()
    said = dice.rest()
    open_before = len(os.listdir("/proc/self/fd"))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        null = os.open(os.devnull, os.O_RDONLY)
        try:
            socket.send_fds(theirs, [said[:cut] or b"\n"], [null] * count)
            theirs.sendall(said[cut:])
        finally:
            os.close(null)
        theirs.shutdown(socket.SHUT_WR)
        with walled():
            heard = allowed(handshake.receive, ours)
            if heard is not None:
                hello, descriptors = heard
                assert len(descriptors) <= count
                allowed(handshake.map_segment, descriptors, hello.rate)
                if hello.model:
                    allowed(find, hello.model)
                handshake.answer(ours, "no", hello.client, hello.ask)
    assert len(os.listdir("/proc/self/fd")) == open_before, "a descriptor is left open"

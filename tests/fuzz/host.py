"""A plugin whose shared segment says anything, and the engine that serves it with a small model."""

from __future__ import annotations

import mmap
import os
import struct

from rtgen import _bridge
from rtgen.errors import EngineError
from rtgen.serve.handshake import map_segment
from rtgen.serve.hosted import HostedStream
from rtgen.stream.renderer import Renderer
from tests.fakes.host import VALUES, memory
from tests.fakes.tiny_bundle import tiny_bundle
from tests.fuzz.dice import Dice
from tests.fuzz.walls import scratch, walled

CAPACITY = 1 << 17
SIZE = _bridge.segment_bytes(CAPACITY)
HEADERS = SIZE - 4 * 8 * CAPACITY
MOST_TURNS = 10
_RENDERER = Renderer(tiny_bundle(scratch() / "tiny"))


def one_input(data: bytes) -> None:
    """Be a host, by the rules and against them, and let the engine work between."""
    dice = Dice(data)
    descriptor = memory(SIZE)
    try:
        mapped = mmap.mmap(descriptor, SIZE)
        _bridge.HostSegment(mapped, dice.choice((8000, 44100, 48000, 192000)), CAPACITY)
        if dice.byte() % 4 == 0:
            scribble(dice, mapped)
        (rate,) = struct.unpack_from("<I", mapped, rate_at())
        segment = map_segment([os.dup(descriptor)], rate)
    except EngineError:
        return
    finally:
        os.close(descriptor)
    host = _bridge.HostSegment(mapped, segment.rate, CAPACITY)
    stream = HostedStream(segment, _RENDERER)
    for _ in range(MOST_TURNS):
        if dice:
            turn(dice, mapped, host, stream)


def turn(dice: Dice, mapped: mmap.mmap, host: _bridge.HostSegment, stream: HostedStream) -> None:
    """One thing that a host does; then the engine looks, and works if it wants to."""
    kind = dice.byte() % 4
    if kind == 0:
        scribble(dice, mapped)
    elif kind == 1:
        host.publish(said(dice))
    elif kind == 2:
        host.send_midi(dice.whole(), dice.byte(), dice.byte(), dice.byte())
    else:
        host.want(dice.whole())
        host.read_at(dice.below(1 << 16), 256)
    with walled():
        assert stream.need(0.0) >= 0
        try:
            stream.step()
        except RuntimeError as error:
            assert "smaller than the lead" in str(error)  # noqa: PT017  what a full segment says
        assert stream.position_seconds < 2**60


def said(dice: Dice) -> _bridge.SaidByHost:
    """A state that a host publishes."""
    return {
        "locates": dice.byte(),
        "notes": dice.byte(),
        "position": dice.whole(),
        "beat": dice.real(),
        "tempo": dice.choice((128.0, 90.0, dice.real())),
        "bar_beats": dice.choice((4.0, 3.5, dice.real())),
        "playing": dice.byte() % 2 == 1,
        "offline": dice.byte() % 2 == 1,
        "block": dice.choice((256, 1, 4096, dice.whole() & 0xFFFFFFFF)),
        "fresh": dice.byte(),
        "values": tuple(dice.choice((own, dice.real())) for own in VALUES.values()),
    }


def scribble(dice: Dice, mapped: mmap.mmap) -> None:
    """Write a number where no plugin would."""
    start = dice.choice((0, 64, HEADERS - 320, dice.below(HEADERS)))
    at = min(start + 4 * dice.below(80), HEADERS - 8)
    struct.pack_into("<q", mapped, at, dice.whole())


def rate_at() -> int:
    """Where the takes' header keeps the rate: after a magic number and a version."""
    return HEADERS // 4096 * 4096 + 8

"""A host's end and the engine's end of one segment, both worked by hand."""

from __future__ import annotations

import math
import mmap
import time

from rtgen import _bridge
from rtgen.serve.handshake import map_segment
from rtgen.serve.hosted import HostedStream
from rtgen.stream.renderer import Renderer
from tests.fakes.host import CAPACITY, VALUES, memory

RATE = 44100


def said(block: int = 256, position: int = 0, **more: float) -> _bridge.SaidByHost:
    """What a host says that plays, at the beat of its position at 128 bpm unless told."""
    values = tuple({**VALUES, **{k: more.pop(k) for k in VALUES if k in more}}.values())
    state: _bridge.SaidByHost = {
        "locates": 0, "notes": 0, "position": position, "beat": position / RATE * 128 / 60,
        "tempo": 128.0, "bar_beats": 4.0, "playing": True, "offline": False, "block": block,
        "fresh": 0, "values": values,
    }  # fmt: skip
    return {**state, **more}  # type: ignore[typeddict-item]


def ends(
    renderer: Renderer, rate: int = RATE, capacity: int = CAPACITY
) -> tuple[_bridge.HostSegment, HostedStream]:
    """A host's segment and the stream that serves it."""
    descriptor = memory(_bridge.segment_bytes(capacity))
    mapped = mmap.mmap(descriptor, _bridge.segment_bytes(capacity))
    host = _bridge.HostSegment(mapped, rate, capacity)
    return host, HostedStream(map_segment([descriptor], rate), renderer)


def worked(stream: HostedStream) -> None:
    """Do all that is to be done now."""
    while stream.need(time.monotonic()) < math.inf:
        stream.step()

"""A knob that moves faster than a host of large blocks asks for sound."""

from __future__ import annotations

import math
import mmap
import time
from pathlib import Path

import numpy as np

from rtgen import _bridge
from rtgen.serve.handshake import map_segment
from rtgen.serve.hosted import HostedStream
from rtgen.stream.pace import COALESCE_SECONDS
from rtgen.stream.renderer import Renderer
from tests.fakes.host import CAPACITY, VALUES, memory
from tests.fakes.tiny_bundle import tiny_bundle

RATE, BLOCK = 44100, 4096
BLOCKS = 50
"""Longer than a stream is ahead, so that what was made before the sweep cannot last."""
STATE: _bridge.SaidByHost = {
    "locates": 0, "notes": 0, "position": 0, "beat": 0.0, "tempo": 128.0, "bar_beats": 4.0,
    "playing": True, "offline": False, "block": BLOCK, "fresh": 0, "values": tuple(VALUES.values()),
}  # fmt: skip


def worked(stream: HostedStream) -> None:
    """Do all that is to be done now."""
    while stream.need(time.monotonic()) < math.inf:
        stream.step()


def test_it_never_runs_ahead_of_what_is_heard(tmp_path: Path) -> None:
    descriptor = memory(_bridge.segment_bytes(CAPACITY))
    mapped = mmap.mmap(descriptor, _bridge.segment_bytes(CAPACITY))
    host = _bridge.HostSegment(mapped, RATE, CAPACITY)
    stream = HostedStream(map_segment([descriptor], RATE), Renderer(tiny_bundle(tmp_path / "tiny")))
    host.publish(STATE)
    worked(stream)
    for block in range(BLOCKS):
        position = block * BLOCK
        beat = position / RATE * STATE["tempo"] / 60
        for turn in range(2):
            values = tuple({**VALUES, "density": 1.0 + (2 * block + turn) % 12}.values())
            host.publish({**STATE, "position": position, "beat": beat, "values": values})
            time.sleep(2 * COALESCE_SECONDS)
            worked(stream)
        heard = host.read_at(position, BLOCK)
        assert np.abs(heard[-BLOCK // 2 :]).max() > 0
    assert host.underruns() == 0

"""Of several instances the one whose sound would end soonest is worked for first."""

from __future__ import annotations

import mmap
import time
from pathlib import Path

import pytest

from rtgen import _bridge
from rtgen.serve.handshake import map_segment
from rtgen.serve.hosted import SILENT_SECONDS, HostedStream
from rtgen.stream.renderer import Renderer
from tests.fakes.host import CAPACITY, VALUES, memory
from tests.fakes.tiny_bundle import tiny_bundle

RATE, BLOCK = 44100, 256
STATE: _bridge.SaidByHost = {
    "locates": 0, "notes": 0, "position": 0, "beat": 0.0, "tempo": 128.0, "bar_beats": 4.0,
    "playing": True, "offline": False, "block": BLOCK, "fresh": 0, "values": tuple(VALUES.values()),
}  # fmt: skip
Ends = tuple[_bridge.HostSegment, HostedStream]


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    return Renderer(tiny_bundle(Path(tmp_path_factory.mktemp("urgency")) / "tiny"))


def ends(renderer: Renderer) -> Ends:
    """A host's segment and the stream that serves it."""
    descriptor = memory(_bridge.segment_bytes(CAPACITY))
    mapped = mmap.mmap(descriptor, _bridge.segment_bytes(CAPACITY))
    host = _bridge.HostSegment(mapped, RATE, CAPACITY)
    stream = HostedStream(map_segment([descriptor], RATE), renderer)
    return host, stream


def sounding(renderer: Renderer, left_seconds: float) -> Ends:
    """A host that plays, with so much sound left."""
    host, stream = ends(renderer)
    host.publish(STATE)
    for _ in range(3):
        stream.step()
    at = 0
    while stream.lead_seconds() > left_seconds:
        host.read_at(at, BLOCK)
        at += BLOCK
    assert stream.playing
    return host, stream


def test_an_instance_that_starts_waits_for_one_that_would_run_dry(renderer: Renderer) -> None:
    _near_its_end, urgent = sounding(renderer, 0.08)
    starting_host, starting = ends(renderer)
    starting_host.publish(STATE)
    now = time.monotonic()
    assert 0.06 < urgent.need(now) < starting.need(now)


def test_an_instance_that_starts_comes_before_one_that_has_enough(renderer: Renderer) -> None:
    _well_off, calm = sounding(renderer, 0.3)
    starting_host, starting = ends(renderer)
    starting_host.publish(STATE)
    now = time.monotonic()
    assert starting.need(now) == SILENT_SECONDS < calm.need(now)


def test_a_bounce_is_not_held_up(renderer: Renderer) -> None:
    host, stream = ends(renderer)
    host.publish({**STATE, "offline": True})
    stream.step()
    host.publish({**STATE, "offline": True, "values": tuple(v / 2 for v in VALUES.values())})
    assert stream.need(time.monotonic()) == 0.0

"""Of several instances the one whose sound would end soonest is worked for first."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rtgen import _bridge
from rtgen.serve.hosted import SILENT_SECONDS, HostedStream
from rtgen.stream.renderer import Renderer
from tests.fakes.tiny_bundle import tiny_bundle
from tests.serve.rig import ends, said

BLOCK = 256
Ends = tuple[_bridge.HostSegment, HostedStream]


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    return Renderer(tiny_bundle(Path(tmp_path_factory.mktemp("urgency")) / "tiny"))


def sounding(renderer: Renderer, left_seconds: float) -> Ends:
    """A host that plays, with so much sound left."""
    host, stream = ends(renderer)
    host.publish(said(BLOCK))
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
    starting_host.publish(said(BLOCK))
    now = time.monotonic()
    assert 0.06 < urgent.need(now) < starting.need(now)


def test_an_instance_that_starts_comes_before_one_that_has_enough(renderer: Renderer) -> None:
    _well_off, calm = sounding(renderer, 0.3)
    starting_host, starting = ends(renderer)
    starting_host.publish(said(BLOCK))
    now = time.monotonic()
    assert starting.need(now) == SILENT_SECONDS < calm.need(now)


def test_a_bounce_is_not_held_up(renderer: Renderer) -> None:
    host, stream = ends(renderer)
    host.publish(said(BLOCK, offline=True))
    stream.step()
    host.publish(said(BLOCK, density=3.0, energy=0.2, offline=True))
    assert stream.need(time.monotonic()) == 0.0

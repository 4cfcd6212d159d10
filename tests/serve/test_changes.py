"""What a host changes holds from then on, however it comes there."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from rtgen import _bridge
from rtgen.serve import hosted, stranding
from rtgen.serve.hosted import HostedStream
from rtgen.stream.pace import COALESCE_SECONDS, FLOOR_SECONDS
from rtgen.stream.renderer import Renderer
from rtgen.timeline.events import ControlTimeline
from tests.fakes.tiny_bundle import tiny_bundle
from tests.serve.rig import RATE, ends, said, worked

BLOCK = 512
FAR = 400
"""A frame after all that was said."""
Ends = tuple[_bridge.HostSegment, HostedStream]


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    return Renderer(tiny_bundle(Path(tmp_path_factory.mktemp("changes")) / "tiny"))


@pytest.fixture
def timeline(monkeypatch: pytest.MonkeyPatch) -> list[ControlTimeline]:
    """The timelines of the takes that are begun, the newest last."""
    begun: list[ControlTimeline] = []
    begin = hosted.TakeLine.begin

    def spied(line, voice, timeline, at):
        begun.append(timeline)
        begin(line, voice, timeline, at)

    monkeypatch.setattr(hosted.TakeLine, "begin", spied)
    return begun


def answered(host: _bridge.HostSegment, stream: HostedStream, state: _bridge.SaidByHost) -> None:
    """Say something, and wait until it may be answered, and is."""
    host.publish(state)
    while host.answered() < host.revision:
        time.sleep(COALESCE_SECONDS)
        worked(stream)


def test_a_host_that_outran_its_engine_is_caught_up_with_while_its_knob_moves(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stranding, "SURE_SECONDS", 0.3)
    host, stream = ends(renderer)
    answered(host, stream, said(BLOCK))
    position = 0
    while position < 5 * RATE:
        host.read_at(position, BLOCK)
        position += BLOCK
    for k in range(100):
        host.publish(said(BLOCK, position, density=1.0 + k % 12))
        time.sleep(COALESCE_SECONDS / 2)
        worked(stream)
        heard = host.read_at(position, BLOCK)
        position += BLOCK
    assert np.abs(heard).max() > 0


def test_a_tempo_that_comes_back_before_it_was_heard_leaves_no_trace(
    renderer: Renderer, timeline: list[ControlTimeline]
) -> None:
    host, stream = ends(renderer)
    answered(host, stream, said(2048))
    host.read_at(0, 2048)
    answered(host, stream, said(2048, 2048, tempo=140.0))
    host.read_at(2048, 2048)
    answered(host, stream, said(2048, 4096))
    assert timeline[-1].values("tempo", FAR, 1)[0] == 128.0
    beat = FAR * 2048 / RATE * 128 / 60
    assert timeline[-1].clock.beat(FAR) == pytest.approx(beat, abs=1e-3)


def test_nor_does_it_in_a_bounce(renderer: Renderer, timeline: list[ControlTimeline]) -> None:
    host, stream = ends(renderer)
    for k, tempo in enumerate((128.0, 140.0, 128.0)):
        state = said(BLOCK, k * BLOCK, tempo=tempo, offline=True)
        answered(host, stream, state)
        host.read_at(k * BLOCK, BLOCK)
    host.want(20 * BLOCK)
    worked(stream)
    assert timeline[-1].values("tempo", FAR, 1)[0] == 128.0


def test_the_last_of_two_changes_holds_though_blocks_became_smaller(
    renderer: Renderer, timeline: list[ControlTimeline]
) -> None:
    host, stream = ends(renderer)
    answered(host, stream, said(8192))
    host.read_at(0, 256)
    answered(host, stream, said(8192, 256, density=5.0))
    answered(host, stream, said(256, 256, density=9.0))
    assert timeline[-1].values("density", FAR, 1)[0] == 9.0


def test_a_change_that_waits_in_a_bounce_holds_when_the_host_is_live_again(
    renderer: Renderer, timeline: list[ControlTimeline]
) -> None:
    host, stream = ends(renderer)
    answered(host, stream, said(BLOCK, offline=True))
    host.read_at(0, BLOCK)
    answered(host, stream, said(BLOCK, BLOCK, density=3.0, offline=True))
    begun = len(timeline)
    answered(host, stream, said(BLOCK, BLOCK, density=3.0))
    assert len(timeline) > begun
    position = BLOCK
    while position < 6 * RATE:
        host.read_at(position, BLOCK)
        position += BLOCK
        worked(stream)
    answered(host, stream, said(BLOCK, position, density=3.0, offline=True))
    host.want(position + BLOCK)
    worked(stream)
    assert host.settled() >= position + BLOCK


def test_a_knob_that_moves_for_ever_leaves_what_is_known_small(
    renderer: Renderer, timeline: list[ControlTimeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosted, "KNOWN_BEHIND_FRAMES", 8)
    host, stream = ends(renderer)
    for k in range(60):
        position = k * 2048
        answered(host, stream, said(2048, position, density=1.0 + k % 12, tempo=128.0 + k % 2))
        host.read_at(position, 2048)
    for name in ("density", "tempo"):
        assert len(timeline[-1].lanes[name].events) < 30


def test_a_high_rate_in_little_memory_has_what_a_change_waits_for(renderer: Renderer) -> None:
    host, stream = ends(renderer, 192_000)
    host.publish(said(1024))
    worked(stream)
    assert stream.lead_seconds() > FLOOR_SECONDS

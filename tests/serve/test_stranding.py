"""An engine that was kept from its work finds the host where it has got to meanwhile."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from rtgen.audio.resample import Resampler
from rtgen.serve.instances import Models
from rtgen.serve.stranding import EARLY_SECONDS, SURE_SECONDS, Stranding
from rtgen.stream import offline
from rtgen.stream.renderer import Voice
from rtgen.timeline.events import ControlTimeline
from tests.fakes.host import Host

RATE = 44100
BLOCK = 256


def play(host: Host, position: int, seconds: float) -> np.ndarray:
    """Read at the pace of a sound card."""
    due, parts = time.monotonic(), []
    for at in range(position, position + round(seconds * RATE), BLOCK):
        time.sleep(max(due - time.monotonic(), 0.0))
        due += BLOCK / RATE
        parts.append(host.segment.read_at(at, BLOCK))
    return np.concatenate(parts)


@pytest.mark.parametrize("missed_seconds", [3, 40])
def test_a_host_that_went_on_alone_is_heard_again_and_hears_the_same_music(
    engine: Path, models: Models, missed_seconds: int
) -> None:
    with Host(engine) as host:
        host.locate(0, playing=True, tempo=120.0, seed=5)
        at = play(host, 0, 0.5).shape[0]
        # To the engine this is a host that asked for so much while the engine was stopped.
        for _ in range(missed_seconds * RATE // BLOCK):
            host.segment.read_at(at, BLOCK)
            at += BLOCK
        for _ in range(20):
            heard = play(host, at, 0.5)
            at += len(heard)
            if heard[-BLOCK:].any():
                break
        heard = play(host, at, 0.5)
        at += len(heard)
        wanted = offline.samples(
            models.renderer(""), Voice(5), ControlTimeline({"tempo": 120.0}), Resampler(RATE),
            at - len(heard), len(heard),
        )  # fmt: skip
        assert np.abs(heard - wanted).max() < 1e-4
        assert np.abs(wanted).max() > 0.1


def test_a_host_at_its_take_is_not_stranded() -> None:
    stranding = Stranding(RATE)
    for k in range(100):
        stranding.watch(0.1 * k, 1000 * k, 0, 200_000)
        assert not stranding.found


def test_a_place_from_before_a_jump_is_not_where_the_host_is() -> None:
    stranding = Stranding(RATE)
    for k in range(10):  # it does not move: the host has not read since it told of the jump
        stranding.watch(SURE_SECONDS * k, 10**6, 0, RATE)
    assert not stranding.found
    stranding.watch(1.0, 100, 0, RATE)
    assert not stranding.found


@pytest.mark.parametrize("off", [RATE, -round((EARLY_SECONDS + 1) * RATE)])
def test_a_host_that_moves_outside_its_take_is_stranded(off: int) -> None:
    stranding = Stranding(RATE)
    start, end = 10 * RATE, 12 * RATE
    place = (end if off > 0 else start) + off
    stranding.watch(0.0, place, start, end)
    stranding.watch(SURE_SECONDS + 0.01, place + 256, start, end)
    assert stranding.found

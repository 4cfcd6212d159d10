"""A host that waits gets every sample, the same as `rtgen render` makes, the same twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rtgen.audio.resample import Resampler
from rtgen.serve.instances import Models
from rtgen.stream import offline
from rtgen.stream.renderer import Voice
from rtgen.timeline.events import ControlTimeline
from tests.fakes.host import Host

FADE = 0.006


def rendered(models: Models, rate: int, first: int, n: int, seed: int, **values: float):
    timeline = ControlTimeline(dict(values))
    return offline.samples(models.renderer(""), Voice(seed), timeline, Resampler(rate), first, n)


@pytest.mark.parametrize("rate", [44100, 48000])
@pytest.mark.parametrize("block", [64, 1000])
def test_a_bounce_is_what_render_makes(engine: Path, models: Models, rate: int, block: int) -> None:
    with Host(engine, rate=rate, block=block) as host:
        host.locate(0, playing=True, offline=True, tempo=137.0, density=9.0, seed=5)
        heard = host.bounce(0, 4 * rate)
    wanted = rendered(models, rate, 0, 4 * rate, 5, tempo=137.0, density=9.0)
    edge = round(FADE * rate)
    assert np.abs(heard[edge:] - wanted[edge:]).max() < 1e-4
    assert np.abs(wanted).max() > 0.1


def test_a_bar_far_away_is_what_render_makes_there(engine: Path, models: Models) -> None:
    first = round(1000 * 4 * 60 / 120 * 44100)
    with Host(engine) as host:
        host.locate(first, playing=True, offline=True, tempo=120.0, seed=7)
        heard = host.bounce(first, 44100)
    wanted = rendered(models, 44100, first, 44100, 7, tempo=120.0)
    edge = round(FADE * 44100)
    assert np.abs(heard[edge:] - wanted[edge:]).max() < 1e-4


def automated(host: Host, seconds: float) -> np.ndarray:
    """A bounce with a knob that moves, a chord, and a change of tempo."""
    host.locate(0, playing=True, offline=True, tempo=120.0, density=4.0, seed=3)
    parts, at, beat, tempo = [], 0, 0.0, 120.0
    while at < seconds * host.rate:
        if at // host.block % 16 == 0:
            if at > seconds / 2 * host.rate:
                tempo = 126.0
            for pitch in (60, 64, 67) if at // host.block == 160 else ():
                host.segment.send_midi(at, 0x90, pitch, 100)
            host.say(position=at, beat=beat, tempo=tempo, density=4 + at / host.rate)
        parts.append(host.bounce(at, host.block))
        at += host.block
        beat += host.block * tempo / 60 / host.rate
    return np.concatenate(parts)


def test_a_song_with_automation_bounces_to_the_same_bits_twice(engine: Path) -> None:
    with Host(engine) as host:
        first = automated(host, 4.0)
    with Host(engine) as host:
        second = automated(host, 4.0)
    assert np.array_equal(first, second)
    assert np.abs(first).max() > 0.1


def test_automation_changes_what_comes_after_it_only(engine: Path, models: Models) -> None:
    change = 2 * 44100
    with Host(engine) as host:
        host.locate(0, playing=True, offline=True, tempo=128.0, density=2.0, seed=3)
        before = host.bounce(0, change - change % host.block)
        at = len(before)
        host.say(position=at, beat=at / 44100 * 128 / 60, density=16.0)
        after = host.bounce(at, 2 * 44100)
    steady = rendered(models, 44100, 0, at + len(after), 3, tempo=128.0, density=2.0)
    heard = np.concatenate([before, after])
    edge = round(FADE * 44100)
    assert np.abs(heard[edge:at] - steady[edge:at]).max() < 1e-4
    assert np.abs(heard[at:] - steady[at:]).max() > 0.05


def test_samples_before_the_streams_first_are_silent(engine: Path) -> None:
    with Host(engine) as host:
        host.locate(-44100, playing=True, offline=True)
        heard = host.bounce(-44100, 44100)
    assert np.abs(heard[: 44100 - 2000]).max() < 1e-3

"""The player into a sink in memory: what is heard is what the timeline says."""

import time

import numpy as np
import pytest

from rtgen.audio.resample import Resampler
from rtgen.errors import ControlError, RenderError
from rtgen.stream.lead import lead_for
from rtgen.stream.offline import samples
from rtgen.stream.player import Player
from rtgen.stream.renderer import Renderer, Voice
from rtgen.stream.sink import MemorySink
from rtgen.timeline.events import ControlTimeline


def wait_for(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the player did not get there"
        time.sleep(0.005)


def filled(player, seconds=1.5):
    wait_for(lambda: player.snapshot().lead_seconds >= seconds)


@pytest.mark.parametrize("rate", [44100, 48000])
def test_what_is_heard_is_what_a_rendering_gives(techno, rate):
    sink = MemorySink(rate, 1 << 19)
    with Player(techno, sink, seed=4) as player:
        filled(player)
        heard = np.concatenate([sink.read(256) for _ in range(200)])
    wanted = samples(Renderer(techno), Voice(4), ControlTimeline(), Resampler(rate), 0, len(heard))
    assert sink.underruns == 0
    assert np.abs(heard - wanted).max() < 1e-5


def test_a_performance_rendered_again_is_what_was_heard(techno):
    sink = MemorySink(44100, 1 << 19)
    heard = []
    with Player(techno, sink, seed=4) as player:
        for name, value in (("density", 12.0), ("energy", 0.4), ("tempo", 150.0), ("density", 2.0)):
            filled(player)
            heard += [sink.read(256) for _ in range(60)]
            takes = sink.takes
            player.set(name, value)
            wait_for(lambda before=takes: sink.takes > before)
        filled(player)
        heard += [sink.read(256) for _ in range(60)]
        timeline = player.timeline
    heard = np.concatenate(heard)
    again = samples(Renderer(techno), Voice(4), timeline, Resampler(44100), 0, len(heard))
    assert sink.underruns == 0
    assert np.corrcoef(heard[:, 0], again[:, 0])[0, 1] > 0.99
    # Only the frame before a change may differ: the decoder looks one frame ahead.
    differs = np.abs(heard - again).max(1) > 1e-4
    assert differs.mean() < 4 * 2 * 2048 / len(heard)


def test_only_the_last_value_of_a_flood_counts_and_takes_stay_few(techno):
    sink = MemorySink(44100, 1 << 19)
    with Player(techno, sink, seed=4) as player:
        filled(player, 0.5)
        takes = sink.takes
        for k in range(5000):
            player.set("density", 1.0 + k % 10)
        player.set("density", 13.0)
        wait_for(lambda: not player._latest)
        filled(player, 0.5)
        assert player.value("density") == 13.0
        assert sink.takes - takes < 200


@pytest.mark.parametrize(("quantise", "size"), [("beat", 1), ("bar", 4)])
def test_a_quantised_change_waits_for_the_beat(techno, quantise, size):
    sink = MemorySink(44100, 1 << 19)
    with Player(techno, sink, seed=4, quantise=quantise) as player:
        filled(player)
        for _ in range(30):
            sink.read(256)
        takes = sink.takes
        player.set("density", 13.0)
        wait_for(lambda: sink.takes > takes)
        frame = player.timeline.lanes["density"].frames[-1]
        clock = player.timeline.clock
        beat = np.ceil(clock.beat(frame - 1) / size) * size
        assert clock.beat(frame - 1) < beat <= clock.beat(frame)
        assert (frame + 1) * 2048 > sink.playhead()


def test_a_value_that_was_set_is_told_before_it_is_heard_and_undone_by_a_seek(tiny):
    sink = MemorySink(44100, 1 << 19)
    told = set()
    with Player(tiny, sink, seed=4, block=8192) as player:
        filled(player)
        sink.read(44100)
        takes = sink.takes
        player.set("density", 12.0)
        while sink.takes == takes:
            told.add(player.value("density"))
        told |= {player.value("density") for _ in range(100)}  # the playhead stands still
        assert told == {12.0}
        takes = sink.takes
        player.seek(0.0)
        wait_for(lambda: sink.takes > takes)
        assert player.value("density") == 7.0


def test_a_seek_goes_there_at_once(techno):
    sink = MemorySink(44100, 1 << 19)
    with Player(techno, sink, seed=4) as player:
        filled(player, 0.5)
        player.seek(1800.0)
        wait_for(lambda: sink.playhead() == 1800 * 44100)
        filled(player, 0.5)
        heard = sink.read(4096)
    wanted = samples(
        Renderer(techno), Voice(4), ControlTimeline(), Resampler(44100), 1800 * 44100, 4096
    )
    assert np.abs(heard - wanted).max() < 1e-5


def test_a_new_seed_is_other_music_at_the_same_place(techno):
    sink = MemorySink(44100, 1 << 19)
    with Player(techno, sink, seed=4) as player:
        filled(player, 0.5)
        player.new_seed(99)
        wait_for(lambda: player.voice.seed == 99)
        filled(player, 0.5)
        for _ in range(40):
            sink.read(256)
        at = sink.playhead()
        heard = sink.read(4096)
    wanted = samples(Renderer(techno), Voice(99), ControlTimeline(), Resampler(44100), at, 4096)
    assert np.abs(heard - wanted).max() < 1e-5


def test_bad_wishes_are_refused_and_the_stream_goes_on(techno):
    sink = MemorySink(44100, 1 << 19)
    with Player(techno, sink) as player:
        with pytest.raises(ControlError):
            player.set("tempo", 70.0)
        with pytest.raises(ControlError):
            player.set("loudness", 1.0)
        with pytest.raises(RenderError):
            player.seek(-1.0)
        filled(player, 0.5)
    player.close()


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("block", [32, 256, 1024])
def test_the_lead_is_the_sum_of_its_parts(rate, block):
    lead = lead_for(rate, block, 0.008)
    assert lead.safety == lead.block + lead.compute + lead.guard
    assert lead.block == block
    assert lead.compute == round(0.008 * rate)
    assert 0 <= lead.worst(rate) - lead.safety - 2048 * rate / 44100 < 1

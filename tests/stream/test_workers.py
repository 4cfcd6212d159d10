"""Blocks made side by side are those that one renderer makes, in order, and no more of them."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import numpy.typing as npt
import pytest

from rtgen.bundle.load import Bundle
from rtgen.errors import BundleError, RtgenError
from rtgen.stream.offline import pieces
from rtgen.stream.renderer import BLOCK_FRAMES, LONG_BLOCK_FRAMES, Renderer, Voice, blocks_of
from rtgen.stream.workers import BLOCKS_AHEAD, MOST_WORKERS, Workers, workers_here
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP

Floats = npt.NDArray[np.float32]
VOICE = Voice(7)


class Watched(ControlTimeline):
    """Notes every block of the short grid that is made of it; those from one on may fail."""

    def __init__(self, fails_from: float = np.inf) -> None:
        super().__init__()
        self.asked: list[int] = []
        self._fails_from = fails_from

    def variation(self, first: int, n: int) -> Floats:
        block = (first + n) // BLOCK_FRAMES - 1  # a little after the block is looked at as well
        self.asked.append(block)
        if block >= self._fails_from:
            raise RtgenError("no further", value=block)
        return super().variation(first, n)


def moving() -> ControlTimeline:
    """A tempo that ramps across many blocks, so that the clock remembers as it goes."""
    timeline = ControlTimeline()
    for k in range(24):
        timeline.set("tempo", 90 + 7 * (k % 5), 30 * k, ramp_frames=20)
    timeline.set("density", 9.0, 300)
    return timeline


def made(bundle: Bundle, count: int, start: float, seconds: float, rate: int) -> Floats:
    with Workers(bundle, count=count, block_frames=BLOCK_FRAMES) as workers:
        return np.concatenate(list(pieces(workers, VOICE, moving(), start, seconds, rate)))


@pytest.mark.parametrize("rate", [44100, 48000, 22050])
@pytest.mark.parametrize("start", [0.0, 3.21])
def test_how_many_workers_there_are_changes_no_bit(tiny: Bundle, start: float, rate: int) -> None:
    one, three = (made(tiny, count, start, 20.0, rate) for count in (1, 3))
    assert len(one) == 20 * rate
    assert np.array_equal(one, three)
    alone = Renderer(tiny, block_frames=BLOCK_FRAMES)
    assert np.array_equal(
        one, np.concatenate(list(pieces(alone, VOICE, moving(), start, 20.0, rate)))
    )


@pytest.mark.parametrize("rate", [44100, 48000])
def test_a_stretch_is_a_cut_of_any_longer_one_and_the_same_twice(tiny: Bundle, rate: int) -> None:
    with Workers(tiny, count=3) as workers:

        def stretch(start: int, seconds: int) -> Floats:
            return np.concatenate(list(pieces(workers, VOICE, moving(), start, seconds, rate)))

        part, again, whole = stretch(5, 20), stretch(5, 20), stretch(2, 40)
    assert np.array_equal(part, again)
    assert np.array_equal(part, whole[3 * rate : 23 * rate])


def test_the_shipped_model_is_the_same_from_any_number_of_workers(techno: Bundle) -> None:
    sounds = []
    for count in (1, 3):
        with Workers(techno, count=count) as workers:
            sounds.append(np.concatenate(list(workers.blocks(VOICE, moving(), 100, 700))))
    assert np.abs(sounds[0]).max() > 0.1
    assert np.array_equal(*sounds)


@pytest.mark.parametrize("size", [BLOCK_FRAMES, LONG_BLOCK_FRAMES])
@pytest.mark.parametrize(("first", "n"), [(0, 1), (63, 2), (64, 256), (1000, 999)])
def test_parts_of_blocks_are_all_that_is_wanted_and_nothing_else(
    first: int, n: int, size: int
) -> None:
    wanted: list[int] = []
    for at, part in blocks_of(first, n, size):
        assert at % size == 0
        assert part.stop <= size * HOP
        wanted += range(at * HOP + part.start, at * HOP + part.stop, HOP)
    assert wanted == list(range(first * HOP, (first + n) * HOP, HOP))


def test_what_is_made_ahead_is_bounded(tiny: Bundle) -> None:
    timeline = Watched()
    with Workers(tiny, count=2, block_frames=BLOCK_FRAMES) as workers:
        hour = pieces(workers, VOICE, timeline, 0.0, 3600.0, 44100)
        for k in range(1, 5):
            next(hour)
            assert len(timeline.asked) < k + 2 * BLOCKS_AHEAD
    asked = len(timeline.asked)
    assert asked < 4 + 2 * BLOCKS_AHEAD
    workers.close()
    assert len(timeline.asked) == asked


def test_an_error_of_a_worker_comes_in_its_place(tiny: Bundle) -> None:
    timeline = Watched(fails_from=3)
    with Workers(tiny, count=3, block_frames=BLOCK_FRAMES) as workers:
        parts = workers.blocks(VOICE, timeline, 0, 10 * BLOCK_FRAMES)
        assert [len(next(parts)) for _ in range(3)] == [BLOCK_FRAMES * HOP] * 3
        with pytest.raises(RtgenError, match="no further"):
            next(parts)
        # The workers go on with what comes next.
        assert sum(map(len, workers.blocks(VOICE, ControlTimeline(), 0, 200))) == 200 * HOP
    assert sorted(timeline.asked)[:4] == [0, 1, 2, 3]


def test_what_cannot_be_made_is_refused_by_the_first_block(tiny: Bundle) -> None:
    with (
        Workers(tiny, "int8", count=2) as workers,
        pytest.raises(BundleError, match=r"no decoder\.int8\.onnx"),
    ):
        next(workers.blocks(VOICE, ControlTimeline(), 0, 1))


def test_streams_that_share_workers_keep_no_more_threads_busy(tiny: Bundle) -> None:
    before = threading.active_count()
    with Workers(tiny, count=2, block_frames=BLOCK_FRAMES) as workers:
        streams = [workers.blocks(Voice(seed), moving(), 0, 400) for seed in (1, 2, 3)]
        sounds = [np.concatenate(parts) for parts in zip(*streams, strict=True)]
        assert threading.active_count() <= before + 2
    assert threading.active_count() == before
    assert len(sounds) == 7


def test_there_are_as_many_workers_as_cores_that_may_be_used() -> None:
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        "from rtgen.stream.workers import workers_here; print(workers_here())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(done.stdout) == 1
    assert 1 <= workers_here() <= MOST_WORKERS

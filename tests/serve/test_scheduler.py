"""The stream nearest to running dry is worked for first, and by one worker at a time."""

from __future__ import annotations

import math
import threading
import time

from rtgen.serve.scheduler import Scheduler


class Tank:
    """A stream that only counts; work fills it by a second."""

    def __init__(self, held: float, full: float = 3.0) -> None:
        self.held, self.full = held, full
        self.playing = True
        self.filled_at: list[int] = []
        self.clash = False
        self._working = threading.Lock()

    def need(self, _now: float) -> float:
        return self.held if self.held < self.full else math.inf

    def step(self) -> None:
        if not self._working.acquire(blocking=False):
            self.clash = True
            return
        time.sleep(0.001)
        self.filled_at.append(next(ORDER))
        self.held += 1.0
        self._working.release()


ORDER = iter(range(10_000))


def until(condition) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return bool(condition())


def test_the_emptiest_is_first() -> None:
    dry, half, low = Tank(0.0, 1.0), Tank(2.0, 3.0), Tank(1.0, 2.0)
    with Scheduler(0) as scheduler:
        for tank in (half, dry, low):
            scheduler.add(tank)
        picked = []
        for _ in range(3):
            stream = scheduler._pick()
            assert isinstance(stream, Tank)
            stream.step()
            picked.append(stream)
        assert scheduler._pick() is None
    assert picked == [dry, low, half]


def test_all_are_filled_and_none_by_two_at_once() -> None:
    tanks = [Tank(0.0, 20.0) for _ in range(5)]
    with Scheduler(4) as scheduler:
        for tank in tanks:
            scheduler.add(tank)
        assert until(lambda: all(tank.held >= 20 for tank in tanks))
    assert not any(tank.clash for tank in tanks)


def test_a_stream_that_is_removed_is_left_alone() -> None:
    tank = Tank(0.0, 1e9)
    with Scheduler(2) as scheduler:
        scheduler.add(tank)
        assert until(lambda: tank.held > 3)
        scheduler.remove(tank)
        held = tank.held
        time.sleep(0.05)
        assert tank.held == held


class Broken(Tank):
    def step(self) -> None:
        raise RuntimeError("out of order")


def test_a_stream_that_fails_harms_no_other() -> None:
    told: list[str] = []
    broken, whole = Broken(0.0), Tank(0.0, 10.0)
    with Scheduler(1, lambda _stream, error: told.append(str(error))) as scheduler:
        scheduler.add(broken)
        scheduler.add(whole)
        assert until(lambda: whole.held >= 10)
    assert told == ["out of order"]

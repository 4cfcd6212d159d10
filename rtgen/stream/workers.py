"""Blocks of a stretch made side by side, handed out in order.

Threads: whoever iterates over a stretch asks for its blocks ahead, a bounded number of them, and
waits for the next one. Each block is made on one of the workers' threads, by a renderer that no
other thread uses meanwhile. An error there is raised where the block is waited for. Which thread
made a block changes no bit of it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from rtgen.bundle.load import Bundle
from rtgen.stream.renderer import LONG_BLOCK_FRAMES, Floats, Renderer, Voice, blocks_of
from rtgen.timeline.events import ControlTimeline

MOST_WORKERS = 8
"""With more, resampling and writing, which are not shared out, take longer than what is."""
BLOCKS_AHEAD = 2
"""For each worker: one that it makes, and one that it goes on with."""


def workers_here() -> int:
    """One for each core that this process may use, up to 8."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


class Workers:
    """Renderers that share out the blocks of one absolute grid.

    Parameters
    ----------
    bundle, precision, block_frames : as of `Renderer`.
    count : threads, with one renderer each.

    Notes
    -----
    Renderers are made when they are first needed, so what cannot be made is refused by the first
    block. Several threads may iterate at once; together they keep no more than `count` busy.
    """

    def __init__(
        self,
        bundle: Bundle,
        precision: str = "fp32",
        count: int = 1,
        block_frames: int = LONG_BLOCK_FRAMES,
    ) -> None:
        self._ahead = BLOCKS_AHEAD * count
        self._bundle, self._precision, self._block_frames = bundle, precision, block_frames
        self._pool = ThreadPoolExecutor(count, "rtgen-worker")
        self._idle: deque[Renderer] = deque()

    def blocks(
        self, voice: Voice, timeline: ControlTimeline, first: int, n: int
    ) -> Iterator[Floats]:
        """Samples (n * 2048, 2) of frames first .. first + n - 1 as parts in order, one from each
        block of the grid."""
        ahead: deque[Future[Floats]] = deque()
        for at, wanted in blocks_of(first, n, self._block_frames):
            ahead.append(self._pool.submit(self._part, voice, timeline, at, wanted))
            if len(ahead) == self._ahead:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _part(self, voice: Voice, timeline: ControlTimeline, first: int, wanted: slice) -> Floats:
        """[worker's thread]"""
        try:
            renderer = self._idle.pop()
        except IndexError:
            renderer = Renderer(self._bundle, self._precision, block_frames=self._block_frames)
        try:
            return renderer.block(voice, timeline, first, self._block_frames)[wanted]
        finally:
            self._idle.append(renderer)

    def close(self) -> None:
        """Drop what is not begun, and wait for what is; twice is harmless."""
        self._pool.shutdown(cancel_futures=True)
        self._idle.clear()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

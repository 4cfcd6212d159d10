"""Endless batches for training: clips rendered and analysed in worker processes while it runs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from rtgen.corpus.stream import stems_of
from rtgen.train.analysis import decoder_targets, encoder_features

CLIP_FRAMES = 512
WORKER_NICE = 5
"""How far the makers of clips stand back behind the trainer, where cores are few."""


class Clip:
    """One analysed clip, half precision: features (T, I) and targets (T, O)."""

    def __init__(self, style: str, seed: int) -> None:
        torch.set_num_threads(1)
        made = stems_of(style, seed, CLIP_FRAMES)
        stems = {k: torch.from_numpy(v)[None] for k, v in made.items()}
        self.features = encoder_features(sum(stems.values()))[0].half().numpy()
        targets = decoder_targets(stems["low"], stems["noise"], stems["tones"])
        self.targets = torch.cat(targets, dim=-1)[0].half().numpy()


T = TypeVar("T")


class Reservoir(Generic[T]):
    """A bounded set of items, kept fresh by a worker process; the oldest is replaced.

    The consumer never waits after `fill`: it draws from what is there.
    """

    def __init__(
        self,
        make: Callable[[str, int], T],
        style: str,
        seeds: range,
        capacity: int,
        workers: int = 1,
    ):
        self.items: list[T] = []
        self.made = 0
        self._make, self._style, self._seeds, self._capacity = make, style, seeds, capacity
        self._pool = ProcessPoolExecutor(workers, initializer=os.nice, initargs=(WORKER_NICE,))
        self._lock = threading.Lock()
        self._next = 0
        self._closed = False
        self._failure: BaseException | None = None
        for _ in range(workers + 1):
            self._submit()

    def _submit(self) -> None:
        seed = self._seeds[self._next % len(self._seeds)]
        self._next += 1
        self._pool.submit(self._make, self._style, seed).add_done_callback(self._collect)

    def _collect(self, done: Future[T]) -> None:
        if self._closed or done.cancelled():
            return
        self._failure = self._failure or done.exception()
        if self._failure is not None:
            return
        item = done.result()
        with self._lock:
            if len(self.items) < self._capacity:
                self.items.append(item)
            else:
                self.items[self.made % self._capacity] = item
            self.made += 1
            if not self._closed:
                self._submit()

    def fill(self, count: int) -> None:
        """Wait until there are `count` items.

        Raises
        ------
        What a worker stopped on, here and in `draw`.
        """
        while len(self.items) < count:
            self._raise_failure()
            time.sleep(0.2)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def draw(self, rng: np.random.Generator, count: int) -> list[T]:
        """`count` items, with replacement."""
        self._raise_failure()
        with self._lock:
            picks = rng.integers(0, len(self.items), count)
            return [self.items[i] for i in picks]

    def close(self) -> None:
        """Stop the workers, after the clips they are at; twice is harmless.

        Waiting matters in a process of a team: its exit would close the pool's queue before the
        pool has told its workers to stop, and then wait for them for ever.
        """
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)


def crops(clips: list[Clip], frames: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Random stretches: features (B, frames, I) and targets (B, frames, O), float32."""
    starts = rng.integers(0, CLIP_FRAMES - frames + 1, len(clips))
    features = np.stack([c.features[s : s + frames] for c, s in zip(clips, starts, strict=True)])
    targets = np.stack([c.targets[s : s + frames] for c, s in zip(clips, starts, strict=True)])
    return torch.from_numpy(features).float(), torch.from_numpy(targets).float()

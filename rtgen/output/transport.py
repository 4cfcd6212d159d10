"""Leads a player by JACK's transport: where it is, how fast, and on which beat.

The sound itself is read where the transport is, sample by sample, by compiled code; here it is only
seen to that it has been made.
"""

from __future__ import annotations

import threading
from typing import Any, Protocol, Self

from rtgen._bridge import TakeBuffer
from rtgen.stream.sink import Floats

LOOK_SECONDS = 0.02
JUMP_SECONDS = 0.05
OFF_BEATS = 0.004
SAME_BPM = 0.001
PATIENCE_LOOKS = 10
"""So long does a correction take to be heard; until then another would be one too many."""


class Leader(Protocol):
    """A transport."""

    @property
    def rate(self) -> int:
        """Samples per second."""
        ...

    @property
    def rolling(self) -> bool:
        """Whether it moves."""
        ...

    @property
    def frame(self) -> int:
        """Where it is, in samples."""
        ...

    def transport(self) -> dict[str, Any]:
        """`frame`, and tempo and bars where they are known."""
        ...


class Led(Protocol):
    """What is led."""

    def seek(self, seconds: float, beat: float | None = None) -> None:
        """Go to a position of the stream, which is that beat position if told."""
        ...

    def set(self, name: str, value: float) -> None:
        """Steer a control."""
        ...

    def value(self, name: str) -> Any:
        """The value that a control has or is about to have."""
        ...

    def set_beat(self, beat: float, position: int | None = None) -> None:
        """Let the beat position be this at a sample position."""
        ...

    def beat_at(self, position: int) -> float:
        """The beat position at a sample position."""
        ...


class LedSink:
    """A take buffer whose playhead waits where a stopped transport is."""

    def __init__(self, buffer: TakeBuffer, leader: Leader) -> None:
        self._buffer, self._leader = buffer, leader

    @property
    def rate(self) -> int:
        """See `rtgen.stream.sink.Sink`."""
        return self._buffer.rate

    def begin_take(self, start: int, jump: bool = False) -> int:
        """See `rtgen.stream.sink.Sink`."""
        return self._buffer.begin_take(start, jump)

    def write(self, samples: Floats) -> int:
        """See `rtgen.stream.sink.Sink`."""
        return self._buffer.write(samples)

    def space(self) -> int:
        """See `rtgen.stream.sink.Sink`."""
        return self._buffer.space()

    def playhead(self) -> int:
        """See `rtgen.stream.sink.Sink`."""
        return self._buffer.playhead() if self._leader.rolling else self._leader.frame


class TransportFollower:
    """A thread that looks at the transport and moves the player after it.

    Parameters
    ----------
    tempo_range : tempi that the model plays; others leave the tempo as it is.
    """

    def __init__(self, leader: Leader, player: Led, tempo_range: tuple[float, float]) -> None:
        self._leader, self._player, self._range = leader, player, tempo_range
        self._expected: float | None = None
        self._patience = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtgen transport", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Follow what the transport does now."""
        rate, rolling = self._leader.rate, self._leader.rolling
        told = self._leader.transport()
        frame = int(told["frame"])
        tempo = told.get("beats_per_minute")
        if tempo is None or not self._range[0] <= tempo <= self._range[1]:
            beat = None
        else:
            beat = beats_of(told)
            if abs(tempo - self._player.value("tempo")) > SAME_BPM:
                self._player.set("tempo", tempo)
        if self._expected is None or abs(frame - self._expected) > JUMP_SECONDS * rate:
            self._player.seek(frame / rate, beat)
            self._patience = PATIENCE_LOOKS
        elif self._patience > 0:
            self._patience -= 1
        elif beat is not None and abs(beat - self._player.beat_at(frame)) > OFF_BEATS:
            self._player.set_beat(beat, frame)
            self._patience = PATIENCE_LOOKS
        self._expected = frame + LOOK_SECONDS * rate if rolling else frame

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.look()


def beats_of(told: dict[str, Any]) -> float:
    """The beat position that a timebase master tells, counted from the first bar."""
    tick = told["tick"] / told["ticks_per_beat"]
    return float((told["bar"] - 1) * told["beats_per_bar"] + told["beat"] - 1 + tick)

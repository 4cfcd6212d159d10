"""The player: one live stream into a sink, steered from any thread.

Callers post events; the engine thread owns the timeline, renders ahead of the playhead, and answers
an event with a new take under a cross-fade. What it applied, and at which frame, stays in
`timeline`, so that a rendering of the timeline is what was heard.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Self

from rtgen.audio.resample import Resampler
from rtgen.bundle.load import Bundle
from rtgen.errors import ControlError, RenderError
from rtgen.stream.gestures import looped, next_bar, released, toward
from rtgen.stream.journal import Journal
from rtgen.stream.lead import MOST_CHUNK_SECONDS, lead_for
from rtgen.stream.meters import Snapshot, Throughput
from rtgen.stream.pace import Pace
from rtgen.stream.quantise import Quantise, hold
from rtgen.stream.renderer import Renderer, Voice
from rtgen.stream.sink import Sink
from rtgen.stream.takes import TakeSource
from rtgen.timeline import controls
from rtgen.timeline.controls import Value
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import (
    FRAMES_PER_SECOND,
    HOP,
    RATE,
    bars_to_seconds,
    frame_at_or_after,
)

FIRST_CHUNK_FRAMES = 4
LARGEST_CHUNK_FRAMES = 24
LOOK_SECONDS = 0.005
"""How often changes that wait for their turn are looked at."""
FADE_SECONDS = 0.01
"""How long the reader's cross-fade takes."""
MOST_LOOP_BARS = 64
Change = Callable[[int, int], None]
"""Applied on the engine thread with the frame and the device position at which it takes hold."""


class Player:
    """Plays a bundle into a sink.

    Parameters
    ----------
    bundle : a loaded bundle.
    sink : where samples go, at its own rate.
    seed : of the anchors, the style and the noise.
    style : seed of the style, if it is not to follow `seed`.
    defaults : values of controls before anything is steered.
    block : samples that the device takes at once.
    lead_seconds : how far ahead of the playhead to stay.
    journal : of the player before, which goes on; a new one if None.
    """

    def __init__(
        self,
        bundle: Bundle,
        sink: Sink,
        *,
        seed: int = 0,
        style: int | None = None,
        defaults: dict[str, Value] | None = None,
        quantise: Quantise = "none",
        precision: str = "fp32",
        threads: int = 1,
        block: int = 256,
        lead_seconds: float = 2.5,
        journal: Journal | None = None,
    ) -> None:
        self.bundle, self.sink = bundle, sink
        self.timeline = ControlTimeline(defaults)
        self.voice = Voice(seed, style_a=style)
        self.quantise = quantise
        self.journal = Journal(sink.rate) if journal is None else journal
        self._renderer = Renderer(bundle, precision, threads)
        self._resampler = Resampler(sink.rate)
        self._block, self._lead_seconds = block, lead_seconds
        self._wake = threading.Condition()
        self._changes: deque[Change] = deque()
        self._latest: dict[str, tuple[Value, float]] = {}
        self._taken: dict[str, tuple[Value, float]] = {}
        """What the engine has taken from `_latest` and not yet put into the timeline."""
        self._holds_from = 0
        self._closed = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._engine, name="rtgen engine", daemon=True)
        self._chunk = FIRST_CHUNK_FRAMES
        self._first_chunk_seconds = 0.008
        self._throughput = Throughput()
        self._take: tuple[TakeSource, int, int] | None = None
        """The newest, with where it starts and up to where it is written."""
        self._begun = 0
        self._pace = Pace()

    # What callers use, from any thread

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the engine thread; sound follows as soon as a first chunk is made."""
        self._thread.start()

    def close(self) -> None:
        """Stop the engine thread; twice is harmless."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join()
        self.journal.follow(self.timeline, self.sink.playhead())

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
        """Steer a control; only the last value between two takes counts.

        Surfaces have knobs for all controls: one that the model does not obey changes nothing. Only
        the tempo is kept, for whoever counts beats.

        Raises
        ------
        ControlError for an unknown control, or a value outside the model's range.
        """
        self._check(name, value)
        if name != "tempo" and name not in self.bundle.manifest.control_names:
            return
        with self._wake:
            self._latest[name] = (value, ramp_seconds)
            self._wake.notify()

    def seek(self, seconds: float, beat: float | None = None) -> None:
        """Move the playhead to a position of the stream, which is that beat position if told."""
        if not (math.isfinite(seconds) and seconds >= 0):
            raise RenderError(
                f"cannot seek to {seconds} s", value=seconds, hint="0 or more seconds"
            )

        def change(_frame: int, _at: int) -> None:
            if beat is not None:
                frame = int(seconds * RATE // HOP)
                tempo = float(self.timeline.values("tempo", frame, 1)[0])
                earlier = seconds - frame * HOP / RATE
                self.timeline.clock.rebase(frame, beat - earlier * tempo / 60)
            self._begin(round(seconds * self.sink.rate), jump=True)

        self._post(change)

    def new_seed(self, seed: int) -> None:
        """Go on with another piece at the same position."""

        def change(_frame: int, at: int) -> None:
            self.voice = replace(self.voice, seed=seed, style_a=None)

        self._post(change)

    def set_styles(self, style_a: int | None, style_b: int | None) -> None:
        """The two styles that the control `morph` goes between."""

        def change(_frame: int, at: int) -> None:
            self.voice = replace(self.voice, style_a=style_a, style_b=style_b)

        self._post(change)

    def set_voice(self, voice: Voice) -> None:
        """Go on with seed, styles and loop as they were."""

        def change(_frame: int, _at: int) -> None:
            self.voice = voice

        self._post(change)

    def loop(self, bars: int | None) -> None:
        """Repeat so many bars, the one that is heard now first; None: go on from where it is.

        Raises
        ------
        RenderError for less than a bar or more than `MOST_LOOP_BARS`.
        """
        if bars is not None and not 1 <= bars <= MOST_LOOP_BARS:
            raise RenderError(
                f"cannot loop {bars} bars", value=bars, hint=f"1 to {MOST_LOOP_BARS} bars"
            )

        def change(frame: int, _at: int) -> None:
            if bars is None:
                self.voice = released(self.voice, frame)
            else:
                self.voice = looped(self.voice, self.timeline, frame, bars)

        self._post(change)

    def morph_to(self, seed: int, bars: float) -> None:
        """From the next bar on, glide to the style of a seed within so many bars."""

        def change(frame: int, _at: int) -> None:
            here = float(self.timeline.values("morph", frame, 1)[0])
            self.voice, there = toward(self.voice, here, seed)
            first = next_bar(self.timeline.clock, frame)
            tempo = float(self.timeline.values("tempo", first, 1)[0])
            frames = round(bars_to_seconds(bars, tempo) * FRAMES_PER_SECOND)
            self.timeline.set("morph", there, first, frames)

        self._post(change)

    def set_beat(self, beat: float, position: int | None = None) -> None:
        """Let the beat position be `beat` at a sample position, else now.

        A jump of phase, as MIDI clock asks for.
        """
        asked_at = self.sink.playhead() if position is None else position

        def change(frame: int, at: int) -> None:
            tempo = float(self.timeline.values("tempo", frame, 1)[0])
            later = frame * HOP / RATE - asked_at / self.sink.rate
            self.timeline.clock.rebase(frame, beat + later * tempo / 60)

        self._post(change)

    def value(self, name: str) -> Value:
        """The value a control has or is about to have."""
        with self._wake:
            for waiting in (self._latest, self._taken):
                if name in waiting:
                    return waiting[name][0]
        frame = max(self._frame_of(self.sink.playhead()) + 1, self._holds_from)
        lane = self.timeline.values(name, frame, 1)[0]
        return tuple(float(v) for v in lane) if name == controls.CHROMA else float(lane)

    def beat_now(self) -> float:
        """The beat position that is heard now."""
        return self.beat_at(self.sink.playhead())

    def beat_at(self, position: int) -> float:
        """The beat position at a sample position."""
        samples = position * RATE / self.sink.rate
        frame = int(samples // HOP)
        low, high = (self.timeline.clock.beat(f) for f in (frame, frame + 1))
        return low + (high - low) * (samples / HOP - frame)

    def snapshot(self) -> Snapshot:
        """Meters of this moment.

        Raises
        ------
        The engine's own error, if it stopped on one.
        """
        if self._failure is not None:
            raise self._failure
        playhead = self.sink.playhead()
        frame = self._frame_of(playhead)
        return Snapshot(
            seconds=playhead / self.sink.rate,
            beat=self.timeline.clock.beat(max(frame, 0)),
            lead_seconds=self._lead() / self.sink.rate,
            realtime_factor=self._throughput.factor,
            seed=self.voice.seed,
            controls={name: self.value(name) for name in self.bundle.manifest.control_names},
        )

    # The engine thread

    def _post(self, change: Change) -> None:
        with self._wake:
            self._changes.append(change)
            self._wake.notify()

    def _check(self, name: str, value: Value) -> None:
        if name == controls.CHROMA:
            return
        number = controls.check(name, float(value))  # type: ignore[arg-type]
        span = self.bundle.manifest.controls.get(name)
        if span is not None and not math.isnan(number) and not span.low <= number <= span.high:
            raise ControlError(
                f"{name} {number:g} is outside what {self.bundle.manifest.name} was trained on",
                value=value,
                hint=f"{span.low:g} to {span.high:g} {span.unit}".rstrip(),
            )

    def _engine(self) -> None:
        try:
            self._begin(self.sink.playhead(), jump=True)
            self._advance(FIRST_CHUNK_FRAMES)
            while True:
                with self._wake:
                    if self._closed:
                        return
                    changes, latest = self._gather()
                    if not changes and not latest and self._lead_is_full():
                        self._wake.wait(self._idle_seconds())
                        continue
                self.journal.follow(self.timeline, self.sink.playhead())
                if changes or latest:
                    self._apply(changes, latest)
                else:
                    self._advance(self._chunk)
                    self._chunk = min(self._chunk * 2, LARGEST_CHUNK_FRAMES)
        except BaseException as error:  # noqa: BLE001  told to the caller by snapshot()
            self._failure = error

    def _gather(self) -> tuple[list[Change], dict[str, tuple[Value, float]]]:
        """Events to answer now, if it is their turn."""
        if not self._pace.lets_change(time.monotonic(), self._lead() / self.sink.rate):
            return [], {}
        changes, latest = list(self._changes), dict(self._latest)
        self._taken = latest
        self._changes.clear()
        self._latest.clear()
        return changes, latest

    def _apply(self, changes: list[Change], latest: dict[str, tuple[Value, float]]) -> None:
        parts = lead_for(self.sink.rate, self._block, 1.3 * self._first_chunk_seconds)
        begun = self._begun
        playhead = max(self.sink.playhead(), 0)
        assert self._take is not None
        # However slow chunks are: no gap between the take that is heard and the next.
        last = self._take[2] - round(FADE_SECONDS * self.sink.rate)
        at = max(min(playhead + parts.safety, last), playhead)
        earliest = frame_at_or_after(-(-at * RATE // self.sink.rate))
        frame = hold(self.timeline.clock, earliest, self.quantise)
        for name, (value, ramp) in latest.items():
            self.timeline.set(name, value, frame, round(ramp * RATE / HOP))
        self._holds_from, self._taken = frame, {}
        for change in changes:
            change(frame, at)
        if self._begun == begun:  # no change began a take of its own
            self._begin(at, jump=False)
        started = time.perf_counter()
        self._advance(FIRST_CHUNK_FRAMES)
        took = min(time.perf_counter() - started, MOST_CHUNK_SECONDS)
        self._first_chunk_seconds += 0.2 * (took - self._first_chunk_seconds)
        self._chunk = FIRST_CHUNK_FRAMES

    def _begin(self, at: int, *, jump: bool) -> None:
        take = TakeSource(self._renderer, self._resampler, self.voice, self.timeline, at)
        self.journal.begin(self.voice, at, jump)
        if jump:
            self._holds_from = 0
        self._pace.begun(time.monotonic())
        self.sink.begin_take(at, jump)
        self._take = take, at, at  # at once: others read all three
        self._begun += 1

    def _advance(self, frames: int) -> None:
        assert self._take is not None
        take, start, _ = self._take
        started = time.perf_counter()
        samples = take.advance(frames)
        took = time.perf_counter() - started
        self._throughput.add(frames * HOP / RATE, took)
        written = self.sink.write(samples)
        if written < len(samples):
            raise RuntimeError("the sink is smaller than the lead")
        self._take = take, start, take.next_output
        self._pace.made(time.monotonic(), self._lead() / self.sink.rate)

    def _lead(self) -> int:
        """Samples made and not yet heard."""
        if self._take is None:
            return 0
        _, start, written = self._take
        return max(written - max(self.sink.playhead(), start), 0)

    def _lead_is_full(self) -> bool:
        waiting = self._changes or self._latest
        low = waiting and self._lead() < self._pace.least_lead * self.sink.rate
        return not low and self._lead() >= self._lead_seconds * self.sink.rate

    def _idle_seconds(self) -> float:
        if self._changes or self._latest:
            return LOOK_SECONDS
        return 0.05

    def _frame_of(self, position: int) -> int:
        return position * RATE // self.sink.rate // HOP

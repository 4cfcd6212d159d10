"""One plugin instance's stream: follows its host's state, makes takes ahead of its playhead.

Live, a change is answered with a take that starts as soon as it can be heard. Offline the host
waits: a change holds from the first frame after it, so that the same song gives the same samples
however fast either side is. Chunks of a take always have the same sizes, for the same reason.
"""

from __future__ import annotations

import copy
import math
import time

import numpy as np

from rtgen._bridge import EngineSegment
from rtgen.audio.resample import Resampler
from rtgen.serve.host_state import HostState, parse
from rtgen.serve.host_timeline import frame_after, move_tempo, octave, position_of, timeline_of
from rtgen.serve.wishes import Wishes
from rtgen.stream.lead import lead_for
from rtgen.stream.renderer import Renderer, Voice
from rtgen.stream.takes import TakeSource
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE

CHUNKS = (4, 8, 16, 24)
"""Frames of a take's chunks; the last repeats."""
LEAD_SECONDS = 2.5
STOPPED_LEAD_SECONDS = 1.0
FLOOR_SECONDS = 0.25
COALESCE_SECONDS = 0.02
ASLEEP_SECONDS = 2.0
FADE_SECONDS = 0.01
"""How long the reader's cross-fade takes."""
NOTHING_TO_DO = math.inf


class HostedStream:
    """A stream into a shared segment, made one piece of work at a time.

    Parameters
    ----------
    segment : the engine's end, laid out by a plugin.
    renderer : may be shared with other streams of the same model.
    """

    def __init__(self, segment: EngineSegment, renderer: Renderer) -> None:
        self._segment, self._renderer = segment, renderer
        self._manifest = renderer.bundle.manifest
        self._rate = segment.rate
        self._resampler = Resampler(self._rate)
        self._wishes = Wishes(self._manifest)
        self._state: HostState | None = None
        self._timeline, self._voice = ControlTimeline(), Voice(0)
        self._take: TakeSource | None = None
        self._take_start = self._chunk = 0
        self._pending: int | None = None
        self._begun_at = 0.0
        self._blocks, self._blocks_at = 0, time.monotonic()
        self._chunk_seconds = 0.008
        self.speed = 0.0

    # What the scheduler asks

    def need(self, now: float) -> float:
        """Seconds until this stream runs dry, or `NOTHING_TO_DO`."""
        self._segment.beat(self.speed)
        state = self._unread()
        if state is not None:
            return min(self.lead_seconds(), FLOOR_SECONDS if not state.offline else 0.0)
        if self._state is None or self._asleep(now):
            return NOTHING_TO_DO
        if self._turn_is_due():
            return 0.0
        return self.lead_seconds() if self._wants_more(self._state) else NOTHING_TO_DO

    def step(self) -> None:
        """Do one piece of work."""
        state = self._unread()
        if state is not None:
            self._answer(state)
        elif self._turn_is_due():
            self._turn()
        elif self._state is not None and self._wants_more(self._state):
            self._advance()
        self._settle()

    def lead_seconds(self) -> float:
        """Sound made and not yet heard."""
        if self._take is None or self._state is None:
            return 0.0
        return max(self._take.next_output - self._heard(), 0) / self._rate

    @property
    def position_seconds(self) -> float:
        """Where the host is."""
        return self._heard() / self._rate

    @property
    def playing(self) -> bool:
        """Whether the host's transport moves."""
        return self._state is not None and self._state.playing

    # Reading the host

    def _unread(self) -> HostState | None:
        """A state to answer now; changes wait while the lead is low or the take is young."""
        state = parse(self._segment.state())
        if state is None or (self._state is not None and state.revision == self._state.revision):
            return None
        if self._state is None or state.offline or state.locates != self._state.locates:
            return state
        young = time.monotonic() - self._begun_at < COALESCE_SECONDS
        return None if young or self.lead_seconds() < FLOOR_SECONDS else state

    def _answer(self, state: HostState) -> None:
        before, self._state = self._state, state
        if before is None or state.fresh != before.fresh:
            self._wishes.forget()
        values = self._wishes.values()
        messages = self._segment.midi()
        self._wishes.take(state, messages)
        if before is None or self._starts_afresh(before, state):
            self._locate(state)
        elif (
            values != self._wishes.values()
            or self._voice != self._wishes.voice()
            or before.tempo != state.tempo
            or self._off_the_beat(state)
        ):
            if state.offline:
                self._pend(state, max((message[0] for message in messages), default=0))
            else:
                self._change(state)
        self._settle()  # before the answer, which says that it holds
        self._segment.answer(state.revision)

    def _starts_afresh(self, before: HostState, state: HostState) -> bool:
        span = self._manifest.span("tempo")
        return (
            state.locates != before.locates
            or state.bar_beats != before.bar_beats
            or octave(state.tempo, span) != octave(before.tempo, span)
        )

    # Takes

    def _locate(self, state: HostState) -> None:
        """Begin anew at the host's position, as if all had always been as it is now."""
        self._pending = None
        self._voice = self._wishes.voice()
        span = self._manifest.span("tempo")
        self._timeline = timeline_of(state, self._wishes.values(), span, self._rate)
        self._begin(state.position)

    def _change(self, state: HostState) -> None:
        """Live: begin a take as soon as it can be in time."""
        parts = lead_for(self._rate, state.block, 1.3 * self._chunk_seconds)
        at = max(self._heard(), 0) + parts.safety
        self._apply(state, frame_after(at, self._rate))
        self._begin(at)

    def _pend(self, state: HostState, at: int) -> None:
        """Offline: a change holds from the first frame after it; the host waits there for it.

        Parameters
        ----------
        at : where MIDI said so; within the host's block, else the block's start is meant.
        """
        inside = state.position <= at < state.position + state.block
        frame = frame_after(at if inside else state.position, self._rate)
        if self._pending is not None and self._pending != frame:
            self._turn()
        if self._pending is None:
            # The take that is heard goes on from the timeline as it was.
            self._timeline = copy.deepcopy(self._timeline)
            self._pending = frame
        self._apply(state, frame)

    def _apply(self, state: HostState, frame: int) -> None:
        self._voice = self._wishes.voice()
        for name, value in self._wishes.values().items():
            before = self._timeline.values(name, frame, 1)[0]
            if not np.array_equal(before, np.asarray(value), equal_nan=True):
                self._timeline.set(name, value, frame)
        if self._off_the_beat(state):
            move_tempo(self._timeline, state, self._manifest.span("tempo"), self._rate, frame)

    def _turn_is_due(self) -> bool:
        return self._pending is not None and self._segment.wanted() > position_of(
            self._pending, self._rate
        )

    def _turn(self) -> None:
        """Begin the take of a pending change; the one before must outlast the cross-fade."""
        assert self._pending is not None
        assert self._take is not None
        assert self._state is not None
        at = position_of(self._pending, self._rate)
        self._pending = None
        until = at + self._state.block + math.ceil(FADE_SECONDS * self._rate)
        while self._take.next_output < until:
            self._advance()
        self._begin(at)

    def _begin(self, at: int) -> None:
        self._take = TakeSource(self._renderer, self._resampler, self._voice, self._timeline, at)
        self._take_start, self._chunk = at, 0
        self._segment.begin_take(at)
        self._begun_at = time.monotonic()
        took = self._advance()
        self._chunk_seconds += 0.2 * (took - self._chunk_seconds)

    def _advance(self) -> float:
        """Make the take's next chunk; the seconds that it took."""
        assert self._take is not None
        frames = CHUNKS[min(self._chunk, len(CHUNKS) - 1)]
        self._chunk += 1
        started = time.perf_counter()
        samples = self._take.advance(frames)
        took = time.perf_counter() - started
        speed = frames * HOP / RATE / took
        self.speed = speed if self.speed == 0 else 0.9 * self.speed + 0.1 * speed
        if self._segment.write(samples) < len(samples):
            raise RuntimeError("the segment is smaller than the lead")
        return took

    # Where things stand

    def _off_the_beat(self, state: HostState) -> bool:
        """Whether the timeline's beat at the host's position is not the host's."""
        factor = octave(state.tempo, self._manifest.span("tempo"))
        exact = state.position / self._rate * RATE / HOP
        frame = math.floor(exact)
        clock = self._timeline.clock
        tempo = float(self._timeline.values("tempo", frame, 1)[0])
        beat = clock.beat(frame) + (exact - frame) * HOP / RATE * tempo / 60
        late = abs(beat - state.beat * factor) * 60 / tempo > 1e-3
        return late or tempo != state.tempo * factor

    def _heard(self) -> int:
        """The host's position, held to the take."""
        if self._state is None or self._take is None:
            return 0
        playhead = self._segment.playhead() if self._state.playing else self._state.position
        return (
            playhead
            if self._take_start <= playhead <= self._take.next_output
            else (self._take_start)
        )

    def _asleep(self, now: float) -> bool:
        """Whether the host has stopped asking for blocks, and has its first seconds ready."""
        blocks = self._segment.host_beats()
        if blocks != self._blocks:
            self._blocks, self._blocks_at = blocks, now
        return (
            now - self._blocks_at > ASLEEP_SECONDS and self.lead_seconds() >= STOPPED_LEAD_SECONDS
        )

    def _wants_more(self, state: HostState) -> bool:
        if self._take is None:
            return False
        target = LEAD_SECONDS if state.playing else STOPPED_LEAD_SECONDS
        # The ring must also hold the largest chunk.
        largest = (CHUNKS[-1] + 2) * HOP * self._rate // RATE
        if self._segment.space() < largest:
            return False
        return (state.offline and state.playing) or self.lead_seconds() < target

    def _settle(self) -> None:
        if self._take is None:
            return
        pending = self._pending
        until = self._take.next_output
        if pending is not None:
            until = min(until, position_of(pending, self._rate))
        self._segment.settle(until)

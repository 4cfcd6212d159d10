"""One plugin instance's stream: follows its host's state, makes takes ahead of its playhead.

Live, a change is answered with a take that starts as soon as it can be heard. Offline the host
waits: a change holds from the first frame after it, so that the same song gives the same samples
however fast either side is. Chunks of a take always have the same sizes, for the same reason.
"""

from __future__ import annotations

import math
import time

import numpy as np

from rtgen._bridge import EngineSegment
from rtgen.bundle.manifest import ControlRange
from rtgen.serve.host_state import HostState, parse
from rtgen.serve.host_timeline import frame_after, move_tempo, position_of, timeline_of
from rtgen.serve.loop_ahead import LoopAhead
from rtgen.serve.stranding import Stranding
from rtgen.serve.take_line import TakeLine
from rtgen.serve.wishes import Wishes
from rtgen.stream.lead import lead_for
from rtgen.stream.pace import FLOOR_SECONDS, Pace
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE, octave

LEAD_SECONDS = 2.5
STOPPED_LEAD_SECONDS = 1.0
LOOP_LEAD_SECONDS = 0.5
ASLEEP_SECONDS = 2.0
FADE_SECONDS = 0.01
"""How long the reader's cross-fade takes."""
SILENT_SECONDS = 0.12
"""Who does not sound cannot run dry, and waits for those who soon would."""
KNOWN_BEHIND_FRAMES = 1024
"""Frames behind the host that a take may still depend on; no generator looks back that far."""
NOTHING_TO_DO = math.inf


class HostedStream:
    """A stream into a shared segment, made one piece of work at a time.

    Parameters
    ----------
    segment : the engine's end, laid out by a plugin.
    renderer : may be shared with other streams of the same model.
    """

    def __init__(self, segment: EngineSegment, renderer: Renderer) -> None:
        self._segment = segment
        self._manifest = renderer.bundle.manifest
        self._rate = segment.rate
        self._line, self._pace = TakeLine(segment, renderer), Pace()
        self._wishes = Wishes(self._manifest)
        self._state: HostState | None = None
        self._timeline, self._voice = ControlTimeline(), Voice(0)
        self._pending: int | None = None
        self._loop, self._stranding = LoopAhead(self._rate), Stranding(self._rate)
        self._before_loop, self._covered = self._timeline, 0
        self._went_to, self._asked_then, self._holds_from = 0, 0, 0
        self._blocks, self._blocks_at = 0, time.monotonic()

    # What the scheduler asks

    def need(self, now: float) -> float:
        """Seconds until this stream runs dry, `SILENT_SECONDS` at least while it does not play.

        Infinity if it needs nothing.
        """
        need = self._soonest(now)
        offline = self._state is not None and self._state.offline
        return need if self.playing or offline else max(need, SILENT_SECONDS)

    def _soonest(self, now: float) -> float:
        self._segment.beat(self._line.speed)
        playhead = self._segment.playhead()
        self._watch_for_stranding(now, playhead)
        state = self._unread()
        if state is None:
            self._loop.watch(playhead)
        if state is not None:
            return min(self.lead_seconds(), FLOOR_SECONDS if not state.offline else 0.0)
        if self._state is None or self._asleep(now):
            return NOTHING_TO_DO
        if self._turn_is_due() or self._loop.missed() or self._stranding.found:
            return 0.0
        if self._loop_is_due():
            return FLOOR_SECONDS
        return self.lead_seconds() if self._wants_more(self._state) else NOTHING_TO_DO

    def step(self) -> None:
        """Do one piece of work."""
        state = self._unread()
        if state is not None:
            self._answer(state)
        elif self._turn_is_due():
            self._turn()
        elif self._loop.missed():
            self._leave_loop()
        elif self._stranding.found:
            self._rejoin()
        elif self._loop_is_due():
            self._make_loop()
        elif self._state is not None and self._wants_more(self._state):
            self._line.advance()
        self._pace.made(time.monotonic(), self.lead_seconds())
        self._settle()

    def lead_seconds(self) -> float:
        """Sound made and not yet heard, up to a jump that is expected."""
        end = self._covered if self._loop.made else self._line.end
        return max(end - self._heard(), 0) / self._rate

    @property
    def speed(self) -> float:
        """How many times faster than real time it is made."""
        return self._line.speed

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
        """A state to answer now; a change that is no jump waits for its turn."""
        state = parse(self._segment.state())
        if state is None or (self._state is not None and state.revision == self._state.revision):
            return None
        if self._state is None or state.offline or state.locates != self._state.locates:
            return state
        return state if self._pace.lets_change(time.monotonic(), self.lead_seconds()) else None

    def _answer(self, state: HostState) -> None:
        before, self._state = self._state, state
        if before is None or state.fresh != before.fresh:
            self._wishes.forget()
        values = self._wishes.values()
        messages = self._segment.midi()
        self._wishes.take(state, messages)
        same = values == self._wishes.values() and self._voice == self._wishes.voice()
        if before is None or self._starts_afresh(before, state):
            self._went_to, self._asked_then = state.position, self._segment.host_beats()
            self._holds_from = 0
            if before is None or not (same and self._returns(before, state)):
                self._locate(state)
            if before is not None:
                self._loop.learn(before, state)
        elif (
            not same
            or before.tempo != state.tempo
            or self._off_the_beat(state, state.position)
            or (self._pending is not None and not state.offline)
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
            or _octave(state, span) != _octave(before, span)
        )

    # Takes

    def _locate(self, state: HostState) -> None:
        """Begin anew at the host's position, as if all had always been as it is now."""
        self._pending = None
        self._voice = self._wishes.voice()
        span = self._manifest.span("tempo")
        self._timeline = timeline_of(state, self._wishes.values(), span, self._rate)
        self._begin(state.position)

    def _returns(self, before: HostState, state: HostState) -> bool:
        """Whether the host jumped where it was expected to; the take for it is there."""
        return (
            self._loop.met(state)
            and before.tempo == state.tempo
            and before.bar_beats == state.bar_beats
        )

    def _loop_is_due(self) -> bool:
        return self._line.exists and self._loop.due(self._line.end)

    def _make_loop(self) -> None:
        """Make what will be heard after the host's next jump back."""
        assert self._state is not None
        self._before_loop, self._covered = self._timeline, self._line.end
        jump = self._loop.jump
        there = self._state._replace(position=jump.to, beat=jump.beat)
        span = self._manifest.span("tempo")
        self._timeline = timeline_of(there, self._wishes.values(), span, self._rate)
        self._loop.made = True
        self._begin(jump.to)

    def _leave_loop(self) -> None:
        """Go on where the host is: it did not jump."""
        assert self._state is not None
        self._change(self._state)
        self._loop.forget()

    def _change(self, state: HostState) -> None:
        """Live: begin a take as soon as it can be in time."""
        parts = lead_for(self._rate, state.block, 1.3 * self._line.chunk_seconds)
        heard = max(self._heard(), 0)
        at = heard + parts.safety
        if not self._loop.made:  # however slow chunks are: no gap before the next take
            last = self._line.end - math.ceil(FADE_SECONDS * self._rate)
            at = max(min(at, last), heard)
        self._unmake_loop()
        self._pending = None
        self._timeline.forget_before(frame_after(heard, self._rate) - KNOWN_BEHIND_FRAMES)
        # Blocks that became smaller may be answered sooner, but never before what was said earlier.
        self._holds_from = max(frame_after(at, self._rate), self._holds_from)
        self._apply(state, self._holds_from)
        self._begin(at)

    def _watch_for_stranding(self, now: float, playhead: int) -> None:
        state = self._state
        live = state is not None and state.playing and not state.offline
        if live and self._line.exists and not self._loop.made:
            self._stranding.watch(now, playhead, self._line.start, self._line.end)
        else:
            self._stranding.forget()

    def _rejoin(self) -> None:
        """Go on where the host has got to meanwhile."""
        assert self._state is not None
        parts = lead_for(self._rate, self._state.block, 1.3 * self._line.chunk_seconds)
        self._begin(self._segment.playhead() + parts.safety)

    def _unmake_loop(self) -> None:
        if self._loop.made:
            self._timeline, self._loop.made = self._before_loop, False

    def _pend(self, state: HostState, at: int) -> None:
        """Offline: a change holds from the first frame after it; the host waits there for it.

        Parameters
        ----------
        at : where MIDI said so; within the host's block, else the block's start is meant.
        """
        self._unmake_loop()
        inside = state.position <= at < state.position + state.block
        frame = frame_after(at if inside else state.position, self._rate)
        if self._pending is not None and self._pending != frame:
            self._turn()
        if self._pending is None:
            # The take that is heard goes on from the timeline as it was.
            self._timeline = self._timeline.copy()
            self._timeline.forget_before(frame - KNOWN_BEHIND_FRAMES)
            self._pending = frame
        self._apply(state, frame)

    def _apply(self, state: HostState, frame: int) -> None:
        self._voice = self._wishes.voice()
        for name, value in self._wishes.values().items():
            before = self._timeline.values(name, frame, 1)[0]
            if not np.array_equal(before, np.asarray(value), equal_nan=True):
                self._timeline.set(name, value, frame)
        if self._off_the_beat(state, position_of(frame, self._rate)):
            move_tempo(self._timeline, state, self._manifest.span("tempo"), self._rate, frame)

    def _turn_is_due(self) -> bool:
        return self._pending is not None and self._segment.wanted() > position_of(
            self._pending, self._rate
        )

    def _turn(self) -> None:
        """Begin the take of a pending change; the one before must outlast the cross-fade."""
        assert self._pending is not None
        assert self._state is not None
        at = position_of(self._pending, self._rate)
        self._pending = None
        until = at + self._state.block + math.ceil(FADE_SECONDS * self._rate)
        while self._line.end < until:
            self._line.advance()
        self._begin(at)

    def _begin(self, at: int) -> None:
        self._pace.begun(time.monotonic())
        self._stranding.forget()
        self._line.begin(self._voice, self._timeline, at)

    # Where things stand

    def _off_the_beat(self, state: HostState, position: int) -> bool:
        """Whether the timeline's beat at a position is not that which the host will have there."""
        factor = _octave(state, self._manifest.span("tempo"))
        told = state.tempo * factor
        exact = position / self._rate * RATE / HOP
        frame = math.floor(exact)
        timeline = self._before_loop if self._loop.made else self._timeline
        tempo = float(timeline.values("tempo", frame, 1)[0])
        beat = timeline.clock.beat(frame) + (exact - frame) * HOP / RATE * tempo / 60
        later = (position - state.position) / self._rate
        late = abs(beat - state.beat * factor - later * told / 60) * 60 / tempo > 1e-3
        return late or tempo != told

    def _heard(self) -> int:
        """The host's position, held to what was made since it went there."""
        if self._state is None:
            return 0
        playhead = self._segment.playhead() if self._state.playing else self._state.position
        arrived = self._segment.host_beats() != self._asked_then
        inside = self._went_to <= playhead and (playhead <= self._line.end or arrived)
        away = self._loop.made or self._stranding.found
        return playhead if inside or away else self._line.start

    def _asleep(self, now: float) -> bool:
        """Whether the host has stopped asking for blocks, and has its first seconds ready."""
        blocks = self._segment.host_beats()
        if blocks != self._blocks:
            self._blocks, self._blocks_at = blocks, now
        return (
            now - self._blocks_at > ASLEEP_SECONDS and self.lead_seconds() >= STOPPED_LEAD_SECONDS
        )

    def _wants_more(self, state: HostState) -> bool:
        if not (self._line.exists and self._line.fits()):
            return False
        if self._loop.made:
            return self._line.end - self._line.start < LOOP_LEAD_SECONDS * self._rate
        target = LEAD_SECONDS if state.playing else STOPPED_LEAD_SECONDS
        return (state.offline and state.playing) or self.lead_seconds() < target

    def _settle(self) -> None:
        if not self._line.exists:
            return
        pending = self._pending
        until = self._line.end
        if pending is not None:
            until = min(until, position_of(pending, self._rate))
        self._segment.settle(until)


def _octave(state: HostState, span: ControlRange) -> float:
    return octave(state.tempo, span.low, span.high)

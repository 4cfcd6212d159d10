"""The control timeline: what every control did and will do, exact to the frame."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rtgen.errors import ControlError
from rtgen.timeline import controls
from rtgen.timeline.clock import Clock, in_bars_of_four
from rtgen.timeline.conditioning import build_conditioning
from rtgen.timeline.controls import CHROMA, TABLE, Value

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Event:
    """From `frame` on a control moves to `value` over `ramp_frames` (0: at once)."""

    frame: int
    value: Value
    ramp_frames: int = 0


@dataclass
class Lane:
    """Events of one control in order of frames; before the first the default holds."""

    default: Value
    frames: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    starts: list[Value] = field(default_factory=list)
    """Values in force just before each event: the ramp before it may have been cut short."""

    def put(self, event: Event) -> None:
        """Add an event; one at the same frame is replaced."""
        at = bisect_right(self.frames, event.frame)
        if at and self.frames[at - 1] == event.frame:
            at -= 1
            self.events[at] = event
        else:
            self.frames.insert(at, event.frame)
            self.events.insert(at, event)
            self.starts.insert(at, self._reached(at))
        for k in range(at + 1, len(self.events)):
            start = self._reached(k)
            if start == self.starts[k]:
                break
            self.starts[k] = start

    def copy(self) -> Lane:
        """One that changes by itself."""
        return Lane(self.default, self.frames[:], self.events[:], self.starts[:])

    def forget_before(self, frame: int) -> None:
        """Drop events without effect from a frame on; what was before it is no longer known."""
        past = bisect_right(self.frames, frame) - 1
        if past > 0:
            self.default = self.starts[past]
            del self.frames[:past], self.events[:past], self.starts[:past]

    def value(self, frame: int) -> npt.NDArray[np.float64]:
        """The value (1,) or (12,) at one frame."""
        return self.values(frame, 1)[0]

    def values(self, first: int, n: int) -> npt.NDArray[np.float64]:
        """Values (n, 1) or (n, 12) of frames; cost depends on the events inside only."""
        at = bisect_right(self.frames, first) - 1
        start = np.atleast_1d(np.asarray(self._before(at), float))
        out = np.tile(start, (n, 1))
        while at < len(self.events):
            if at >= 0:
                event = self.events[at]
                if event.frame >= first + n:
                    break
                stop = self.frames[at + 1] if at + 1 < len(self.frames) else first + n
                low, high = max(event.frame, first), min(stop, first + n)
                if low < high:
                    out[low - first : high - first] = self._segment(at, low, high)
            at += 1
        return out

    def _before(self, at: int) -> Value:
        return self.default if at < 0 else self.events[at].value

    def _segment(self, at: int, low: int, high: int) -> npt.NDArray[np.float64]:
        event = self.events[at]
        target = np.atleast_1d(np.asarray(event.value, float))
        if event.ramp_frames <= 0:
            return np.tile(target, (high - low, 1))
        source = np.atleast_1d(np.asarray(self.starts[at], float))
        if np.isnan(source).any() or np.isnan(target).any():
            return np.tile(target, (high - low, 1))
        a = np.clip((np.arange(low, high) - event.frame) / event.ramp_frames, 0.0, 1.0)[:, None]
        return np.asarray(source + a * (target - source))

    def _reached(self, at: int) -> Value:
        """The value that the event before one has come to when that one begins."""
        if at == 0:
            return self.default
        before = self.events[at - 1]
        gone = self.events[at].frame - before.frame
        if before.ramp_frames <= 0 or gone >= before.ramp_frames:
            return before.value
        source = np.atleast_1d(np.asarray(self.starts[at - 1], float))
        target = np.atleast_1d(np.asarray(before.value, float))
        if np.isnan(source).any() or np.isnan(target).any():
            return before.value
        moved = source + gone / before.ramp_frames * (target - source)
        return tuple(float(v) for v in moved) if len(moved) > 1 else float(moved[0])


class ControlTimeline:
    """All controls and the clock, as pure functions of the frame.

    Parameters
    ----------
    defaults : values in force before any event, by name; the table's where not given.
    origin : beat position of frame 0.
    bar_beats : beats in a bar; models know four, see `in_bars_of_four`.
    """

    def __init__(
        self,
        defaults: dict[str, Value] | None = None,
        origin: float = 0.0,
        bar_beats: float = 4.0,
    ) -> None:
        given = defaults or {}
        self.lanes = {name: Lane(given.get(name, c.default)) for name, c in TABLE.items()}
        self.lanes[CHROMA] = Lane(given.get(CHROMA, controls.ANY_CHROMA))
        self.clock = Clock(self.lanes["tempo"], origin)
        self._bar_beats = bar_beats

    def copy(self) -> ControlTimeline:
        """One that changes by itself."""
        out = ControlTimeline(bar_beats=self._bar_beats)
        out.lanes = {name: lane.copy() for name, lane in self.lanes.items()}
        out.clock = self.clock.copy(out.lanes["tempo"])
        return out

    def forget_before(self, frame: int) -> None:
        """Drop what has no effect from a frame on, so that the cost of a frame does not grow.

        Frames from there on stay as they are, to the bit; earlier ones are no longer known.
        """
        for name, lane in self.lanes.items():
            counted_from = self.clock.forget_before(frame) if name == "tempo" else frame
            lane.forget_before(counted_from)

    def set(self, name: str, value: Value, frame: int, ramp_frames: int = 0) -> None:
        """Let a control move to a value from a frame on.

        Raises
        ------
        ControlError for an unknown control or a value outside its range.
        """
        if name == CHROMA:
            weights = tuple(float(v) for v in np.atleast_1d(np.asarray(value, float)))
            if len(weights) != 12:
                raise ControlError("chroma takes twelve weights", value=value)
            self.lanes[CHROMA].put(Event(frame, weights, ramp_frames))
            return
        checked = controls.check(name, float(np.asarray(value)))
        self.lanes[name].put(Event(frame, checked, ramp_frames))
        if name == "tempo":
            self.clock.forget(frame)

    def values(self, name: str, first: int, n: int) -> npt.NDArray[np.float64]:
        """Values (n,) of a control, (n, 12) for chroma."""
        out = self.lanes[name].values(first, n)
        return out if name == CHROMA else out[:, 0]

    def conditioning(
        self, first: int, n: int, lead_seconds: float = 0.0, beat: bool = True
    ) -> Floats:
        """The generator's `controls` (n, 32); phases are those of `lead_seconds` later.

        Without `beat` nothing is said of beat and tempo, as models without them were trained.
        """
        density, energy = self.values("density", first, n), self.values("energy", first, n)
        chroma = self.values(CHROMA, first, n)
        tempo = self.values("tempo", first, n)
        free = np.asarray(np.isnan(chroma).any(axis=1))
        beats = self.clock.beats(first, n) + tempo * (lead_seconds / 60)
        return build_conditioning(
            in_bars_of_four(beats, self._bar_beats),
            tempo if beat else np.full(n, np.nan),
            np.nan_to_num(density),
            np.nan_to_num(energy),
            np.nan_to_num(chroma),
            ~np.isnan(density),
            ~np.isnan(energy),
            ~free,
        )

    def variation(self, first: int, n: int) -> Floats:
        """The generator's `variation` (n, 1)."""
        return self.lanes["variation"].values(first, n).astype(np.float32)

"""A host's tempo, beat and values as a control timeline."""

from __future__ import annotations

from rtgen.bundle.manifest import ControlRange
from rtgen.serve.host_state import HostState
from rtgen.timeline.controls import Value
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import HOP, RATE, octave

ORIGIN_DIGITS = 6
"""Beats are rounded to a millionth: the same song gives the same bits wherever it starts."""


def timeline_of(
    state: HostState, values: dict[str, Value], span: ControlRange, rate: int
) -> ControlTimeline:
    """A timeline that holds what a host says for all time, before and after.

    Parameters
    ----------
    values : of all controls but tempo.
    span : tempi that the model plays; others are played at half or double the tempo.
    rate : the host's, in samples per second.
    """
    factor = octave(state.tempo, span.low, span.high)
    tempo = state.tempo * factor
    origin = state.beat * factor - state.position / rate * tempo / 60
    return ControlTimeline(
        {**values, "tempo": tempo}, round(origin, ORIGIN_DIGITS), state.bar_beats * factor
    )


def move_tempo(
    timeline: ControlTimeline, state: HostState, span: ControlRange, rate: int, frame: int
) -> None:
    """Let tempo and beat be what the host says, from a frame on."""
    factor = octave(state.tempo, span.low, span.high)
    later = frame * HOP / RATE - state.position / rate
    timeline.set("tempo", state.tempo * factor, frame)
    timeline.clock.rebase(frame, state.beat * factor + later * state.tempo * factor / 60)


def frame_after(position: int, rate: int) -> int:
    """The first frame that starts at or after a position at the host's rate."""
    return -(-position * RATE // (rate * HOP))


def position_of(frame: int, rate: int) -> int:
    """The first position at the host's rate that lies in a frame."""
    return -(-frame * HOP * rate // RATE)

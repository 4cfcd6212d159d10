"""What a host says, by name: the Python form of `rtgen::HostState`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rtgen._bridge import State


FARTHEST = 1 << 60
LARGEST_BLOCK = 1 << 20
"""Offline a take outlasts a block, so a longer one would be made to no end."""
SLOWEST, FASTEST = 1.0, 10_000.0
"""Quarter notes a minute. Our plugin says no less than 5 and no more than 1000."""
SHORTEST_BAR, LONGEST_BAR = 1 / 64, 1024.0
"""Quarter notes, as our plugin bounds them."""


class HostValues(NamedTuple):
    """Parameters of the plugin that the engine needs; styles below 0 are none."""

    density: float
    energy: float
    variation: float
    morph: float
    seed: float
    style_a: float
    style_b: float


class HostState(NamedTuple):
    """All that a host asks for, from `position` (samples at its rate) on.

    `beat` and `bar_beats` count quarter notes, `tempo` those in a minute; `notes` counts MIDI
    messages pushed before; `fresh` grows when what MIDI did is to be forgotten.
    """

    revision: int
    locates: int
    notes: int
    position: int
    beat: float
    tempo: float
    bar_beats: float
    playing: bool
    offline: bool
    block: int
    fresh: int
    values: HostValues


def parse(said: State | None) -> HostState | None:
    """The state that a segment gave, None if it could not be read whole or makes no sense."""
    if said is None:
        return None
    state = HostState(*said[:11], values=HostValues(*said[11]))
    numbers = (state.beat, state.tempo, state.bar_beats, *state.values)
    sane = all(abs(x) < 1e15 for x in numbers)
    steady = SLOWEST <= state.tempo <= FASTEST and SHORTEST_BAR <= state.bar_beats <= LONGEST_BAR
    here = abs(state.position) < FARTHEST and state.block <= LARGEST_BLOCK
    return state if sane and steady and here else None

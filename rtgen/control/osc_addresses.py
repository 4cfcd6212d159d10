"""The OSC address space: each address, what it takes, what it does. Looked up exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rtgen.control.freezer import Freezer
from rtgen.control.midi_map import GAIN, GAIN_RANGE_DB
from rtgen.control.notes import HeldNotes
from rtgen.control.osc_datagram import Argument, Refused
from rtgen.control.performer import Performer
from rtgen.timeline.controls import (
    AUTO,
    CHROMA,
    PITCH_CLASSES,
    TABLE,
    parse_chroma,
)
from rtgen.timeline.seeds import DRAWN_SEEDS, drawn_seed

ROOT = "/rtgen"
FARTHEST_SECONDS = 1e7
MOST_BARS = 64


@dataclass(frozen=True)
class Address:
    """One address: what it takes and what it does, in words, and the doing.

    Attributes
    ----------
    each : every message counts, as with keys and buttons; of others only the last in a moment.
    """

    path: str
    takes: str
    says: str
    act: Callable[[AddressSpace, Sequence[Argument]], None]
    each: bool = False


class AddressSpace:
    """Addresses that steer a performer; ranges are those of the model that plays.

    Parameters
    ----------
    performer : what is steered.
    """

    def __init__(self, performer: Performer) -> None:
        self.performer = performer
        self.notes = HeldNotes()
        self.freezer = Freezer(performer)

    def act(self, path: str, given: Sequence[Argument]) -> None:
        """Do what an address asks.

        Raises
        ------
        Refused for an address that is none, or arguments that it does not take.
        """
        row = ADDRESSES.get(path)
        if row is None:
            raise Refused(f"no address {path}")
        row.act(self, given)

    def release(self) -> None:
        """Let go of held keys."""
        self.performer.set(CHROMA, self.notes.release())

    def place(self, name: str, value: float) -> None:
        """Steer a control, or the gain, as far as it goes."""
        low, high = self.performer.span(name)
        value = min(max(value, low), high)
        if name == GAIN:
            self.performer.set_gain_db(value)
        else:
            self.performer.set(name, value)


Act = Callable[[AddressSpace, Sequence[Argument]], None]


def _set(name: str) -> Act:
    def act(space: AddressSpace, given: Sequence[Argument]) -> None:
        if name in TABLE and TABLE[name].auto and list(given) == ["auto"]:
            space.performer.set(name, AUTO)
        else:
            space.place(name, _number(given))

    return act


def _set_share(name: str) -> Act:
    def act(space: AddressSpace, given: Sequence[Argument]) -> None:
        low, high = space.performer.span(name)
        space.place(name, low + min(max(_number(given), 0.0), 1.0) * (high - low))

    return act


def _key(pitch: int) -> Act:
    def act(space: AddressSpace, given: Sequence[Argument]) -> None:
        space.performer.set(CHROMA, space.notes.note(0, pitch, _number(given) > 0))

    return act


def _chroma(space: AddressSpace, given: Sequence[Argument]) -> None:
    words = [word for word in given if isinstance(word, str)]
    if not words or len(words) != len(given):
        raise Refused("chroma takes words")
    space.performer.set(CHROMA, parse_chroma(",".join(words)))


def _style_a(space: AddressSpace, given: Sequence[Argument]) -> None:
    space.performer.set_styles(_seed(given), space.performer.styles[1])


def _style_b(space: AddressSpace, given: Sequence[Argument]) -> None:
    space.performer.set_styles(space.performer.styles[0], _seed(given))


def _loop(space: AddressSpace, given: Sequence[Argument]) -> None:
    bars = _number(given)
    if not 0 <= bars <= MOST_BARS:
        raise Refused("no number of bars")
    space.performer.loop(round(bars) or None)


def _morph_to(space: AddressSpace, given: Sequence[Argument]) -> None:
    bars = _number(given[1:])
    if not 0 < bars <= MOST_BARS:
        raise Refused("no number of bars")
    space.performer.morph_to(_seed(given[:1]), bars)


def _panic(space: AddressSpace) -> None:
    space.release()
    space.performer.panic()


def _press(does: Callable[[AddressSpace], None]) -> Act:
    """A button sends 1 when pressed and 0 when let go; only the first counts."""

    def act(space: AddressSpace, given: Sequence[Argument]) -> None:
        if not given or _number(given) > 0:
            does(space)

    return act


def _number(given: Sequence[Argument]) -> float:
    if len(given) != 1 or not isinstance(given[0], int | float) or not math.isfinite(given[0]):
        raise Refused("takes one number")
    return float(given[0])


def _seed(given: Sequence[Argument]) -> int:
    number = _number(given)
    if not 0 <= number < DRAWN_SEEDS:
        raise Refused("no seed")
    return int(number)


def _seconds(given: Sequence[Argument]) -> float:
    return min(max(_number(given), 0.0), FARTHEST_SECONDS)


def _rows() -> Iterator[Address]:
    for c in TABLE.values():
        span = f"{c.low:g} to {c.high:g} {c.unit}".rstrip()
        takes = f'{span}, or "auto"' if c.auto else span
        yield Address(f"{ROOT}/{c.name}", takes, c.says, _set(c.name))
    low, high = GAIN_RANGE_DB
    yield Address(f"{ROOT}/{GAIN}", f"{low:g} to {high:g} dB", "output level", _set(GAIN))
    for name in (*TABLE, GAIN):
        says = f"{name} over the range of the model" if name != GAIN else "output level"
        yield Address(f"{ROOT}/norm/{name}", "0 to 1", says, _set_share(name))
    takes = '"C,Eb,G", "any" or "none"'
    yield Address(f"{ROOT}/{CHROMA}", takes, "the chord to play over", _chroma)
    for pitch, name in enumerate(PITCH_CLASSES):
        yield Address(f"{ROOT}/key/{name}", "1 down, 0 up", f"hold {name}", _key(pitch), True)
    seed, press = f"0 to {DRAWN_SEEDS - 1}", "nothing, or 1"
    yield Address(
        f"{ROOT}/seed", seed, "another piece", lambda s, g: s.performer.new_seed(_seed(g))
    )
    for path, says, does in (
        ("seed/new", "a piece by chance", _new_seed),
        ("transport/play", "go on", lambda s: s.performer.set_paused(False)),
        ("transport/pause", "hold the sound", lambda s: s.performer.set_paused(True)),
        ("undo", "take back the last change", lambda s: s.performer.undo()),
        ("panic", "let go of all, fade out", _panic),
    ):
        yield Address(f"{ROOT}/{path}", press, says, _press(does), True)
    yield Address(f"{ROOT}/style/a", seed, "where morph starts", _style_a)
    yield Address(f"{ROOT}/style/b", seed, "where morph leads", _style_b)
    bars = f"1 to {MOST_BARS} bars, 0 goes on"
    yield Address(f"{ROOT}/loop", bars, "repeat bars, the one heard now first", _loop, True)
    takes = f"seed, bars up to {MOST_BARS}"
    yield Address(f"{ROOT}/morph/to", takes, "glide to the style of a seed", _morph_to, True)
    yield Address(f"{ROOT}/freeze", "1 or 0", "stand still", _freeze)
    yield Address(
        f"{ROOT}/transport/seek",
        "seconds",
        "go elsewhere in the stream",
        lambda s, g: s.performer.seek(_seconds(g)),
    )


def _freeze(space: AddressSpace, given: Sequence[Argument]) -> None:
    space.freezer.freeze(_number(given) > 0)


def _new_seed(space: AddressSpace) -> None:
    space.performer.new_seed(drawn_seed())


ADDRESSES = {row.path: row for row in _rows()}
"""The whole space; besides it, `/rtgen/feedback` says where changes are told."""

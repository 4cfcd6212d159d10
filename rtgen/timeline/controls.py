"""The one table of controls: names, ranges, units, defaults, MIDI CC. All else derives from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtgen.errors import ControlError

AUTO = float("nan")
"""Value of a control that is left to the model."""
PITCH_CLASSES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_ALIASES = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb", "CB": "B", "FB": "E"}

Value = float | tuple[float, ...]
Span = tuple[float, float]
"""Ends of a range."""


@dataclass(frozen=True)
class Control:
    """One control. `auto` says whether it may be left to the model."""

    name: str
    low: float
    high: float
    default: float
    unit: str
    cc: int | None
    auto: bool
    says: str


TABLE = {
    control.name: control
    for control in (
        Control("tempo", 60, 200, 128, "bpm", None, False, "speed of the beat"),
        Control("density", 0, 18, 7, "onsets/s", 1, True, "how many notes and hits a second"),
        Control("energy", 0, 1, 0.65, "", 11, True, "loudness and drive"),
        Control("variation", 0, 1, 1, "", 74, False, "how far the music wanders"),
        Control("morph", 0, 1, 0, "", 16, False, "from style A to style B"),
    )
}
CHROMA = "chroma"
ANY_CHROMA: tuple[float, ...] = (AUTO,) * 12
GAIN_CC = 7
NAMES = (*TABLE, CHROMA)


def check(name: str, value: float, span: Span | None = None) -> float:
    """The value, if the control takes it.

    Parameters
    ----------
    span : ends of the range to hint at, where it is narrower than the control's own.

    Raises
    ------
    ControlError for an unknown name or a value outside the range.
    """
    control = _known(name)
    if np.isnan(value) and control.auto:
        return value
    if not control.low <= value <= control.high:
        low, high = span or (control.low, control.high)
        raise ControlError(
            f"{name} {value:g} is out of range",
            value=value,
            hint=f"{name} goes from {low:g} to {high:g} {control.unit}".rstrip(),
        )
    return float(value)


def parse_value(name: str, text: str, span: Span | None = None) -> Value:
    """A value as typed: a number, `auto`, or for chroma `C,Eb,G`, `any` or `none`.

    Parameters
    ----------
    span : as of `check`.
    """
    if name == CHROMA:
        return parse_chroma(text)
    control = _known(name)
    if text == "auto" and control.auto:
        return AUTO
    low, high = span or (control.low, control.high)
    try:
        number = float(text)
    except ValueError:
        raise ControlError(
            f"{name} takes a number, not '{text}'",
            value=text,
            hint=f"for example {name}={min(max(control.default, low), high):g}",
        ) from None
    return check(name, number, span)


def _known(name: str) -> Control:
    if name not in TABLE:
        raise ControlError(
            f"unknown control '{name}'", value=name, hint="controls are " + ", ".join(NAMES)
        )
    return TABLE[name]


def parse_chroma(text: str) -> tuple[float, ...]:
    """Twelve equal weights for the named pitch classes; `any` frees them, `none` silences them."""
    if text.lower() == "any":
        return ANY_CHROMA
    if text.lower() == "none":
        return (0.0,) * 12
    wanted = set()
    for word in text.split(","):
        name = word.strip()
        name = name[:1].upper() + name[1:].lower()
        name = _ALIASES.get(name, name)
        if name not in PITCH_CLASSES:
            raise ControlError(
                f"'{word}' is not a pitch class", value=word, hint="chroma=C,Eb,G or any or none"
            )
        wanted.add(PITCH_CLASSES.index(name))
    return chroma_of(wanted)


def chroma_of(pitch_classes: set[int]) -> tuple[float, ...]:
    """Equal weights over pitch classes 0..11; any if there are none."""
    if not pitch_classes:
        return ANY_CHROMA
    return tuple(1.0 / len(pitch_classes) if k in pitch_classes else 0.0 for k in range(12))


def describe_chroma(value: npt.ArrayLike) -> str:
    """The text form of twelve weights."""
    weights = np.asarray(value, float)
    if np.isnan(weights).any():
        return "any"
    return ",".join(PITCH_CLASSES[k] for k in np.flatnonzero(weights)) or "none"

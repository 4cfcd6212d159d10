"""How `--set` is read: NAME=V, NAME=V1:V2 (a ramp over the whole), NAME=V@SECOND (a step)."""

from __future__ import annotations

import math

from rtgen.bundle.manifest import Manifest
from rtgen.errors import ControlError
from rtgen.timeline import controls
from rtgen.timeline.clock import Clock
from rtgen.timeline.controls import Value
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.units import (
    BEATS_PER_BAR,
    FRAMES_PER_SECOND,
    frames_to_seconds,
    seconds_to_frame,
)

MOST_BARS = 10**9
FAR_SECONDS = 1e10
RAMP_TURNS = 50


def split(text: str) -> tuple[str, str]:
    """Name and value of one setting."""
    name, equals, value = text.partition("=")
    if not equals or not value:
        raise ControlError(f"'{text}' is not NAME=VALUE", value=text, hint="for example density=6")
    if name not in controls.NAMES:
        raise ControlError(
            f"unknown control '{name}'",
            value=name,
            hint="controls are " + ", ".join(controls.NAMES),
        )
    return name, value


def checked(manifest: Manifest, name: str, text: str) -> Value:
    """A typed value, inside the range that the model was trained on."""
    value = controls.parse_value(name, text)
    if name not in manifest.control_names:
        raise ControlError(
            f"{manifest.name} has no {name}",
            value=name,
            hint="its controls are " + ", ".join(manifest.control_names),
        )
    span = manifest.controls.get(name)
    if (
        span is not None
        and isinstance(value, float)
        and not math.isnan(value)
        and not span.low <= value <= span.high
    ):
        raise ControlError(
            f"{name} {value:g} is outside what {manifest.name} was trained on",
            value=value,
            hint=f"{span.low:g} to {span.high:g} {span.unit}".rstrip(),
        )
    return value


def defaults(manifest: Manifest, settings: list[str]) -> dict[str, Value]:
    """Values for playing live: ramps and steps make no sense there."""
    out: dict[str, Value] = {}
    for text in settings:
        name, value = split(text)
        if "@" in value or (":" in value):
            raise ControlError(
                f"'{text}' moves in time, which only `rtgen render` can do", value=text
            )
        out[name] = checked(manifest, name, value)
    return out


def held(manifest: Manifest, values: dict[str, float]) -> dict[str, Value]:
    """Those values that the model has a control for, within its ranges."""
    out: dict[str, Value] = {}
    for name, value in values.items():
        span = manifest.controls.get(name)
        if span is not None:
            out[name] = min(max(value, span.low), span.high)
    return out


def timeline(
    manifest: Manifest, settings: list[str], start_seconds: float, seconds: float
) -> ControlTimeline:
    """The timeline of a rendering from `start_seconds` on; ramps last for all of it."""
    first: dict[str, Value] = {}
    moves: list[tuple[str, Value, int, int]] = []
    begin = seconds_to_frame(start_seconds)
    for text in settings:
        name, value = split(text)
        if "@" in value:
            value, _, when = value.rpartition("@")
            moves.append((name, checked(manifest, name, value), _second(text, when), 0))
        elif ":" in value:
            low, _, high = value.partition(":")
            first[name] = checked(manifest, name, low)
            length = seconds_to_frame(seconds)
            moves.append((name, checked(manifest, name, high), begin, length))
        else:
            first[name] = checked(manifest, name, value)
    out = ControlTimeline(first)
    for name, target, frame, ramp in sorted(moves, key=lambda move: move[2]):
        out.set(name, target, frame, ramp)
    return out


def stretch(
    manifest: Manifest,
    settings: list[str],
    start: float,
    seconds: float,
    start_bar: int | None,
    bars: int | None,
) -> tuple[float, float]:
    """Start and length in seconds of a stretch that may be given in bars, exact to the sample.

    Raises
    ------
    ControlError for bars under 1, and for a model without a beat.
    """
    if not manifest.has_beat:
        raise ControlError(
            f"{manifest.name} has no beat, so it has no bars",
            value=start_bar or bars,
            hint="--start and --seconds",
        )
    for value in (start_bar, bars):
        if value is not None and not 1 <= value <= MOST_BARS:
            raise ControlError(
                f"there is no bar {value}", value=value, hint="--start-bar 1 --bars 8"
            )
    if start_bar is not None:
        before = timeline(manifest, settings, FAR_SECONDS, seconds)  # ramps begin at the start
        start = _seconds_of_beat(before.clock, BEATS_PER_BAR * (start_bar - 1))
    if bars is not None:
        # A ramp of the tempo lasts as long as the stretch, which depends on the tempo.
        for _ in range(RAMP_TURNS):
            clock = timeline(manifest, settings, start, seconds).clock
            end = _seconds_of_beat(clock, _beat_of_seconds(clock, start) + BEATS_PER_BAR * bars)
            seconds, last = end - start, seconds
            if abs(seconds - last) < 1e-7:
                break
    return start, seconds


def _beat_of_seconds(clock: Clock, seconds: float) -> float:
    place = seconds * FRAMES_PER_SECOND
    low, high = clock.beat(int(place)), clock.beat(int(place) + 1)
    return low + (high - low) * (place - int(place))


def _seconds_of_beat(clock: Clock, beat: float) -> float:
    frame = clock.frame_of_beat(beat, 0)
    if frame == 0:
        return 0.0
    low, high = clock.beat(frame - 1), clock.beat(frame)
    return (frame - 1 + (beat - low) / (high - low)) / FRAMES_PER_SECOND


def _second(text: str, when: str) -> int:
    try:
        seconds = float(when)
    except ValueError:
        seconds = -1.0
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ControlError(
            f"'{when}' in '{text}' is not a time", value=when, hint="NAME=VALUE@SECOND"
        )
    return seconds_to_frame(seconds)


def position(seconds: float, what: str) -> float:
    """A position or length that can be rendered."""
    if not math.isfinite(seconds) or seconds < 0 or frames_to_seconds(10**12) < seconds:
        raise ControlError(f"{what} {seconds:g} makes no sense", value=seconds, hint="0 or more")
    return seconds

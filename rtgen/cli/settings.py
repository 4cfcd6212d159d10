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
MOST_FRAMES = 10**12
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
    if name not in manifest.control_names:
        raise ControlError(
            f"{manifest.name} has no {name}",
            value=name,
            hint="its controls are " + ", ".join(manifest.control_names),
        )
    span = manifest.controls.get(name)
    if span is None:
        return controls.parse_value(name, text)
    low, high = max(span.low, controls.TABLE[name].low), min(span.high, controls.TABLE[name].high)
    value = controls.parse_value(name, text, (low, high))
    if isinstance(value, float) and not math.isnan(value) and not low <= value <= high:
        raise ControlError(
            f"{name} {value:g} is outside what {manifest.name} was trained on",
            value=value,
            hint=f"{low:g} to {high:g} {span.unit}".rstrip(),
        )
    return value


def defaults(
    manifest: Manifest,
    settings: list[str],
    alternative: str = "which only `rtgen render` can do",
) -> dict[str, Value]:
    """Values to begin with, where something else moves them: ramps and steps make no sense there.

    Parameters
    ----------
    alternative : what can move them, as the rest of a sentence.
    """
    out: dict[str, Value] = {}
    for text in settings:
        name, value = split(text)
        first = value.partition("@")[0].partition(":")[0]
        if first != value:
            raise ControlError(
                f"'{text}' moves in time, {alternative}",
                value=text,
                hint=f"one value to begin with: {name}={first or 'VALUE'}",
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
    """The timeline of a rendering from `start_seconds` on; ramps last for all of it.

    Raises
    ------
    ControlError for what the model does not take, and for a step that comes when all is over.
    """
    end = start_seconds + seconds
    for text in settings:
        _, at, when = split(text)[1].rpartition("@")
        if at and _seconds(text, when) >= end:
            raise ControlError(
                f"'{text}' comes too late: the rendering ends at second {end:.9g}",
                value=text,
                hint=f"a time before {end:.9g}, or a longer rendering",
            )
    return _moving(manifest, settings, start_seconds, seconds)


def _moving(
    manifest: Manifest, settings: list[str], start_seconds: float, seconds: float
) -> ControlTimeline:
    first: dict[str, Value] = {}
    moves: list[tuple[str, Value, int, int]] = []
    begin = seconds_to_frame(start_seconds)
    for text in settings:
        name, value = split(text)
        if "@" in value:
            value, _, when = value.rpartition("@")
            frame = seconds_to_frame(_seconds(text, when))
            moves.append((name, checked(manifest, name, value), frame, 0))
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
        before = _moving(manifest, settings, FAR_SECONDS, seconds)  # ramps begin at the start
        start = _seconds_of_beat(before.clock, BEATS_PER_BAR * (start_bar - 1))
    if bars is not None:
        # A ramp of the tempo lasts as long as the stretch, which depends on the tempo.
        for _ in range(RAMP_TURNS):
            clock = _moving(manifest, settings, start, seconds).clock
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


def _seconds(text: str, when: str) -> float:
    try:
        seconds = float(when)
    except ValueError:
        seconds = -1.0
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ControlError(
            f"'{when}' in '{text}' is not a time", value=when, hint="NAME=VALUE@SECOND"
        )
    return seconds


def position(seconds: float, what: str) -> float:
    """A position or length that can be rendered."""
    farthest = frames_to_seconds(MOST_FRAMES)
    if not 0 <= seconds <= farthest:
        raise ControlError(
            f"{what} {seconds:g} makes no sense",
            value=seconds,
            hint=f"from 0 to {math.floor(farthest)} seconds",
        )
    return seconds

"""`rtgen play`: the stream, live."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rtgen.errors import DeviceError, MidiError, RenderError

if TYPE_CHECKING:
    from rtgen._bridge import TakeBuffer
    from rtgen.stream.player import Player
    from rtgen.timeline.controls import Value

VIEW_SECONDS = 0.1
LARGEST_SEED = 2**31


def play(
    model: Annotated[str, typer.Option("--model", "-m", help="Name or folder of a bundle")] = "techno",
    seed: Annotated[int | None, typer.Option("--seed", "-s", min=0, help="Random if not given")] = None,
    style: Annotated[int | None, typer.Option("--style", help="Seed of the style")] = None,
    device: Annotated[str | None, typer.Option("--device", "-d", help="Number or part of a name")] = None,
    rate: Annotated[int | None, typer.Option("--rate", "--samplerate", help="The device's own if not given")] = None,
    blocksize: Annotated[int, typer.Option("--blocksize", min=16, max=8192)] = 256,
    latency: Annotated[str, typer.Option("--latency", help="low, high or seconds")] = "low",
    seconds: Annotated[float | None, typer.Option("--seconds", help="Stop by itself")] = None,
    record: Annotated[Path | None, typer.Option("--record", help="Keep what is heard in a WAV file")] = None,
    quantise: Annotated[str, typer.Option("--quantise", help="Changes land on: none, beat, bar")] = "none",
    settings: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE; repeat")] = None,
    midi: Annotated[str | None, typer.Option("--midi", help="Part of an input's name; all if not given")] = None,
    no_midi: Annotated[bool, typer.Option("--no-midi", help="Open no MIDI input")] = False,
    precision: Annotated[str, typer.Option("--precision", help="fp32 or int8")] = "fp32",
    silent: Annotated[bool, typer.Option("--null", help="No sound card: run on a null clock")] = False,
) -> None:
    """Play the endless stream; keys, MIDI and `--set` steer it."""
    import secrets

    from rtgen._bridge import TakeBuffer
    from rtgen.bundle.load import load_bundle
    from rtgen.cli import settings as read
    from rtgen.cli.render import check_target
    from rtgen.output.recorder import Recorder
    from rtgen.stream.player import Player

    if quantise not in ("none", "beat", "bar"):
        raise RenderError(f"cannot quantise to '{quantise}'", value=quantise, hint="none, beat or bar")
    if seconds is not None:
        read.position(seconds, "--seconds")
    bundle = load_bundle(model)
    defaults = read.defaults(bundle.manifest, settings or [])
    check_target(record, overwrite=False)
    found, rate = _device(device, rate, silent)
    buffer = TakeBuffer(rate, 1 << math.ceil(math.log2(rate * 6)))
    player = Player(
        bundle,
        buffer,
        seed=secrets.randbelow(LARGEST_SEED) if seed is None else seed,
        style=style,
        defaults=defaults,
        quantise=quantise,  # type: ignore[arg-type]  checked above
        precision=precision,
        block=blocksize,
    )
    with contextlib.ExitStack() as stack:
        recorder = stack.enter_context(Recorder(buffer, record)) if record else None
        stack.enter_context(player)
        _wait_for_sound(player)
        stack.enter_context(_output(buffer, found, blocksize, latency))
        surface = None if no_midi else _midi(stack, player, buffer, midi)
        _run(player, buffer, recorder, surface, seconds)
    if recorder is not None and recorder.problem:
        raise DeviceError(recorder.problem, value=str(record), hint="what was written is readable")


def _device(wanted: str | None, rate: int | None, silent: bool) -> tuple[Any, int]:
    from rtgen.audio.resample import Resampler
    from rtgen.output.devices import choose_device

    found = None
    if not silent:
        try:
            found = choose_device(wanted)
        except DeviceError as error:
            if wanted is not None:
                raise
            print(f"{error}; {error.hint}", file=sys.stderr)
        if found is None:
            print("no sound device: playing into a null clock", file=sys.stderr)
    chosen = rate or (found.rate if found else 44100)
    Resampler(chosen)
    return found, chosen


def _output(buffer: TakeBuffer, device: Any, block: int, latency: str) -> Any:
    from rtgen.output.null_clock import NullClock
    from rtgen.output.sound_card import SoundCard

    if device is None:
        return NullClock(buffer, block)
    try:
        wanted: str | float = latency if latency in ("low", "high") else float(latency)
    except ValueError:
        raise DeviceError(
            f"latency '{latency}' is not low, high or seconds", value=latency
        ) from None
    return SoundCard(buffer, device, block, wanted)


def _wait_for_sound(player: Player) -> None:
    deadline = time.monotonic() + 10
    while player.snapshot().lead_seconds < 0.15 and time.monotonic() < deadline:
        time.sleep(0.002)


class _Hands:
    """A player with an output gain, as MIDI wants to steer it."""

    def __init__(self, player: Player, buffer: TakeBuffer) -> None:
        self._player, self._buffer = player, buffer

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
        span = self._player.bundle.manifest.controls.get(name)
        if span is not None and isinstance(value, float) and not math.isnan(value):
            value = min(max(value, span.low), span.high)
        self._player.set(name, value, ramp_seconds)

    def set_beat(self, beat: float) -> None:
        self._player.set_beat(beat)

    def beat_now(self) -> float:
        return self._player.beat_now()

    def set_gain_db(self, gain_db: float) -> None:
        self._buffer.set_gain(10 ** (gain_db / 20) if gain_db > -60 else 0.0)


def _midi(
    stack: contextlib.ExitStack, player: Player, buffer: TakeBuffer, wanted: str | None
) -> Any:
    from rtgen.control.ports import MidiInputs
    from rtgen.control.surface import MidiSurface

    tempo = player.bundle.manifest.controls["tempo"]
    surface = MidiSurface(_Hands(player, buffer), (tempo.low, tempo.high))
    try:
        stack.enter_context(MidiInputs(surface.receive, wanted, surface.release))
    except MidiError as error:
        if wanted is not None:
            raise
        print(f"no MIDI: {error}", file=sys.stderr)
        return None
    return surface


def _run(player: Player, buffer: TakeBuffer, recorder: Any, surface: Any, seconds: float | None) -> None:
    from rtgen.cli.meters_view import view
    from rtgen.control.keyboard import pressed, raw_terminal

    end = None if seconds is None else time.monotonic() + seconds
    told: str | None = None
    with raw_terminal() as keys, view(sys.stderr.isatty()) as show:
        try:
            while end is None or time.monotonic() < end:
                show(player.snapshot(), buffer.stats(), surface)
                if recorder is not None and recorder.problem and recorder.problem != told:
                    told = recorder.problem
                    print(told, file=sys.stderr)
                key = pressed() if keys else None
                if key == "q":
                    break
                if key:
                    _press(key, player, buffer)
                pause = VIEW_SECONDS if end is None else min(VIEW_SECONDS, end - time.monotonic())
                time.sleep(max(pause, 0.0))
        except KeyboardInterrupt:
            pass
        stats = buffer.stats()
        snapshot = player.snapshot()
    print(
        f"played {snapshot.seconds:.1f} s of seed {snapshot.seed}, "
        f"{stats['underruns']} underruns, {snapshot.realtime_factor:.0f} x real time",
        file=sys.stderr,
    )


def _press(key: str, player: Player, buffer: TakeBuffer) -> None:
    import secrets

    from rtgen.control.keyboard import NUDGES
    from rtgen.timeline.controls import TABLE

    if key == "n":
        player.new_seed(secrets.randbelow(LARGEST_SEED))
    elif key == "f":
        player.set("variation", 0.0 if float(player.value("variation")) > 0 else 1.0)  # type: ignore[arg-type]
    elif key == " ":
        buffer.set_paused(not buffer.paused)
    elif key in NUDGES:
        name, step = NUDGES[key]
        span = player.bundle.manifest.controls[name]
        here = float(player.value(name))  # type: ignore[arg-type]
        here = TABLE[name].default if math.isnan(here) else here
        player.set(name, min(max(here + step, span.low), span.high))

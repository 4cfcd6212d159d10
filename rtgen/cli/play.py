"""`rtgen play`: the stream, live."""

from __future__ import annotations

import contextlib
import functools
import math
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast, get_args

import typer

from rtgen.cli.optional_value import WEB_PLACE, OptionalValues
from rtgen.cli.render import CONTROLS
from rtgen.errors import DeviceError, MidiError, RemoteError, RenderError
from rtgen.timeline.seeds import LARGEST_SEED, drawn_seed

if TYPE_CHECKING:
    from rtgen.cli.hands import Hands
    from rtgen.cli.ways import Way
    from rtgen.control.midi_map import Mapping
    from rtgen.stream.player import Player

BUFFER_SECONDS = 6
RECORDER_SECONDS = 10.0
SOUND_PATIENCE_SECONDS = 10.0
MOST_NUDGE_MS = 2000.0


class PlayCommand(OptionalValues):
    """`--web` alone serves the page at its usual place."""

    defaults: ClassVar[dict[str, str]] = {"--web": WEB_PLACE}


def play(
    model: Annotated[
        str, typer.Option("--model", "-m", help="Name or folder of a bundle")
    ] = "techno",
    seed: Annotated[
        int | None,
        typer.Option("--seed", "-s", min=0, max=LARGEST_SEED, help="Random if not given"),
    ] = None,
    style: Annotated[
        int | None, typer.Option("--style", min=0, max=LARGEST_SEED, help="Seed of the style")
    ] = None,
    style_b: Annotated[
        int | None,
        typer.Option(
            "--style-b", min=0, max=LARGEST_SEED, help="Seed of the style that morph leads to"
        ),
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", "-d", help="Number or part of a name")
    ] = None,
    rate: Annotated[
        int | None, typer.Option("--rate", "--samplerate", help="The device's own if not given")
    ] = None,
    blocksize: Annotated[
        int, typer.Option("--blocksize", min=16, max=8192, help="Frames the device takes at once")
    ] = 256,
    latency: Annotated[str, typer.Option("--latency", help="low, high or seconds")] = "low",
    seconds: Annotated[float | None, typer.Option("--seconds", help="Stop by itself")] = None,
    record: Annotated[
        Path | None, typer.Option("--record", help="Keep what is heard in a WAV file")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Overwrite the files")] = False,
    performance: Annotated[
        Path | None,
        typer.Option("--performance", help="Keep every move in this MIDI file, not one in our own"),
    ] = None,
    quantise: Annotated[
        str, typer.Option("--quantise", help="Changes land on: none, beat, bar")
    ] = "none",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help=f"NAME=VALUE: {CONTROLS}; repeat")
    ] = None,
    midi: Annotated[
        str | None, typer.Option("--midi", help="Part of an input's name; all if not given")
    ] = None,
    cc: Annotated[
        list[str] | None,
        typer.Option("--cc", help="Map a knob: 20=density, 21=energy:twos, nrpn300=morph; repeat"),
    ] = None,
    nudge: Annotated[
        float, typer.Option("--nudge", help="Milliseconds to play ahead of MIDI clock or Link")
    ] = 0.0,
    no_midi: Annotated[bool, typer.Option("--no-midi", help="Open no MIDI input")] = False,
    loop_bars: Annotated[
        int, typer.Option("--loop-bars", min=1, max=64, help="What the key l repeats")
    ] = 4,
    morph_bars: Annotated[
        int, typer.Option("--morph-bars", min=1, max=64, help="How long the key m takes")
    ] = 8,
    touch: Annotated[
        bool,
        typer.Option("--touch/--no-touch", help="Velocity and aftertouch: energy; wheel: tempo"),
    ] = True,
    preset: Annotated[
        str | None, typer.Option("--preset", help="Begin with a preset; --set goes over it")
    ] = None,
    osc: Annotated[
        str | None, typer.Option("--osc", help="Listen for OSC at PORT, or HOST:PORT")
    ] = None,
    web: Annotated[
        str | None,
        typer.Option(
            "--web", metavar="[HOST:PORT]", help=f"Serve the page, at {WEB_PLACE} if not told where"
        ),
    ] = None,
    web_name: Annotated[
        list[str] | None,
        typer.Option("--web-name", help="Another name of this machine in browsers; repeat"),
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Share tempo and phase by Ableton Link")
    ] = False,
    precision: Annotated[str, typer.Option("--precision", help="fp32 or int8")] = "fp32",
    silent: Annotated[
        bool, typer.Option("--null", help="No sound card: run on a null clock")
    ] = False,
    jack: Annotated[
        bool, typer.Option("--jack", help="A JACK client of its own, at the server's rate")
    ] = False,
    jack_transport: Annotated[
        bool, typer.Option("--jack-transport", help="With --jack: play where its transport is")
    ] = False,
    no_connect: Annotated[
        bool, typer.Option("--no-connect", help="With --jack: leave the wiring to you")
    ] = False,
) -> None:
    """Play the endless stream; keys, MIDI and `--set` steer it."""

    from rtgen._bridge import TakeBuffer
    from rtgen.bundle.load import load_bundle
    from rtgen.cli import settings as read
    from rtgen.cli.hands import Hands
    from rtgen.cli.live import run
    from rtgen.cli.outside import open_link, open_osc, open_page
    from rtgen.cli.performances import Keeper
    from rtgen.cli.targets import check_target
    from rtgen.control.listen_at import listen_at
    from rtgen.control.midi_map import parse_mapping
    from rtgen.control.presets import find
    from rtgen.output.recorder import Recorder
    from rtgen.output.tap import Tap
    from rtgen.stream.player import Player
    from rtgen.stream.quantise import Quantise

    if quantise not in get_args(Quantise):
        raise RenderError(
            f"cannot quantise to '{quantise}'", value=quantise, hint="none, beat or bar"
        )
    if seconds is not None:
        read.position(seconds, "--seconds")
    mappings = tuple(parse_mapping(text) for text in cc or [])
    osc_at = None if osc is None else listen_at(osc)
    web_at = None if web is None else listen_at(web)
    _check_together(no_midi, midi, cc, web, web_name, nudge)
    bundle = load_bundle(model)
    begun = None if preset is None else find(preset)
    defaults = {
        **({} if begun is None else read.held(bundle.manifest, begun.controls)),
        **read.defaults(bundle.manifest, settings or []),
    }
    if begun is not None:
        seed = begun.seed if seed is None else seed
        style = begun.style if style is None else style
    check_target(record, yes, (".wav",))
    check_target(performance, yes, (".mid",))
    way = _way(jack, jack_transport, no_connect, device, rate, blocksize, latency, silent)
    buffer = TakeBuffer(way.rate, 1 << math.ceil(math.log2(way.rate * BUFFER_SECONDS)))
    make = functools.partial(
        Player,
        sink=way.sink(buffer),
        quantise=cast(Quantise, quantise),
        precision=precision,
        block=way.block,
    )
    player = make(
        bundle,
        seed=drawn_seed() if seed is None else seed,
        style=style,
        defaults=defaults,
    )
    if style_b is not None:
        player.set_styles(style, style_b)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: stop, close the file
    hands = Hands(player, buffer, None if jack_transport else make)
    hands.loop_bars, hands.morph_bars = loop_bars, morph_bars
    tap = Tap(buffer)
    with contextlib.ExitStack() as files, contextlib.ExitStack() as stack:
        stack.callback(hands.close)
        player.start()
        _wait_for_sound(player)
        open_osc(stack, hands, osc_at)
        open_link(stack, hands, link, nudge)
        open_page(stack, hands, tap, web_at, web_name or [])
        surface = teacher = None
        if not no_midi:
            surface, teacher = _midi(stack, hands, midi, mappings, nudge, touch)
        ear = tap.ear(RECORDER_SECONDS)
        ear.set_tapped(record is not None)  # it holds the first sound until the file is open
        outlet = way.open(stack, buffer, player)
        recorder = files.enter_context(Recorder(ear, record)) if record else None
        files.enter_context(Keeper(hands, performance))
        run(buffer, hands, outlet, recorder, surface, teacher, seconds)
    if recorder is not None and recorder.problem:
        raise DeviceError(recorder.problem, value=str(record), hint="what was written is readable")


def _check_together(
    no_midi: bool,
    midi: str | None,
    cc: list[str] | None,
    web: str | None,
    web_name: list[str] | None,
    nudge_ms: float,
) -> None:
    if no_midi and (midi is not None or cc):
        wrong = "--cc" if midi is None else "--midi"
        raise MidiError(
            f"{wrong} and --no-midi contradict each other",
            value=wrong,
            hint="leave out one of them",
        )
    if web_name and web is None:
        raise RemoteError("--web-name goes with --web", value="--web-name", hint="add --web")
    if not abs(nudge_ms) <= MOST_NUDGE_MS:
        raise MidiError(
            f"--nudge {nudge_ms:g} makes no sense",
            value=nudge_ms,
            hint=f"{-MOST_NUDGE_MS:g} to {MOST_NUDGE_MS:g} milliseconds",
        )


def _way(
    jack: bool,
    follow: bool,
    no_connect: bool,
    device: str | None,
    rate: int | None,
    block: int,
    latency: str,
    silent: bool,
) -> Way:
    from rtgen.cli.ways import CardWay, JackWay

    if not jack:
        if follow or no_connect:
            wrong = "--jack-transport" if follow else "--no-connect"
            raise DeviceError(f"{wrong} goes with --jack", value=wrong, hint="add --jack")
        if silent and device is not None:
            raise DeviceError(
                "--null and --device contradict each other",
                value=device,
                hint="leave out one of them",
            )
        return CardWay(device, rate, block, latency, silent)
    if silent or device is not None or rate is not None:
        raise DeviceError(
            "--jack plays at the server's rate, on no other device",
            value="--jack",
            hint="leave out --device, --rate and --null",
        )
    return JackWay(follow, not no_connect)


def _wait_for_sound(player: Player) -> None:
    deadline = time.monotonic() + SOUND_PATIENCE_SECONDS
    while player.snapshot().lead_seconds < 0.15 and time.monotonic() < deadline:
        time.sleep(0.002)


def _midi(
    stack: contextlib.ExitStack,
    hands: Hands,
    wanted: str | None,
    mappings: tuple[Mapping, ...],
    nudge_ms: float,
    touch: bool,
) -> Any:
    from rtgen.control.ports import MidiInputs
    from rtgen.control.presets import presets, recall
    from rtgen.control.surface import MidiSurface
    from rtgen.control.teaching import Teacher

    programs = {preset.program: preset for preset in presets().values()}

    def program(number: int) -> None:
        if number in programs:
            recall(programs[number], hands)

    surface = MidiSurface(hands, hands.span("tempo"), mappings, nudge_ms / 1000, touch, program)
    hands.tell_panic(surface.release)
    teacher = Teacher(surface, lambda sentence: print(sentence, file=sys.stderr))
    try:
        stack.enter_context(MidiInputs(surface.receive, wanted, surface.release, teacher.of_port))
    except MidiError as error:
        if wanted is not None:
            raise
        print(f"no MIDI: {error}", file=sys.stderr)
        return None, None
    return surface, teacher

"""What `rtgen doctor` looks at: each check asks the room that knows, and says what to do.

`good` needs nothing; `note` is what some ways of playing lack; `bad` keeps it from playing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rtgen.errors import BundleError, DeviceError, EngineError, MidiError, RtgenError

LISTEN_SECONDS = 2.0
"""Of music for the measurement of speed."""
LEAST_SPEED = 1.5
"""Times real time: below this, live playing has no time left for changes."""
EASY_SPEED = 4.0
Word = Literal["good", "note", "bad"]


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes
    ----------
    subject : what was looked at.
    to_do : what makes it good; empty where it is.
    """

    word: Word
    subject: str
    found: str
    to_do: str = ""


def all_findings(model: str) -> Iterator[Finding]:
    """Every check, the quick ones first, each as soon as it is known.

    Parameters
    ----------
    model : name or folder of the bundle that is to play.
    """
    compiled = compiled_part()
    yield compiled
    yield from bundles(model)
    yield hub()
    if compiled.word == "good":
        yield sound_card()
        yield jack()
    yield midi()
    if compiled.word == "good":
        yield from plugins()
        yield engine()
        yield runtime()
    yield from permissions()
    yield from speed(model)


def compiled_part() -> Finding:
    """Whether the native module is there; sound card, JACK and engine need it."""
    try:
        from rtgen import _bridge
    except ImportError as error:
        return Finding(
            "bad", "compiled part", str(error), "install again: `make play`, or `pip install .`"
        )
    return Finding("good", "compiled part", f"layout {_bridge.SEGMENT_VERSION}")


def bundles(model: str) -> Iterator[Finding]:
    """Every bundle that is found: all of its files against their checksums."""
    from pathlib import Path

    from rtgen.bundle.library import find, installed
    from rtgen.bundle.load import load_bundle

    wanted: Path | None = None
    try:
        folders = [folder.resolve() for folder in installed()]
        wanted = find(model).resolve()
    except BundleError as error:
        yield Finding("bad", f"model {model}", str(error), error.hint or "")
    except OSError as error:
        said = f"{(error.strerror or str(error)).lower()}: {error.filename}"
        yield Finding("bad", f"model {model}", said, "see to the folders in RTGEN_MODELS")
        return
    if wanted is not None and wanted not in folders:
        folders.append(wanted)
    for folder in folders:
        try:
            bundle = load_bundle(folder)
        except BundleError as error:
            word: Word = "bad" if folder == wanted else "note"
            to_do = f"{error.hint or 'get it again'}: {folder}"
            yield Finding(word, f"model {folder.name}", str(error), to_do)
        else:
            size = sum(facts.bytes for facts in bundle.manifest.files.values()) / 2**20
            yield Finding("good", f"model {folder.name}", f"{size:.1f} MiB, all checksums match")


def hub() -> Finding:
    """Whether models can be pulled from and pushed to the hub; it is not asked."""
    from rtgen.bundle.hub import is_installed, state

    if not is_installed():
        to_do = "for `rtgen models pull owner/name`: pip install 'rtgen[hub]'"
        return Finding("note", "hub", "huggingface_hub is not installed", to_do)
    version, has_token, is_offline = state()
    if is_offline:
        return Finding("note", "hub", "HF_HUB_OFFLINE is set", "unset it to pull and push models")
    access = "a token" if has_token else "no token, so open models only"
    return Finding("good", "hub", f"huggingface_hub {version}, {access}")


def sound_card() -> Finding:
    """What PortAudio can play on."""
    from rtgen.output.devices import output_devices

    try:
        found = output_devices()
    except DeviceError as error:
        return Finding("note", "sound card", str(error), error.hint or "see `rtgen devices`")
    if not found:
        return Finding(
            "note",
            "sound card",
            "PortAudio finds none; `rtgen play` runs on a null clock",
            "start the sound server or JACK; `rtgen render` needs none",
        )
    names = ", ".join(f"{d.name} ({d.rate} Hz)" for d in found)
    return Finding("good", "sound card", names)


def jack() -> Finding:
    """Whether a JACK server runs."""
    from rtgen.output.jack_client import JackClient

    try:
        with JackClient("rtgen doctor") as client:
            return Finding("good", "JACK", f"{client.rate} Hz, {client.block} frames a block")
    except DeviceError as error:
        return Finding("note", "JACK", str(error), "only `rtgen play --jack` needs it")


def midi() -> Finding:
    """MIDI inputs."""
    from rtgen.control.midi_system import input_names

    try:
        names = input_names()
    except MidiError as error:
        return Finding("note", "MIDI", str(error), error.hint or "see `rtgen midi list`")
    if not names:
        return Finding("note", "MIDI", "no input", "plug one in; playing goes on without")
    return Finding("good", "MIDI", ", ".join(names))


def plugins() -> Iterator[Finding]:
    """Whether the plugin was built and lies where hosts look, format by format."""
    from rtgen.serve.plugin_files import plugin_files

    for file in plugin_files():
        subject = f"plugin {file.kind.upper()}"
        if file.installed.exists():
            yield Finding("good", subject, str(file.installed))
        elif file.built.exists():
            found = f"built, but not in {file.installed.parent}"
            yield Finding("note", subject, found, "`rtgen plugin install` puts it there")
        else:
            yield Finding("note", subject, "not built", "for a DAW: `make plugin` in the sources")


def engine() -> Finding:
    """Whether an engine runs behind the plugin."""
    from rtgen.serve.server import ask

    try:
        said = ask("status")
    except EngineError as error:
        return Finding("note", "engine", str(error), error.hint or "`rtgen serve stop`, then start")
    except OSError as error:
        said_why = f"cannot be reached: {(error.strerror or str(error)).lower()}"
        return Finding("note", "engine", said_why, "set RTGEN_RUNTIME to a folder of your own")
    if said is None:
        return Finding(
            "note", "engine", "not running", "only the plugin needs it: `rtgen serve --daemon`"
        )
    served = len(said["instances"])  # type: ignore[arg-type]
    return Finding("good", "engine", f"pid {said['pid']}, model {said['model']}, {served} served")


def runtime() -> Finding:
    """Whether the folder of the engine's socket is ours alone."""
    from rtgen.serve.server import is_private, socket_path

    try:
        folder = socket_path().parent
    except EngineError as error:
        return Finding("note", "runtime folder", str(error), error.hint or "")
    if not is_private(folder):
        return Finding(
            "note",
            "runtime folder",
            f"{folder} is open to others, or not yours",
            f"chmod 700 {folder}, or set RTGEN_RUNTIME to a folder of your own",
        )
    there = "yours alone" if folder.exists() else "made when the engine starts"
    return Finding("good", "runtime folder", f"{folder}, {there}")


def permissions() -> Iterator[Finding]:
    """Real-time priority and locked memory, where the system limits them."""
    from rtgen.output.limits import UNLIMITED, limits

    found = limits()
    if found is None:
        return
    to_do = "join the group audio, or raise {} in /etc/security/limits.d, and log in again"
    priority = "any" if found.priority == UNLIMITED else f"up to {found.priority}"
    if found.gives_priority:
        yield Finding("good", "real-time priority", priority)
    else:
        yield Finding("note", "real-time priority", priority, to_do.format("rtprio"))
    locked = "any" if found.locked_bytes == UNLIMITED else f"{found.locked_bytes >> 20} MiB"
    if found.locks_memory:
        yield Finding("good", "locked memory", locked)
    else:
        yield Finding("note", "locked memory", locked, to_do.format("memlock"))


def speed(model: str) -> Iterator[Finding]:
    """How fast the model is rendered; nothing where it cannot be opened."""
    from rtgen.bundle.load import load_bundle
    from rtgen.stream.speed import live

    try:
        bundle = load_bundle(model)
    except (RtgenError, OSError):  # told with the bundles
        return
    yield judged(live(bundle, LISTEN_SECONDS))


def judged(factor: float) -> Finding:
    """What a real-time factor means for live playing."""
    found = f"{factor:.1f} x real time on one thread"
    if factor < LEAST_SPEED:
        to_do = "stop other programs, or render to a file with `rtgen render`"
        return Finding("bad", "speed", f"{found}, too slow to play live", to_do)
    if factor < EASY_SPEED:
        return Finding("note", "speed", found, "stop other programs; controls may be heard late")
    return Finding("good", "speed", found)

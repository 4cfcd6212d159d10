"""MIDI inputs: all or by name, a virtual port, cables that come and go, floods that do no harm."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Self

from rtgen.errors import MidiError

VIRTUAL_NAME = "rtgen"
LOOK_SECONDS = 1.0
LONGEST_MESSAGE = 64
"""Longer messages are system exclusive, which means nothing here."""

Receive = Callable[[list[int], float], None]
"""Called with a message's bytes and its time in seconds, on rtmidi's thread."""


def rtmidi_api() -> tuple[Any, int]:
    """The rtmidi module and an API that works here.

    Raises
    ------
    MidiError when there is none.
    """
    try:
        import rtmidi
    except ImportError as error:
        raise MidiError(
            "MIDI needs python-rtmidi", hint="pip install python-rtmidi (Python 3.12 or older)"
        ) from error
    for api in rtmidi.get_compiled_api():
        if api == rtmidi.API_RTMIDI_DUMMY:
            continue
        try:
            probe = rtmidi.MidiIn(api, name="rtgen probe")
        except (rtmidi.RtMidiError, SystemError):
            continue  # this API has no server here; the next may
        probe.delete()
        return rtmidi, api
    raise MidiError("no MIDI system runs here", hint="start JACK, or load the ALSA sequencer")


def input_names() -> list[str]:
    """Names of the inputs that can be opened, our own left out."""
    rtmidi, api = rtmidi_api()
    probe = rtmidi.MidiIn(api, name="rtgen list")
    try:
        return [name for name in probe.get_ports() if not name.lower().startswith("rtgen")]
    finally:
        probe.delete()


class MidiInputs:
    """Open inputs, kept open by name: a cable that comes back works again.

    Parameters
    ----------
    receive : gets every short message.
    wanted : part of a port's name; None opens all.
    lost : called when a port went away, so that held notes can be released.

    Raises
    ------
    MidiError when a wanted port is not there.
    """

    def __init__(
        self, receive: Receive, wanted: str | None = None, lost: Callable[[], None] = lambda: None
    ) -> None:
        self._rtmidi, self._api = rtmidi_api()
        self._receive, self._wanted, self._lost = receive, wanted, lost
        self._open: dict[str, Any] = {}
        names = input_names()
        if wanted is not None and not any(wanted.lower() in n.lower() for n in names):
            raise MidiError(
                f"no MIDI input is called '{wanted}'",
                value=wanted,
                hint="inputs: " + (", ".join(names) or "none found"),
            )
        self._virtual = self._rtmidi.MidiIn(self._api, name=VIRTUAL_NAME)
        self._virtual.open_virtual_port(VIRTUAL_NAME)
        self._listen(self._virtual)
        self._look()
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._run, name="rtgen midi watch", daemon=True)
        self._watch.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def names(self) -> list[str]:
        """Ports that are open now."""
        return sorted(self._open)

    def close(self) -> None:
        """Close all ports; twice is harmless."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._watch.join()
        for port in (*self._open.values(), self._virtual):
            port.cancel_callback()
            port.close_port()
            port.delete()
        self._open.clear()

    def _listen(self, port: Any) -> None:
        port.ignore_types(sysex=True, timing=False, active_sense=True)
        port.set_callback(self._message)

    def _message(self, event: tuple[list[int], float], _data: object = None) -> None:
        message, _ = event
        if 0 < len(message) <= LONGEST_MESSAGE:
            self._receive(message, time.monotonic())

    def _look(self) -> None:
        names = input_names()
        for name in [n for n in self._open if n not in names]:
            port = self._open.pop(name)
            port.close_port()
            port.delete()
            self._lost()
        for name in names:
            fits = self._wanted is None or self._wanted.lower() in name.lower()
            if fits and name not in self._open:
                port = self._rtmidi.MidiIn(self._api, name=VIRTUAL_NAME)
                ports = port.get_ports()
                if name in ports:
                    self._listen(port)
                    port.open_port(ports.index(name), name="in")
                    self._open[name] = port
                else:
                    port.delete()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self._look()

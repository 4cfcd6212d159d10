"""MIDI inputs: all or by name, a virtual port, cables that come and go, floods that do no harm.

Threads: rtmidi's thread of each port calls `receive`; one watcher thread looks once a second which
ports there are. What is open is changed by the watcher only, once it runs.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

from rtgen.control.stamps import Stamps
from rtgen.errors import MidiError

VIRTUAL_NAME = "rtgen"
LOOK_SECONDS = 1.0
LOOKS_BETWEEN_PROBES = 5
LONGEST_MESSAGE = 3
"""Longer messages are system exclusive, which means nothing here."""

Receive = Callable[[list[int], float], None]
"""Called with a message's bytes and its time in seconds, on rtmidi's thread."""


def rtmidi_api() -> tuple[Any, int]:
    """The rtmidi module and an API that works here, the system's own before JACK.

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
            with _native_noise_off():
                rtmidi.MidiIn(api, name="rtgen probe").delete()
        except rtmidi.RtMidiError:
            continue  # this API has no server here; the next may
        return rtmidi, api
    raise MidiError("no MIDI system runs here", hint="start JACK, or load the ALSA sequencer")


def input_names() -> list[str]:
    """Names of the inputs that can be opened, our own left out.

    Raises
    ------
    MidiError when there is no MIDI system.
    """
    rtmidi, api = rtmidi_api()
    lister = rtmidi.MidiIn(api, name="rtgen list")
    try:
        return _others(lister)
    finally:
        lister.delete()


class MidiInputs:
    """Open inputs, kept open by name: a cable or a server that comes back works again.

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
        self._receive, self._wanted, self._lost = receive, wanted, lost
        self._open: dict[str, Any] = {}
        self._virtual: Any = None
        self._lister: Any = None
        self._looks = 0
        self._connect()
        names = _others(self._lister)
        if wanted is not None and not any(map(self._fits, names)):
            self._drop_all()
            raise MidiError(
                f"no MIDI input is called '{wanted}'",
                value=wanted,
                hint="inputs: " + (", ".join(names) or "none found"),
            )
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
        self._stop.set()
        self._watch.join()
        self._drop_all()

    def _fits(self, name: str) -> bool:
        return self._wanted is None or self._wanted.lower() in name.lower()

    def _connect(self) -> None:
        self._rtmidi, self._api = rtmidi_api()
        self._lister = self._rtmidi.MidiIn(self._api, name="rtgen list")
        self._virtual = self._rtmidi.MidiIn(self._api, name=VIRTUAL_NAME)
        self._listen(self._virtual)
        with contextlib.suppress(self._rtmidi.RtMidiError):  # Windows has no virtual ports
            self._virtual.open_virtual_port(VIRTUAL_NAME)

    def _listen(self, port: Any) -> None:
        stamps = Stamps()

        def message(event: tuple[list[int], float], _data: object = None) -> None:
            data, since_last = event
            now = stamps.at(since_last, time.monotonic())
            if 0 < len(data) <= LONGEST_MESSAGE:
                self._receive(data, now)

        port.ignore_types(sysex=True, timing=False, active_sense=True)
        port.set_callback(message)

    def _look(self) -> None:
        names = _others(self._lister)
        for name in [n for n in self._open if n not in names]:
            _shut(self._open.pop(name))
            self._lost()
        for name in names:
            if self._fits(name) and name not in self._open:
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
            try:
                if self._lister is None:
                    self._connect()
                self._look()
                self._looks += 1
                # A dead server looks like one without ports: only a new client can tell.
                if not self._open and self._looks % LOOKS_BETWEEN_PROBES == 0:
                    rtmidi_api()
            except (MidiError, self._rtmidi.RtMidiError):
                had = bool(self._open)
                self._drop_all()
                if had:
                    self._lost()

    def _drop_all(self) -> None:
        with _native_noise_off():
            for port in (*self._open.values(), self._virtual, self._lister):
                if port is not None:
                    _shut(port)
        self._open.clear()
        self._virtual = self._lister = None


def _others(lister: Any) -> list[str]:
    """Names of ports that are not ours."""
    return [name for name in lister.get_ports() if not name.lower().startswith("rtgen")]


def _shut(port: Any) -> None:
    port.cancel_callback()
    port.close_port()
    port.delete()


@contextlib.contextmanager
def _native_noise_off() -> Iterator[None]:
    """ALSA and JACK print to the process's standard error when they find nothing."""
    try:
        kept = os.dup(2)
    except OSError:  # there is none
        yield
        return
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)

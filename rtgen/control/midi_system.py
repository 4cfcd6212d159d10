"""The system's MIDI through rtmidi: which ports there are, a virtual one of ours, and its death.

rtmidi does not tell when a JACK server dies, and closing a port of a dead one crashes the process.
So a client of our own watches the server; when it has died, rtmidi's objects are left alone for
ever. Clients are opened once and kept: each that comes or goes disturbs the graph.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from rtgen.control.ear import Ear
from rtgen.control.jack_watch import JackWatch
from rtgen.errors import MidiError

VIRTUAL_NAME = "rtgen"
Listen = Callable[[Any], Ear]
"""Gives an ear to a port that is about to be opened."""


def connect() -> tuple[Any, int, Any]:
    """The rtmidi module, an API that works here, the system's own before JACK, and a lister of it.

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
                lister = rtmidi.MidiIn(api, name="rtgen list")
        except rtmidi.RtMidiError:
            continue  # this API has no server here; the next may
        return rtmidi, api, lister
    raise MidiError("no MIDI system runs here", hint="start JACK, or load the ALSA sequencer")


def input_names() -> list[str]:
    """Names of the inputs that can be opened, our own left out.

    Raises
    ------
    MidiError when there is no MIDI system.
    """
    _, _, lister = connect()
    try:
        return _others(lister)
    finally:
        lister.delete()


class MidiSystem:
    """A connection to the system's MIDI, with a virtual input of our name.

    Raises
    ------
    MidiError when there is none.
    """

    def __init__(self, listen: Listen) -> None:
        self._rtmidi, self._api, self._lister = connect()
        self._watch: JackWatch | None = None
        if self._api == self._rtmidi.API_UNIX_JACK:  # the others live in the kernel or the session
            self._watch = JackWatch()
        outward = self._rtmidi.MidiOut(self._api, name="rtgen names")
        taken = f"{VIRTUAL_NAME}:{VIRTUAL_NAME}" in outward.get_ports()
        outward.delete()
        name = f"{VIRTUAL_NAME} {os.getpid()}" if taken else VIRTUAL_NAME
        self._virtual = listen(self._rtmidi.MidiIn(self._api, name=name))
        with contextlib.suppress(self._rtmidi.RtMidiError):  # Windows has no virtual ports
            self._virtual.port.open_virtual_port(VIRTUAL_NAME)

    def inputs(self) -> list[str]:
        """Names of the inputs that can be opened, our own left out.

        Raises
        ------
        MidiError when they cannot be listed.
        """
        try:
            return _others(self._lister)
        except self._rtmidi.RtMidiError as error:
            raise MidiError(f"MIDI ports cannot be listed: {error}") from error

    def open(self, name: str, listen: Listen) -> Ear | None:
        """The ear of an open port, or None if it went away meanwhile."""
        port = self._rtmidi.MidiIn(self._api, name=VIRTUAL_NAME)
        ports = port.get_ports()
        if name not in ports:
            port.delete()
            return None
        ear = listen(port)
        try:
            port.open_port(ports.index(name), name="in")
        except self._rtmidi.RtMidiError:  # another program holds it
            port.delete()
            return None
        return ear

    def alive(self) -> bool:
        """Whether the server that we are connected to still runs."""
        return self._watch is None or self._watch.alive

    def close(self, ears: list[Ear]) -> None:
        """Close the connection and ports that were opened on it."""
        alive = self.alive()
        for ear in [*ears, self._virtual]:
            if alive:
                ear.close()
            else:
                _abandon(ear.port)
        if alive:
            self._lister.delete()
        else:
            _abandon(self._lister)
        if self._watch is not None:
            self._watch.close()


def _abandon(port: Any) -> None:
    """Keep Python from ever closing a port: one reference that nobody gives back."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(port))


def _others(lister: Any) -> list[str]:
    return [name for name in lister.get_ports() if not name.lower().startswith("rtgen")]


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

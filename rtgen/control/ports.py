"""MIDI inputs: all or by name, cables that come and go, floods that do no harm.

Threads: rtmidi's thread of each port calls `receive`; one watcher thread looks once a second which
ports there are. What is open is changed by the watcher only, once it runs.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, Self

from rtgen.control.ear import Ear, Receive
from rtgen.control.midi_system import VIRTUAL_NAME, MidiSystem
from rtgen.errors import MidiError

LOOK_SECONDS = 1.0


class MidiInputs:
    """Open inputs, kept open by name: a cable or a server that comes back works again.

    Parameters
    ----------
    receive : gets every short message.
    wanted : part of a port's name; None opens all.
    lost : called when a port went away, so that held notes can be released.
    of_port : gives what receives a port's messages by its name, instead of `receive`.

    Raises
    ------
    MidiError when a wanted port is not there.
    """

    def __init__(
        self,
        receive: Receive,
        wanted: str | None = None,
        lost: Callable[[], None] = lambda: None,
        of_port: Callable[[str], Receive] | None = None,
    ) -> None:
        self._of_port = of_port
        self._receive, self._wanted, self._lost = receive, wanted, lost
        self._open: dict[str, Ear] = {}
        self._system: MidiSystem | None = MidiSystem(self._listen)
        names = self._system.inputs()
        if wanted is not None and not any(map(self._fits, names)):
            self._system.close([])
            raise MidiError(
                f"no MIDI input is called '{wanted}'",
                value=wanted,
                hint="inputs: " + (", ".join(names) or "none found"),
            )
        self._look(self._system)
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
        if self._system is not None:
            self._system.close(list(self._open.values()))
        self._open.clear()
        self._system = None

    def _fits(self, name: str) -> bool:
        return self._wanted is None or self._wanted.lower() in name.lower()

    def _listen(self, port: Any, name: str = VIRTUAL_NAME) -> Ear:
        return Ear(port, self._receive if self._of_port is None else self._of_port(name))

    def _look(self, system: MidiSystem) -> None:
        names = system.inputs()
        gone = [name for name in self._open if name not in names]
        if not system.alive():  # died while it was asked: its ports must not be touched
            raise MidiError("the MIDI server is gone")
        for name in gone:
            self._open.pop(name).close()
            self._lost()
        for name in names:
            if self._fits(name) and name not in self._open:
                ear = system.open(name, functools.partial(self._listen, name=name))
                if ear is not None:
                    self._open[name] = ear

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                if self._system is None:
                    self._system = MidiSystem(self._listen)
                elif not self._system.alive():
                    raise MidiError("the MIDI server is gone")
                self._look(self._system)
            except MidiError:
                self._leave()

    def _leave(self) -> None:
        if self._system is None:
            return
        self._system.close(list(self._open.values()))
        self._open.clear()
        self._system = None
        self._lost()

"""Where `rtgen play` plays: a sound card, a JACK client of our own, or nowhere in real time."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Protocol

from rtgen.errors import DeviceError

if TYPE_CHECKING:
    from rtgen._bridge import TakeBuffer
    from rtgen.output.devices import Device
    from rtgen.output.jack_outlet import JackOutlet
    from rtgen.stream.player import Player
    from rtgen.stream.sink import Sink

LONGEST_LATENCY_SECONDS = 6


class Watched(Protocol):
    """What wants to be looked after while it plays."""

    def watch(self) -> None:
        """Look after it; a few times a second."""
        ...


class Way(Protocol):
    """One way to be heard."""

    @property
    def rate(self) -> int:
        """Samples per second."""
        ...

    @property
    def block(self) -> int:
        """Frames that are taken at once."""
        ...

    def sink(self, buffer: TakeBuffer) -> Sink:
        """What the player writes to."""
        ...

    def open(self, stack: contextlib.ExitStack, buffer: TakeBuffer, player: Player) -> Watched:
        """Begin to play; closed by the stack."""
        ...


class CardWay:
    """A sound card, or a null clock where there is none.

    Raises
    ------
    DeviceError for a device that is not there, or a rate that cannot be played.
    """

    def __init__(
        self, wanted: str | None, rate: int | None, block: int, latency: str, silent: bool
    ) -> None:
        from rtgen.audio.resample import Resampler

        self._latency = _latency(latency)
        self._insist = wanted is not None
        self._device = None if silent else _device(wanted)
        self.rate = rate or (self._device.rate if self._device else 44100)
        self.block = block
        Resampler(self.rate)

    def sink(self, buffer: TakeBuffer) -> Sink:
        """See Way."""
        return buffer

    def open(self, stack: contextlib.ExitStack, buffer: TakeBuffer, player: Player) -> Watched:
        """See Way."""
        from rtgen.output.outlet import Outlet

        outlet = Outlet(
            buffer,
            self._device,
            block=self.block,
            latency=self._latency,
            insist=self._insist,
            tell=_tell,
        )
        return stack.enter_context(outlet)


class JackWay:
    """A JACK client of our own, which follows the transport on request.

    Raises
    ------
    DeviceError when no server runs.
    """

    def __init__(self, follow: bool, connect: bool) -> None:
        from rtgen.output.jack_outlet import JackOutlet

        self._follow = follow
        self._outlet: JackOutlet = JackOutlet(follow=follow, connect=connect, tell=_tell)
        self.rate, self.block = self._outlet.rate, self._outlet.block

    def sink(self, buffer: TakeBuffer) -> Sink:
        """See Way."""
        from rtgen.output.transport import LedSink

        return LedSink(buffer, self._outlet) if self._follow else buffer

    def open(self, stack: contextlib.ExitStack, buffer: TakeBuffer, player: Player) -> Watched:
        """See Way."""
        from rtgen.output.transport import TransportFollower

        stack.enter_context(self._outlet)
        self._outlet.start(buffer)
        if self._follow:
            tempo = player.bundle.manifest.span("tempo")
            stack.enter_context(TransportFollower(self._outlet, player, (tempo.low, tempo.high)))
        return self._outlet


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _device(wanted: str | None) -> Device | None:
    from rtgen.output.devices import choose_device

    found = None
    try:
        found = choose_device(wanted)
    except DeviceError as error:
        if wanted is not None:
            raise
        _tell(f"{error}; {error.hint}")
    if found is None:
        _tell("no sound device: playing into a null clock")
    return found


def _latency(text: str) -> str | float:
    if text in ("low", "high"):
        return text
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_LATENCY_SECONDS:
        raise DeviceError(
            f"latency '{text}' is not low, high or seconds", value=text, hint="for example 0.02"
        )
    return seconds

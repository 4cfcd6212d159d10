"""An output that does not end with its device: sound card, else null clock, and back again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

from rtgen._bridge import TakeBuffer
from rtgen.control.jack_watch import JackWatch
from rtgen.errors import DeviceError, MidiError
from rtgen.output.devices import Device, look_again, output_devices
from rtgen.output.null_clock import NullClock
from rtgen.output.sound_card import SoundCard

LOST_SECONDS = 1.0
STALLED_SECONDS = 20.0
"""A JACK graph may stand still for seconds while another client misbehaves, and then go on."""
JACK = "JACK Audio Connection Kit"
RETRY_SECONDS = 2.0


class Outlet:
    """Keeps a take buffer being read; `watch` must be called a few times a second.

    Parameters
    ----------
    device : where to play; None stays on the null clock.
    tell : gets a sentence when the output changes.
    insist : raise if the device cannot be opened at first, instead of going on without it.

    Raises
    ------
    DeviceError only with `insist`.
    """

    def __init__(
        self,
        buffer: TakeBuffer,
        device: Device | None,
        *,
        block: int = 256,
        latency: str | float = "low",
        insist: bool = False,
        tell: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self._buffer, self._device = buffer, device
        self._block, self._latency, self._tell = block, latency, tell
        self._frames, self._grown_at = -1, time.monotonic()
        self._tried_at = time.monotonic()
        self._now: SoundCard | NullClock | None = None
        self._server: JackWatch | None = None
        try:
            self._now = self._play() if device is not None else self._tick()
        except DeviceError as error:
            if insist:
                raise
            self._tell(f"{error}; playing into a null clock")
            self._now = self._tick()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def heard(self) -> bool:
        """Whether a sound card plays."""
        return isinstance(self._now, SoundCard)

    def close(self) -> None:
        """Stop to read; twice is harmless."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._now is not None:
            self._now.close()
            self._now = None

    def watch(self) -> None:
        """Look after the output: replace a device that stopped, take back one that returned."""
        now = time.monotonic()
        frames = self._buffer.stats()["frames"]
        if frames != self._frames:
            self._frames, self._grown_at = frames, now
        if self.heard and now - self._grown_at > self._patience():
            self._give_up(now)
        elif not self.heard and self._device is not None and now - self._tried_at > RETRY_SECONDS:
            self._tried_at = now
            self._take_back(self._device)

    def _patience(self) -> float:
        waiting = (
            isinstance(self._now, SoundCard)
            and self._now.alive()
            and self._server is not None
            and self._server.alive
        )
        return STALLED_SECONDS if waiting else LOST_SECONDS

    def _watch_server(self, device: Device) -> JackWatch | None:
        if device.host != JACK:
            return None
        try:
            return JackWatch()
        except MidiError:
            return None  # it is gone already, as the sound card's silence will show

    def _give_up(self, now: float) -> None:
        card = self._now
        assert isinstance(card, SoundCard)
        self.close()
        self._now, self._tried_at = self._tick(), now
        if card.stuck:
            self._device = None
        until = "until rtgen is started again" if card.stuck else "until it is back"
        self._tell(f"'{card.device.name}' stopped; playing into a null clock {until}")

    def _take_back(self, device: Device) -> None:
        try:
            look_again()
            fitting = [
                d for d in output_devices() if (d.name, d.host) == (device.name, device.host)
            ]
            if not fitting:
                return
            self._device = fitting[0]
            self.close()
            self._now = self._play()
            self._grown_at = time.monotonic()
            self._tell(f"'{device.name}' is back")
        except DeviceError:
            self.close()
            self._now = self._tick()

    def _play(self) -> SoundCard:
        assert self._device is not None
        card = SoundCard(self._buffer, self._device, self._block, self._latency)
        card.start()
        self._server = self._watch_server(self._device)
        return card

    def _tick(self) -> NullClock:
        clock = NullClock(self._buffer, self._block)
        clock.start()
        return clock

"""Plays a take buffer on a sound card: PortAudio calls compiled code, never Python."""

from __future__ import annotations

import atexit
import threading
import time
from typing import Any, Self

from rtgen._bridge import TakeBuffer, callback_address
from rtgen.errors import DeviceError
from rtgen.output.devices import Device, portaudio

CLOSE_SECONDS = 1.0


class SoundCard:
    """A stereo float stream that reads a TakeBuffer on the device's own thread.

    Parameters
    ----------
    buffer : its rate is the stream's.
    device : where to play.
    block : frames per block; 0 leaves it to the device.
    latency : "low", "high" or seconds, as PortAudio takes it.
    """

    def __init__(
        self, buffer: TakeBuffer, device: Device, block: int = 256, latency: str | float = "low"
    ) -> None:
        sounddevice = portaudio()
        ffi = sounddevice._ffi
        self.buffer, self.device = buffer, device
        self.stuck = False
        try:
            self._stream: Any = sounddevice._StreamBase(
                kind="output",
                samplerate=buffer.rate,
                blocksize=block,
                device=device.index,
                channels=2,
                dtype="float32",
                latency=latency,
                callback=ffi.cast("PaStreamCallback*", callback_address()),
                userdata=ffi.cast("void*", buffer.user_data_address()),
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(
                f"cannot open '{device.name}' at {buffer.rate} Hz: {_reason(error)}",
                value=device.name,
                hint="see `rtgen devices`, or try another --rate or --blocksize",
            ) from error

    def start(self, patience_seconds: float = 1.5) -> None:
        """Start; the device must ask for sound within a moment.

        Raises
        ------
        DeviceError when it opens but never calls.
        """
        before = self.buffer.stats()["frames"]
        try:
            self._stream.start()
        except portaudio().PortAudioError as error:
            self.close()
            raise DeviceError(
                f"cannot start '{self.device.name}': {_reason(error)}", value=self.device.name
            ) from error
        deadline = time.monotonic() + patience_seconds
        while self.buffer.stats()["frames"] == before:
            if time.monotonic() > deadline:
                self.close()
                raise DeviceError(
                    f"'{self.device.name}' opened but asks for no sound",
                    value=self.device.name,
                    hint="choose another with --device",
                )
            time.sleep(0.01)

    def alive(self) -> bool:
        """Whether the stream still runs."""
        return bool(self._stream.active)

    def close(self) -> None:
        """Stop and release the device; twice is harmless.

        PortAudio waits ten minutes for a JACK server that died: such a stream is left `stuck`. It
        never asks for sound again, but PortAudio cannot be started anew in this process.
        """
        if self._stream.closed or self.stuck:
            return
        closing = threading.Thread(target=self._stream.close, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
        if closing.is_alive():
            self.stuck = True
            atexit.unregister(portaudio()._exit_handler)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _reason(error: Exception) -> str:
    return str(error.args[0] if error.args else error).split(" [PaErrorCode")[0]

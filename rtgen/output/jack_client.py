"""A JACK client of our own: two ports, and on request the transport's position.

JACK calls compiled code; Python only opens, wires and watches.
"""

from __future__ import annotations

import threading
from typing import Any, Self

from rtgen._bridge import JackOutput, TakeBuffer, jack_callback_address
from rtgen.control.jack_watch import leave
from rtgen.errors import DeviceError

PORTS = ("out_left", "out_right")


class JackClient:
    """A client that plays a take buffer; open it first to learn the server's rate.

    Raises
    ------
    DeviceError when no server runs, or the JACK library is missing.
    """

    def __init__(self, name: str = "rtgen") -> None:
        try:
            import jack
        except (ImportError, OSError) as error:
            raise DeviceError("the JACK library is missing", hint="install libjack") from error
        self._jack = jack
        jack.set_error_function(_unheard)  # libjack would print what we raise
        try:
            self._client: Any = jack.Client(name, no_start_server=True)
        except jack.JackOpenError as error:
            raise DeviceError(
                "no JACK server runs here", hint="start one, or play without --jack"
            ) from error
        self._gone = threading.Event()
        self._client.set_shutdown_callback(lambda _status, _reason: self._gone.set())
        self._ports = [self._client.outports.register(port) for port in PORTS]
        self._output: JackOutput | None = None
        self._follows = False
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The client's name, which the server may have changed."""
        return str(self._client.name)

    @property
    def rate(self) -> int:
        """Samples per second."""
        return int(self._client.samplerate)

    @property
    def block(self) -> int:
        """Frames per block."""
        return int(self._client.blocksize)

    @property
    def alive(self) -> bool:
        """Whether the server still runs."""
        return not self._gone.is_set()

    def start(self, buffer: TakeBuffer, *, follow: bool = False, connect: bool = True) -> None:
        """Begin to play a buffer that has the server's rate.

        Parameters
        ----------
        follow : play where JACK's transport is, while it rolls.
        connect : wire to the first two physical outputs.
        """
        ffi, lib = self._jack._ffi, self._jack._lib

        def address(pointer: Any) -> int:
            return int(ffi.cast("uintptr_t", ffi.cast("void *", pointer)))

        left, right = self._ports
        self._follows = follow
        self._output = JackOutput(
            buffer,
            address(self._client._ptr),
            address(left._ptr),
            address(right._ptr),
            address(lib.jack_port_get_buffer),
            address(lib.jack_transport_query),
            follow,
        )
        callback = ffi.cast("JackProcessCallback", jack_callback_address())
        data = ffi.cast("void *", self._output.address())
        if lib.jack_set_process_callback(self._client._ptr, callback, data) != 0:
            raise DeviceError("JACK takes no callback from us")
        self._client.activate()
        if connect:
            targets = self._client.get_ports(is_audio=True, is_input=True, is_physical=True)
            for port, target in zip(self._ports, targets, strict=False):
                port.connect(target)

    @property
    def rolling(self) -> bool:
        """Whether the transport rolled in the last block; always, if it is not followed."""
        return self._output is None or not self._follows or self._output.rolling

    @property
    def frame(self) -> int:
        """Where the transport was in the last block."""
        return 0 if self._output is None else self._output.frame

    def transport(self) -> dict[str, Any]:
        """`frame`, and what a timebase master tells of tempo and bars. One thread may ask."""
        _state, told = self._client.transport_query()
        return dict(told)

    def close(self) -> None:
        """Leave the server, living or dead; twice is harmless."""
        if self._closed:
            return
        self._closed = True
        if self.alive:
            self._client.deactivate()
        leave(self._client)


def _unheard(_message: str) -> None:
    """What libjack says beside its return codes."""

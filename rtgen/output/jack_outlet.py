"""An output through a JACK client of our own, that does not end with its server."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Self

from rtgen._bridge import TakeBuffer
from rtgen.errors import DeviceError
from rtgen.output.jack_client import JackClient
from rtgen.output.null_clock import NullClock

RETRY_SECONDS = 1.0


class JackOutlet:
    """Keeps a take buffer being read; `watch` must be called a few times a second.

    It knows the server's rate before there is a buffer; `start` begins to play.

    Parameters
    ----------
    follow : play where JACK's transport is, while it rolls; then a lost server means silence until
        it is back, since nobody says where to be.
    connect : wire to the first two physical outputs.
    tell : gets a sentence when the output changes.

    Raises
    ------
    DeviceError when no server runs, or the JACK library is missing.
    """

    def __init__(
        self,
        *,
        follow: bool = False,
        connect: bool = True,
        tell: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self._follow, self._connect, self._tell = follow, connect, tell
        self._client: JackClient | None = JackClient()
        self.rate, self.block = self._client.rate, self._client.block
        self._buffer: TakeBuffer | None = None
        self._clock: NullClock | None = None
        self._tried_at = 0.0
        self._other_rate = 0
        self._frame = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, buffer: TakeBuffer) -> None:
        """Play a buffer of the server's rate from now on."""
        assert self._client is not None
        self._buffer = buffer
        self._client.start(buffer, follow=self._follow, connect=self._connect)

    def close(self) -> None:
        """Stop to read; twice is harmless."""
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._clock is not None:
            self._clock.close()
            self._clock = None

    @property
    def heard(self) -> bool:
        """Whether a server plays it."""
        return self._client is not None

    @property
    def rolling(self) -> bool:
        """Whether the transport moves; always, if it is not followed."""
        return not self._follow or (self._client is not None and self._client.rolling)

    @property
    def frame(self) -> int:
        """Where the transport is, in samples; where it was last, while the server is gone."""
        if self._client is not None:
            self._frame = self._client.frame
        return self._frame

    def transport(self) -> dict[str, Any]:
        """`frame`, and what a timebase master tells of tempo and bars. One thread may ask."""
        client = self._client
        if client is None or not client.alive:
            return {"frame": self._frame}
        return client.transport()

    def watch(self) -> None:
        """Look after the server: go on without it, and come back to it."""
        now = time.monotonic()
        if self._client is not None and not self._client.alive:
            self._give_up(now)
        elif self._client is None and now - self._tried_at > RETRY_SECONDS:
            self._tried_at = now
            self._take_back()

    def _give_up(self, now: float) -> None:
        assert self._buffer is not None
        self.close()
        self._tried_at = now
        if self._follow:
            self._tell("the JACK server stopped; silent until it is back")
            return
        self._clock = NullClock(self._buffer)
        self._clock.start()
        self._tell("the JACK server stopped; playing into a null clock until it is back")

    def _take_back(self) -> None:
        assert self._buffer is not None
        try:
            client = JackClient()
        except DeviceError:
            return
        found = client.rate
        if found != self.rate:
            client.close()
            if found != self._other_rate:
                self._other_rate = found
                self._tell(
                    f"the JACK server is back at {found} Hz: set it to {self.rate} Hz, "
                    "or start rtgen again"
                )
            return
        self._other_rate = 0
        self.close()
        client.start(self._buffer, follow=self._follow, connect=self._connect)
        self._client = client
        self._tell("the JACK server is back")

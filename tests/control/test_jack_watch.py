"""Leaving a JACK server takes a while at most, also where libjack never comes back."""

from __future__ import annotations

import threading

from rtgen.control.jack_watch import leave


class Client:
    """One that closes only when it is let."""

    def __init__(self) -> None:
        self.let, self.closed = threading.Event(), threading.Event()

    def close(self) -> None:
        self.let.wait()
        self.closed.set()


def test_a_client_that_closes_is_closed() -> None:
    client = Client()
    client.let.set()
    leave(client)
    assert client.closed.is_set()


def test_a_client_that_never_closes_holds_nobody_up() -> None:
    client = Client()
    leave(client)  # comes back
    assert not client.closed.is_set()
    waiting = [t for t in threading.enumerate() if t.name == "rtgen jack farewell"]
    assert all(thread.daemon for thread in waiting)  # so that the process can end
    assert waiting
    client.let.set()

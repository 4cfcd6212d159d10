"""Whether a JACK server still runs, told by the server's own farewell.

To ask by opening a client every few seconds would do harm: in synchronous mode a client that comes
and goes can hold up the whole graph for seconds.
"""

from __future__ import annotations

import threading
from typing import Any

from rtgen.errors import MidiError

PATIENCE_SECONDS = 2.0


class JackWatch:
    """A client without ports or callbacks in the graph, that hears when its server ends.

    Raises
    ------
    MidiError when there is no server, or no JACK library.
    """

    def __init__(self) -> None:
        try:
            import jack
        except (ImportError, OSError) as error:  # OSError: the module is there, the library is not
            raise MidiError("the JACK library is missing", hint="install libjack") from error
        self._gone = threading.Event()
        try:
            self._client: Any = jack.Client("rtgen watch", no_start_server=True)
        except jack.JackOpenError as error:
            raise MidiError("no JACK server runs here") from error
        self._client.set_shutdown_callback(self._farewell)

    @property
    def alive(self) -> bool:
        """Whether the server that we are connected to still runs."""
        return not self._gone.is_set()

    def close(self) -> None:
        """Leave the server, living or dead."""
        leave(self._client)

    def _farewell(self, _status: object, _reason: str) -> None:
        self._gone.set()


def leave(client: Any) -> None:
    """Close a client of JACK, as far as libjack lets it.

    Now and then libjack never comes back from that: it holds a lock that its other thread needs to
    answer the server, which answers nobody before. The end of the process frees both, so nobody
    waits longer than a while.
    """
    leaving = threading.Thread(target=client.close, name="rtgen jack farewell", daemon=True)
    leaving.start()
    leaving.join(PATIENCE_SECONDS)

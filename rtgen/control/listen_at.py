"""Where to listen, as typed: `PORT` on this machine only, or `HOST:PORT`."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from rtgen.errors import RemoteError

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class ListenAt:
    """A host and a port; port 0 lets the system choose."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine can get there."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def everywhere(self) -> bool:
        """Whether it is any address that this machine has."""
        try:
            return ipaddress.ip_address(self.host).is_unspecified
        except ValueError:
            return False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def listen_at(text: str) -> ListenAt:
    """A place as typed: `9000`, `0.0.0.0:9000`, `[::1]:9000`.

    Raises
    ------
    RemoteError for what is no port.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if colon else LOOPBACK
    good = port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= HIGHEST_PORT
    if not good or not host:
        raise RemoteError(
            f"'{text}' is no place to listen", value=text, hint="for example 9000 or 0.0.0.0:9000"
        )
    return ListenAt(host, int(port))

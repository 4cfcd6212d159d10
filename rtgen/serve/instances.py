"""Plugin instances: models loaded once, a stream for each connection."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

from rtgen import _bridge
from rtgen.bundle.library import find, installed
from rtgen.bundle.load import load_bundle
from rtgen.bundle.origin import digest
from rtgen.errors import EngineError, RtgenError
from rtgen.serve.handshake import Hello
from rtgen.serve.hosted import HostedStream
from rtgen.stream.renderer import Renderer


@dataclass
class Instance:
    """One connection of a plugin."""

    connection: socket.socket
    stream: HostedStream
    client: str
    model: str
    rate: int


@dataclass
class Models:
    """Renderers by folder of their bundle, each loaded when it is first wanted, or was replaced.

    Attributes
    ----------
    default : for plugins that name none.
    """

    default: str
    precision: str = "fp32"
    _renderers: dict[Path, Renderer] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def renderer(self, name: str) -> Renderer:
        """The renderer of a model.

        Raises
        ------
        BundleError when there is none of the name, or it is damaged.
        """
        folder = find(name or self.default).resolve()
        with self._lock:
            loaded = self._renderers.get(folder)
            if loaded is None or loaded.bundle.checksum != _checksum_on_disk(folder):
                loaded = self._renderers[folder] = Renderer(load_bundle(folder), self.precision)
            return loaded

    def wanted(self, hello: Hello) -> tuple[Renderer, str]:
        """The renderer that a plugin asks for, and its checksum.

        Raises
        ------
        EngineError when it is missing, or not the model that the project was made with.
        """
        try:
            renderer = self.renderer(hello.model)
        except RtgenError as error:
            hint = f"; {error.hint}" if error.hint else ""
            raise EngineError(f"{error}{hint}", value=hello.model) from error
        except MemoryError as error:
            name = hello.model or self.default
            raise EngineError(f"there is no memory left for {name}", value=name) from error
        checksum = renderer.bundle.checksum
        if hello.checksum and hello.checksum != checksum:
            raise EngineError(
                f"the project was made with another {hello.model} "
                f"({hello.checksum[:8]}, here is {checksum[:8]})",
                value=hello.checksum,
            )
        return renderer, checksum

    def names(self) -> list[str]:
        """Models that are installed."""
        return [folder.name for folder in installed()]


def _checksum_on_disk(folder: Path) -> str:
    try:
        return digest(folder)
    except FileNotFoundError:
        return ""


def instance_of(
    connection: socket.socket, hello: Hello, segment: _bridge.EngineSegment, renderer: Renderer
) -> Instance:
    """A plugin instance with a stream of its own."""
    return Instance(
        connection,
        HostedStream(segment, renderer),
        hello.client,
        renderer.bundle.manifest.name,
        hello.rate,
    )

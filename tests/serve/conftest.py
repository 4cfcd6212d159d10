"""An engine in this process, on a socket of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtgen.serve.instances import Models
from rtgen.serve.server import Server, socket_path


@pytest.fixture(scope="session")
def models() -> Models:
    """The shipped model, loaded once."""
    models = Models("techno")
    models.renderer("")
    return models


@pytest.fixture
def engine(models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The socket of a running engine."""
    monkeypatch.setenv("RTGEN_RUNTIME", str(tmp_path / "run"))
    with Server(models) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        yield socket_path()
        server.stop()
        thread.join()

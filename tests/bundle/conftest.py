"""A hub, a mirror and a library of one's own, each empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import rtgen
from tests.fakes.hub import TOKEN, Hub
from tests.fakes.web_files import WebFiles

__all__ = ["rtgen"]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that models are pulled to, and the first in which they are found."""
    folder = tmp_path / "library"
    monkeypatch.setenv("RTGEN_MODELS", str(folder))
    return folder


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that knows one token, which is in the environment."""
    with Hub() as there:
        monkeypatch.setenv("HF_ENDPOINT", there.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield there


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[WebFiles]:
    """A web server for a folder."""
    folder = tmp_path / "site"
    folder.mkdir()
    with WebFiles(folder) as there:
        yield there


def left_behind(library: Path) -> list[str]:
    """Everything in a library that is no finished bundle."""
    return sorted(str(p.relative_to(library)) for p in library.rglob("*") if p.is_file())

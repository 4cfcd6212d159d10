"""What every room's tests may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtgen.bundle.load import Bundle
from tests.fakes.tiny_bundle import tiny_bundle


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The tiny bundle; its folder is `tiny.folder`, shared by all tests, so nobody writes there."""
    return tiny_bundle(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def tiny_folder(tiny: Bundle) -> Path:
    """The folder of the tiny bundle."""
    return tiny.folder

"""Shared pieces: the shipped bundle, and a JACK server with no hardware."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="rtgen-tests-")
os.environ["XDG_CONFIG_HOME"] = os.environ["HF_HOME"] = os.environ["XDG_DATA_HOME"]
os.environ["JACK_DEFAULT_SERVER"] = f"rtgen-tests-{os.getpid()}"
os.environ["JACK_NO_START_SERVER"] = "1"

import hypothesis
import pytest

from rtgen.bundle.load import Bundle, load_bundle
from tests.fakes.jackd import jackd
from tests.fakes.tiny_bundle import tiny_bundle

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
MODELS = Path(__file__).resolve().parent.parent / "models"


@pytest.fixture(scope="session")
def techno() -> Bundle:
    return load_bundle(MODELS / "techno")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of small random nets; its folder is shared by all tests, so nobody writes there."""
    return tiny_bundle(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def tiny_folder(tiny: Bundle) -> Path:
    return tiny.folder


@pytest.fixture
def bundle_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODELS / "techno", tmp_path / "techno"))


@pytest.fixture
def jack_server() -> Iterator[str]:
    """The name of a running JACK server with a dummy driver at 48 kHz, 256 frames.

    Each test has its own: a client that is killed in the middle of a cycle can stop a server.
    """
    name = os.environ["JACK_DEFAULT_SERVER"]
    sound: Any = None
    with jackd(name):
        try:
            yield name
        finally:
            sound = sys.modules.get("sounddevice")
            if sound is not None and sound._initialized:
                sound._terminate()  # PortAudio aborts the process if its server goes first
    if sound is not None:
        sound._initialize()

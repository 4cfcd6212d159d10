"""Shared pieces: the shipped bundle, and a JACK server with no hardware."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="rtgen-tests-")
os.environ["XDG_CONFIG_HOME"] = os.environ["HF_HOME"] = os.environ["XDG_DATA_HOME"]

import hypothesis
import pytest

from rtgen.bundle.load import Bundle, load_bundle
from tests.fakes.tiny_bundle import tiny_bundle

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
MODELS = Path(__file__).resolve().parent.parent / "models"
SERVER = f"rtgen-tests-{os.getpid()}"


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


@pytest.fixture(scope="session")
def jack_server() -> Iterator[str]:
    """The name of a running JACK server with a dummy driver at 48 kHz, 256 frames."""
    assert shutil.which("jackd"), "the tests need jackd: run `make test`, which installs it"
    os.environ["JACK_DEFAULT_SERVER"] = SERVER
    os.environ["JACK_NO_START_SERVER"] = "1"
    command = ["jackd", "-r", "-S", "-n", SERVER, "-d", "dummy", "-r", "48000", "-p", "256"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while (
            subprocess.run(
                ["jack_wait", "-c", "-s", SERVER], capture_output=True, check=False
            ).stdout.find(b"not")
            >= 0
        ):
            assert time.monotonic() < deadline, "jackd does not come up"
            time.sleep(0.1)
        yield SERVER
    finally:
        sound = sys.modules.get("sounddevice")
        if sound is not None and sound._initialized:
            sound._terminate()  # PortAudio aborts the process if its server goes first
        process.terminate()
        process.wait(10)

"""Checkpoints of random numbers, one of each published kind."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from rtgen.cli.main import main
from rtgen.musika import convert
from rtgen.musika.variants import Checkpoint, recognise
from rtgen.musika.weights import locate, read
from tests.cli.conftest import rtgen
from tests.fakes.musika_checkpoint import VARIANTS, write_checkpoint

__all__ = ["rtgen"]

EXPORTED = ("full", "older conditional")  # and small, by the command


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of checkpoints by variant; shared, so nobody writes there."""
    top = tmp_path_factory.mktemp("checkpoints")
    return {v: write_checkpoint(top / v.replace(" ", "-") / "trained", v) for v in VARIANTS}


@pytest.fixture(scope="session")
def checkpoints(folders: dict[str, Path]) -> dict[str, Checkpoint]:
    """The same, read and recognised."""
    return {variant: recognise(read(locate(folder))) for variant, folder in folders.items()}


@pytest.fixture(scope="session")
def bundles(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of bundles, imported from the checkpoints; nobody writes there either.

    An unconditional older model is a conditional one without a channel; each export takes seconds.
    """
    top = tmp_path_factory.mktemp("bundles")
    made = {v: convert.run(folders[v], top / v.replace(" ", "-")) for v in EXPORTED}
    made["small"] = shutil.copytree(made["full"], top / "small")
    arguments = ("import", "musika", folders["small"], "-o", made["small"], "-y")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["rtgen", *map(str, arguments), "--licence", "CC-BY-4.0"])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0
    return made

"""A plugin beside another user who was there first: it hands over no memory and says nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.hosts import clap
from tests.serve.test_other_users import IMPOSTOR, NOBODY

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
SOCKET = "engine.sock"
PLAY = "0 tempo 120\n0 play\n0 print\n"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user of the machine can enter."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("owned", [False, True], ids=["in their folder", "behind a link of ours"])
def test_a_plugin_tells_an_impostor_nothing(
    plugins: dict[str, Path],
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owned: bool,
) -> None:
    theirs = shared / "rtgen"
    theirs.mkdir()
    theirs.chmod(0o777)
    os.chown(theirs, NOBODY, NOBODY)
    ours = shared / "ours"
    ours.mkdir(mode=0o700)
    (ours / SOCKET).symlink_to(theirs / SOCKET)
    monkeypatch.setenv("RTGEN_RUNTIME", str(ours if owned else theirs))
    with subprocess.Popen(
        [sys.executable, "-c", IMPOSTOR, str(theirs / SOCKET)], stdout=subprocess.PIPE, text=True
    ) as impostor:
        assert impostor.stdout is not None
        try:
            assert impostor.stdout.readline() == "listening\n"
            heard = clap.play(plugins["clap"], tmp_path / "x.wav", PLAY, 2.0, "--live")
        finally:
            impostor.kill()
        told = impostor.stdout.read().split()
    assert set(told) == ({"b''"} if owned else set()), "it was let know of us"
    assert heard.meters["connected"] == 0
    assert np.abs(heard.sound).max() == 0.0

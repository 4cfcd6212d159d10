"""`rtgen corpus preview`: a clip in a file of its own, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from rtgen.corpus.preview import write_preview
from rtgen.errors import RenderError
from tests.cli.conftest import Rtgen


def test_a_file_that_is_there_stays_unless_told(rtgen: Rtgen, tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_text("precious")
    words = ("corpus", "preview", "--style", "piano", "--seconds", 1, "-o", path)
    refused = rtgen(*words)
    assert refused.code == 2
    assert refused.err == f"error: {path} is there already\nhint: -y overwrites it\n"
    assert path.read_text() == "precious"
    assert rtgen(*words, "-y").code == 0
    assert soundfile.info(path).frames == 44100


def test_a_file_that_cannot_be_written_is_named() -> None:
    with pytest.raises(RenderError, match=r"cannot write /proc/x\.wav: .*[^.]$") as caught:
        write_preview("piano", 3, Path("/proc/x.wav"), 1.0)
    assert caught.value.hint == "choose another --out"

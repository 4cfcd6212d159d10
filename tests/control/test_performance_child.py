"""A performance is written by another process, and is the same file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rtgen.control.performance_child import write_apart, write_here
from rtgen.timeline.controls import NAMES
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.passage import Passage
from rtgen.timeline.voice import Voice

FRAMES = 200


@pytest.fixture
def passages() -> list[Passage]:
    timeline = ControlTimeline({"tempo": 128.0})
    timeline.set("density", 12.0, 50)
    timeline.set("chroma", tuple(np.eye(12)[0]), 90)
    lanes = {name: timeline.values(name, 0, FRAMES) for name in NAMES}
    beats = timeline.clock.beats(0, FRAMES)
    return [Passage(0.0, FRAMES * 2048 / 44100, lanes, beats, ((0.0, Voice(3)),))]


def test_it_writes_what_would_be_written_here(passages: list[Passage], tmp_path: Path) -> None:
    write_here(passages, "techno", tmp_path / "here.mid")
    write_apart(passages, "techno", tmp_path / "apart.mid")
    assert (tmp_path / "apart.mid").read_bytes() == (tmp_path / "here.mid").read_bytes()
    assert len((tmp_path / "here.mid").read_bytes()) > 100


def test_a_place_that_cannot_be_written_is_told(passages: list[Passage], tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_apart(passages, "techno", tmp_path / "nowhere" / "x.mid")

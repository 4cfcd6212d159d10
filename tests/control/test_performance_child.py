"""A performance is written by another process, and is the same file; handing it over is cheap."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from rtgen.control.performance_child import write_apart, write_here
from rtgen.control.played import Played, played_model
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.heard import GrowingPassage
from rtgen.timeline.packed import HeardPassages
from rtgen.timeline.voice import Voice

FRAMES = 200


@pytest.fixture
def heard() -> HeardPassages:
    timeline = ControlTimeline({"tempo": 128.0})
    timeline.set("density", 12.0, 50)
    timeline.set("chroma", tuple(np.eye(12)[0]), 90)
    part = GrowingPassage(0.0, Voice(3))
    part.follow(timeline, FRAMES * 2048 / 44100)
    return HeardPassages([part.kept(None)])


def test_it_writes_what_would_be_written_here(heard: HeardPassages, tmp_path: Path) -> None:
    write_here(heard, "techno", tmp_path / "here.mid", "abc")
    write_apart(heard, "techno", tmp_path / "apart.mid", "abc")
    assert (tmp_path / "apart.mid").read_bytes() == (tmp_path / "here.mid").read_bytes()
    assert len((tmp_path / "here.mid").read_bytes()) > 100
    assert played_model(tmp_path / "apart.mid") == Played("techno", "abc")


def test_a_place_that_cannot_be_written_is_told(heard: HeardPassages, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_apart(heard, "techno", tmp_path / "nowhere" / "x.mid")


def test_hours_in_which_nothing_happens_cost_nothing_to_hand_over() -> None:
    timeline, part = ControlTimeline(), GrowingPassage(0.0, Voice(3))
    part.follow(timeline, 10.0)
    first = len(pickle.dumps(part.kept(None)))
    for seconds in range(60, 6 * 3600, 60):
        part.follow(timeline, float(seconds))
    assert len(pickle.dumps(part.kept(None))) < first + 200
    assert len(part.kept(None).passage().beats) > 400_000

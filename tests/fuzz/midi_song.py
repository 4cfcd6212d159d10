"""A MIDI file from anywhere, as a performance that is rendered."""

from __future__ import annotations

import mido.midifiles.meta
import mido.midifiles.midifiles  # noqa: F401
import numpy as np

from rtgen.control.performance_reader import LONGEST_SECONDS, read_midi
from rtgen.control.played import played_model
from rtgen.timeline.controls import CHROMA, TABLE
from rtgen.timeline.voice import Voice
from tests.fuzz.walls import allowed, scratch, walled

_PATH = scratch() / "song.mid"
_SPANS = {"tempo": (100.0, 180.0), "density": (0.0, 16.0)}


def one_input(data: bytes) -> None:
    """Read it, and demand of what it says that it can be rendered."""
    _PATH.write_bytes(data)
    with walled():
        allowed(played_model, _PATH)
        song = allowed(read_midi, _PATH, _SPANS, {"energy": 0.5}, Voice(7, 9))
        if song is None:
            return
        assert sum(passage.seconds for passage in song.passages) <= 2 * LONGEST_SECONDS
        for passage in song.passages:
            assert passage.seconds > 0
            assert passage.bar_beats > 0
            assert np.isfinite(passage.beats).all()
            for name, lane in passage.lanes.items():
                assert len(lane) == len(passage.beats)
                free = name == CHROMA or TABLE[name].auto
                assert free or np.isfinite(lane).all()
            passage.timeline()

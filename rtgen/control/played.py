"""Which model a performance was played with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rtgen.control.midi_file import in_order, open_midi
from rtgen.control.performance_marks import read_mark


@dataclass(frozen=True)
class Played:
    """A bundle as a performance names it.

    Attributes
    ----------
    name : as its manifest says.
    checksum : of its manifest; empty in a file that was kept before there was one.
    """

    name: str
    checksum: str


def played_model(path: Path) -> Played | None:
    """The bundle that a performance was played with, if the file is one.

    Raises
    ------
    MidiError for what is no MIDI file.
    """
    for _, message in in_order(open_midi(path)):
        if message.type == "marker":
            facts = read_mark(message.text)
            if re.fullmatch(r"[A-Za-z0-9_-]+", facts.get("model", "")):
                return Played(facts["model"], facts.get("checksum", ""))
    return None

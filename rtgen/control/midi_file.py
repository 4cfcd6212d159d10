"""Standard MIDI files: opened with care, and their messages in the order of time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rtgen.control.midi_framing import check_framing
from rtgen.errors import MidiError

if TYPE_CHECKING:
    import mido

MOST_BYTES = 2**24


def open_midi(path: Path) -> mido.MidiFile:
    """A file of type 0 or 1 with ticks a quarter note.

    Raises
    ------
    MidiError for anything else.
    """
    import mido
    from mido.midifiles.meta import KeySignatureError

    of_mido = (EOFError, ValueError, LookupError, TypeError, AttributeError, KeySignatureError)
    try:
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise MidiError(
                f"{path} is too large for a MIDI file",
                value=path.stat().st_size,
                hint=f"at most {MOST_BYTES} bytes",
            )
        check_framing(data)
        file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8", clip=True)
    except FileNotFoundError as error:
        raise MidiError(f"there is no file {path}", value=str(path)) from error
    except (OSError, *of_mido) as error:
        raise MidiError(
            f"{path} is no MIDI file that can be read",
            value=str(error),
            hint="a standard MIDI file (.mid) of type 0 or 1",
        ) from error
    if file.type not in (0, 1) or not 0 < file.ticks_per_beat < 2**15:
        raise MidiError(
            f"{path} has no tempo map",
            value=file.type,
            hint="export it as a standard MIDI file of type 0 or 1, with ticks a quarter note",
        )
    return file


def in_order(file: mido.MidiFile) -> list[tuple[int, mido.Message]]:
    """Messages of all tracks with their ticks; of equal ticks earlier tracks come first."""

    def told() -> Iterator[tuple[int, mido.Message]]:
        for track in file.tracks:
            tick = 0
            for message in track:
                tick += message.time
                yield tick, message

    return sorted(told(), key=lambda pair: pair[0])

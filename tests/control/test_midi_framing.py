"""What would keep mido busy for ever, or take all memory, is refused before mido sees it."""

from __future__ import annotations

import struct
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtgen.control import midi_framing
from rtgen.control.midi_file import open_midi
from rtgen.control.midi_framing import check_framing
from rtgen.errors import MidiError

END = b"\0\xff\x2f\0"


def file_of(*tracks: bytes) -> bytes:
    """A file of type 1."""
    head = b"MThd" + struct.pack(">Lhhh", 6, 1, len(tracks), 480)
    return head + b"".join(b"MTrk" + struct.pack(">L", len(t)) + t for t in tracks)


def test_what_mido_writes_is_framed(tmp_path: Path) -> None:
    file = mido.MidiFile(charset="utf-8")
    for channel in (1, 9):
        track = mido.MidiTrack()
        track.append(mido.MetaMessage("track_name", name="Trommeln äöü"))
        track.append(mido.Message("sysex", data=range(100)))
        track += [mido.Message("note_on", channel=channel, note=k, time=300) for k in range(40)]
        track.append(mido.Message("program_change", program=3))
        file.tracks.append(track)
    file.save(tmp_path / "x.mid")
    check_framing((tmp_path / "x.mid").read_bytes())
    assert [len(track) for track in open_midi(tmp_path / "x.mid").tracks] == [44, 44]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(file_of(END)[:-1], id="cut short"),
        pytest.param(file_of(b"\xff" * 5000), id="a number without an end"),
        pytest.param(file_of(b"\0\xff\x01\xff\xff\xff\xff\x7f"), id="a length without an end"),
        pytest.param(file_of(b"\0\x90\x40"), id="half an event"),
        pytest.param(file_of(b"\0\xff\x01\x7fshort"), id="a text longer than its track"),
        pytest.param(file_of(b"\0\x40\x40"), id="data without a status"),
        pytest.param(file_of(b"\0\xf4" + END), id="no such status"),
        pytest.param(file_of(END).replace(b"MTrk", b"RIFF"), id="no track"),
    ],
)
def test_what_is_not_framed_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        check_framing(data)
    (tmp_path / "x.mid").write_bytes(data)
    with pytest.raises(MidiError, match="no MIDI file"):
        open_midi(tmp_path / "x.mid")


def test_more_events_than_fit_in_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi_framing, "MOST_EVENTS", 10)
    check_framing(file_of(5 * END, 5 * END))
    with pytest.raises(ValueError, match="more than 10 events"):
        check_framing(file_of(5 * END, 6 * END))


@given(st.binary(max_size=300))
def test_noise_is_walked_through_or_refused(noise: bytes) -> None:
    for data in (noise, file_of(noise)):
        try:
            check_framing(data)
        except ValueError as error:
            assert str(error)  # noqa: PT017  both ends are right

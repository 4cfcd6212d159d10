"""Any standard MIDI file steers: tempo map, controllers in 7 and 14 bits, chords."""

from __future__ import annotations

import contextlib
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtgen.control.performance_marks import mark, read_mark
from rtgen.control.performance_reader import Song, read_midi
from rtgen.control.tempo_map import TempoMap
from rtgen.errors import MidiError
from rtgen.timeline.controls import CHROMA, chroma_of
from rtgen.timeline.units import FRAMES_PER_SECOND
from rtgen.timeline.voice import Voice

SPANS = {"tempo": (100.0, 180.0), "density": (0.0, 16.0)}
PPQ = 480


def song(path: Path, *messages: tuple[float, object], ppq: int = PPQ, kind: int = 1) -> Song:
    """A file with messages at beats, read back."""
    file = mido.MidiFile(type=kind, ticks_per_beat=ppq)
    track = mido.MidiTrack()
    before = 0
    for beat, message in messages:
        tick = round(beat * ppq)
        track.append(message.copy(time=tick - before))  # type: ignore[attr-defined]
        before = tick
    file.tracks.append(track)
    file.save(path)
    return read_midi(path, SPANS, {"energy": 0.5}, Voice(7, 9))


def tempo(bpm: float) -> mido.MetaMessage:
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))


END = mido.MetaMessage("end_of_track")


def test_the_tempo_map_is_followed_to_the_beat(tmp_path: Path) -> None:
    passage = song(tmp_path / "x.mid", (0, tempo(120)), (16, tempo(150)), (48, END)).passages[0]
    assert passage.seconds == pytest.approx(16 / 2 + 32 / 2.5)
    assert passage.voices == ((0.0, Voice(7, 9)),)
    seconds = np.arange(len(passage.beats)) / FRAMES_PER_SECOND
    wanted = np.where(seconds < 8, seconds * 2, 16 + (seconds - 8) * 2.5)
    assert np.abs(passage.beats - wanted).max() < 1e-3
    clock = passage.timeline().clock
    assert np.abs(clock.beats(0, len(wanted)) - wanted).max() < 1e-3


@pytest.mark.parametrize(("bpm", "factor"), [(70, 2), (60, 2), (240, 0.5), (128, 1)])
def test_a_tempo_out_of_reach_is_played_at_a_half_or_double(
    tmp_path: Path, bpm: float, factor: float
) -> None:
    passage = song(tmp_path / "x.mid", (0, tempo(bpm)), (32, END)).passages[0]
    assert passage.lanes["tempo"][0] == pytest.approx(bpm * factor, rel=1e-5)
    n = len(passage.beats)
    assert passage.beats[-1] == pytest.approx((n - 1) / FRAMES_PER_SECOND * bpm / 60 * factor)


def test_controllers_and_chords_hold_from_the_first_frame_after_them(tmp_path: Path) -> None:
    def cc(number: int, value: int) -> mido.Message:
        return mido.Message("control_change", control=number, value=value)

    def note(pitch: int, velocity: int, channel: int = 0) -> mido.Message:
        return mido.Message("note_on", note=pitch, velocity=velocity, channel=channel)

    passage = song(
        tmp_path / "x.mid",
        (0, tempo(120)), (0, note(57, 90)), (0, note(60, 90)), (0, note(64, 90)),
        (0, note(37, 90, channel=9)), (2, cc(1, 127)), (4, note(57, 0)), (4, note(60, 0)),
        (4, cc(11, 64)), (4, cc(43, 0)), (8, note(64, 0)), (12, END),
    ).passages[0]  # fmt: skip
    frame = [int(np.ceil(beat / 2 * FRAMES_PER_SECOND)) for beat in (2, 4, 8)]
    density, energy, chroma = (passage.lanes[n] for n in ("density", "energy", CHROMA))
    assert density[frame[0] - 1] == 7
    assert density[frame[0]] == 16  # held to the model's range
    assert energy[0] == 0.5
    assert energy[frame[1]] == pytest.approx(64 * 128 / 16383)
    assert np.array_equal(chroma[0], chroma_of({9, 0, 4}))
    assert np.array_equal(chroma[frame[1]], chroma_of({4}))
    assert np.isnan(chroma[frame[2]]).all()


def test_bars_are_as_long_as_the_first_time_signature_says(tmp_path: Path) -> None:
    def meter(n: int, d: int) -> mido.MetaMessage:
        return mido.MetaMessage("time_signature", numerator=n, denominator=d)

    one = song(tmp_path / "x.mid", (0, tempo(120)), (0, meter(7, 8)), (16, END))
    assert one.passages[0].bar_beats == 3.5
    assert not one.more_meters
    two = song(tmp_path / "x.mid", (0, meter(3, 4)), (6, meter(4, 4)), (16, END))
    assert two.passages[0].bar_beats == 3
    assert two.more_meters


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "no MIDI file"), (b"MThd", "no MIDI file"), (b"RIFF" * 99, "no MIDI file"),
     (b"MThd\0\0\0\6\0\1\0\1\xe7\x28MTrk\0\0\0\4\0\xff\x2f\0", "no tempo map"),
     (b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\4\0\xff\x2f\0", "lasts 0 s")],
)  # fmt: skip
def test_what_is_no_song_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "x.mid"
    path.write_bytes(content)
    with pytest.raises(MidiError, match=says):
        read_midi(path, SPANS, {}, Voice(0))


def test_files_that_are_too_long_or_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MidiError, match="lasts"):
        song(tmp_path / "x.mid", (0, tempo(60)), (13 * 3600, END))
    path = tmp_path / "y.mid"
    path.write_bytes(bytes(2**24 + 1))
    with pytest.raises(MidiError, match="too large"):
        read_midi(path, SPANS, {}, Voice(0))
    with pytest.raises(MidiError, match="no file"):
        read_midi(tmp_path / "z.mid", SPANS, {}, Voice(0))


@pytest.mark.parametrize(
    "text",
    ["rtgen position=1", "rtgen position=-1 beat=0 seed=1", "rtgen position=nan beat=0 seed=1",
     "rtgen seed=-1", "rtgen seed=x", "rtgen auto=tempo", "rtgen auto=loudness", "rtgen beat=",
     "rtgen chroma=1,2", "rtgen chroma=" + ",".join(["9"] * 12), "rtgen seed=1 loop=0:0",
     "rtgen seed=1 loop=0:nan", "rtgen seed=1 shift=99999999999999999999", "rtgen heard=x seed=1"],
)  # fmt: skip
def test_a_marker_that_makes_no_sense_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(MidiError, match=r"marker of .* at 1\.000 s") as caught:
        song(tmp_path / "x.mid", (2, mido.MetaMessage("marker", text=text)), (8, END))
    assert caught.value.value == text.removeprefix("rtgen ")


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_play_or_be_refused(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.mid"
    track = tail + b"\0\xff\x2f\0"
    path.write_bytes(
        b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk" + len(track).to_bytes(4, "big") + track
    )
    passages = []
    with contextlib.suppress(MidiError):
        passages = read_midi(path, SPANS, {}, Voice(0)).passages
    assert all(len(p.beats) == len(p.lanes["tempo"]) > 0 for p in passages)


def test_markers_come_back() -> None:
    assert read_mark(mark(seed=5, style="none")) == {"seed": "5", "style": "none"}
    assert read_mark("verse 2=x") == {}


@given(st.lists(st.tuples(st.floats(0.02, 30), st.floats(20, 300)), min_size=1, max_size=20))
def test_ticks_never_drift_from_their_times(steps: list[tuple[float, float]]) -> None:
    tempi, now = TempoMap(960), 0.0
    for seconds, bpm in steps:
        tempi.add(now, bpm)
        assert abs(tempi.seconds(tempi.tick(now)) - now) <= 60 / 20 / 960 / 2 + 1e-9
        now += seconds

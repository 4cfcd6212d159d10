"""A performance is kept, and rendered again; any MIDI file can steer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from tests.cli.conftest import Rtgen

RATE = 44100


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Four bars of A minor at 120, four of C sharp major at 160."""
    path = tmp_path / "song.mid"
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    chords: list[list[int]] = []
    for bpm, chord in ((120, [57, 60, 64]), (160, [56, 61, 65])):
        track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)))
        track += [mido.Message("note_off", note=n) for last in chords[-1:] for n in last]
        track += [mido.Message("note_on", note=n, velocity=90) for n in chord[:-1]]
        track.append(mido.Message("note_on", note=chord[-1], velocity=90))
        track.append(mido.MetaMessage("text", text="", time=16 * 480))
        chords.append(chord)
    file.tracks.append(track)
    file.save(path)
    return path


def test_what_was_played_is_rendered_again(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    midi, heard, made = (tmp_path / name for name in ("x.mid", "x.wav", "y.wav"))
    outcome = rtgen(
        *("play", "--model", tiny_folder, "--null", "--no-midi", "--seconds", 3, "--rate", 48000),
        *("--seed", 3, "--set", "density=11", "--style", 8, "--performance", midi),
        *("--record", heard),
    )
    assert outcome.code == 0, outcome
    assert f"render --midi '{midi}'" in outcome.err
    outcome = rtgen(
        "render", "--model", tiny_folder, "--midi", midi, "-o", made, "--rate", 48000
    )
    assert outcome.code == 0, outcome
    a, b = (soundfile.read(path)[0] for path in (heard, made))
    n = min(len(a), len(b)) - 480
    assert n > 2 * 48000
    assert np.corrcoef(a[480:n, 0], b[480:n, 0])[0, 1] > 0.999  # the first 10 ms fade in


def test_a_performance_nobody_asked_for_is_kept(rtgen: Rtgen, tiny_folder: Path) -> None:
    outcome = rtgen(
        *("play", "--model", tiny_folder, "--null", "--no-midi", "--seconds", 1, "--seed", 41)
    )
    assert outcome.code == 0
    kept = list(Path(os.environ["XDG_DATA_HOME"]).glob("rtgen/performances/*-41.mid"))
    assert len(kept) == 1
    assert mido.MidiFile(kept[0]).length > 0.5


def test_a_foreign_file_sets_tempo_and_harmony(rtgen: Rtgen, song: Path, tmp_path: Path) -> None:
    import librosa

    made = tmp_path / "y.wav"
    outcome = rtgen("render", "--midi", song, "-o", made, "--seed", 11_000_005)
    assert outcome.code == 0, outcome
    sound = soundfile.read(made, dtype="float32")[0].mean(1)
    assert len(sound) == pytest.approx((8 + 6) * RATE, abs=2)
    chroma = librosa.feature.chroma_cqt(y=sound, sr=RATE, hop_length=2048)
    turn = round(8 * RATE / 2048)
    first, second = chroma[:, :turn].mean(1), chroma[:, turn + 20 :].mean(1)
    minor, major = {9, 0, 4}, {1, 5, 8}
    for heard, asked, other in ((first, minor, major), (second, major, minor)):
        inside, outside = (sum(heard[k] for k in chord) for chord in (asked, other))
        assert inside > 1.2 * outside
    onsets = librosa.onset.onset_strength(y=sound, sr=RATE)
    frame = 512 / RATE
    for begin, end, bpm in ((0, 8, 120), (8.5, 14, 160)):
        part = onsets[round(begin / frame) : round(end / frame)]
        spectrum = np.abs(np.fft.rfft((part - part.mean()) * np.hanning(len(part)), 1 << 16))
        hertz = np.fft.rfftfreq(1 << 16, frame)
        near = (hertz > 1.2) & (hertz < 8)
        strongest = hertz[near][spectrum[near].argmax()] * 60
        assert any(abs(strongest / (bpm * fold) - 1) < 0.02 for fold in (0.5, 1, 2, 4)), strongest


def test_stems_lie_side_by_side(
    rtgen: Rtgen, tiny_folder: Path, song: Path, tmp_path: Path
) -> None:
    stems = tmp_path / "stems"
    arguments = ("render", "--midi", song, "--stems", stems, "--seconds", 1, "--start", 2)
    other = Path(shutil.copytree(tiny_folder, tmp_path / "other"))
    outcome = rtgen(*arguments, "--model", tiny_folder, "--seed", "1-2")
    assert outcome.code == 0, outcome
    assert sorted(path.name for path in stems.iterdir()) == ["tiny-1.wav", "tiny-2.wav"]
    sounds = [soundfile.read(path)[0] for path in sorted(stems.iterdir())]
    assert [len(sound) for sound in sounds] == [RATE, RATE]
    assert np.abs(sounds[0] - sounds[1]).max() > 0.01
    refused = rtgen(*arguments, "--model", tiny_folder, "--seed", 1)
    assert refused.code == 2
    assert "is there already" in refused.err
    refused = rtgen("render", "--model", tiny_folder, "--model", other, "-o", tmp_path / "x.wav")
    assert refused.code == 2
    assert "--stems" in refused.err


def test_what_a_midi_file_cannot_do_is_said(
    rtgen: Rtgen, tiny_folder: Path, song: Path, tmp_path: Path
) -> None:
    common = ("render", "--model", tiny_folder, "-o", tmp_path / "x.wav")
    for arguments, says in (
        (("--midi", tmp_path / "none.mid"), "there is no file"),
        (("--midi", tiny_folder / "manifest.json"), "no MIDI file"),
        (("--midi", song, "--bars", 2), "cut by seconds"),
        (("--midi", song, "--start", 99), "nothing to render"),
        (("--midi", song, "--set", "density=1:2"), "moves in time"),
    ):
        refused = rtgen(*common, *arguments)
        assert refused.code == 2, arguments
        assert says in refused.err
        assert refused.err.count("\n") <= 2

"""What was asked for is what is rendered, or it is refused; nothing asked for is passed over."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import mido
import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from rtgen.bundle.load import Bundle
from rtgen.bundle.write import write_manifest
from rtgen.cli import settings
from rtgen.control.performance_child import write_here
from rtgen.errors import ControlError
from rtgen.timeline.controls import TABLE
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.heard import GrowingPassage
from rtgen.timeline.packed import HeardPassages
from rtgen.timeline.voice import Voice
from tests.cli.conftest import Outcome, Rtgen
from tests.fakes.tiny_bundle import facts

BEATS = 4
PPQ = 480
Floats = npt.NDArray[np.float32]


def song(path: Path, *begins: mido.Message) -> Path:
    """Four beats that begin with messages."""
    file = mido.MidiFile(ticks_per_beat=PPQ)
    end = mido.MetaMessage("end_of_track", time=BEATS * PPQ)
    file.tracks.append(mido.MidiTrack([*begins, end]))
    file.save(path)
    return path


def tempo(bpm: float) -> mido.MetaMessage:
    return mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm))


def knob(number: int, value: int, beat: float = 0.0) -> mido.Message:
    return mido.Message("control_change", control=number, value=value, time=round(beat * PPQ))


def read(path: Path) -> Floats:
    samples: Floats = soundfile.read(path, dtype="float32")[0]
    return samples


def made(rtgen: Rtgen, out: Path, *arguments: object) -> Floats:
    outcome = rtgen("render", "-o", out, "-y", *arguments)
    assert outcome.code == 0, outcome
    return read(out)


def refused(outcome: Outcome, says: str, hint: str) -> None:
    assert outcome.code == 2, outcome
    first, second = outcome.err.splitlines()
    assert first.startswith("error: ")
    assert says in first
    assert second.startswith("hint: ")
    assert hint in second


def changed(bundle: Path, folder: Path) -> Path:
    """Another bundle of the same name in its manifest."""
    shutil.copytree(bundle, folder)
    write_manifest(folder, {**facts(), "version": "0.0.1"})
    return folder


@pytest.fixture
def heard() -> HeardPassages:
    part = GrowingPassage(0.0, Voice(3))
    part.follow(ControlTimeline({"tempo": 128.0, "density": 9.0}), 0.5)
    return HeardPassages([part.kept(None)])


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    monkeypatch.setenv("RTGEN_MODELS", str(folder))
    return folder


def test_stems_are_called_after_the_folders_that_were_asked_for(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    mine = Path(shutil.copytree(tiny_folder, tmp_path / "mine"))
    stems = tmp_path / "stems"
    outcome = rtgen(
        *("render", "--model", tiny_folder, "--model", mine, "--stems", stems, "--seconds", 0.5)
    )
    assert outcome.code == 0, outcome
    assert sorted(path.name for path in stems.iterdir()) == ["mine-0.wav", "tiny-0.wav"]


def test_models_that_would_share_their_stems_are_refused(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(tiny_folder, tmp_path / "other" / "tiny"))
    stems = tmp_path / "stems"
    outcome = rtgen(
        *("render", "--model", tiny_folder, "--model", other, "--stems", stems, "--seconds", 0.5)
    )
    refused(outcome, "two models are called tiny", "--stems")
    assert not stems.exists()


def test_stems_go_to_a_folder(rtgen: Rtgen, tiny_folder: Path, tmp_path: Path) -> None:
    common = ("render", "--model", tiny_folder, "--seconds", 0.5, "--stems")
    file = tmp_path / "a.wav"
    file.write_text("precious")
    refused(rtgen(*common, file), f"{file} is a file", "-o")
    assert file.read_text() == "precious"
    deep = tmp_path / "no" / "such" / "deep"
    refused(rtgen(*common, deep), f"there is no folder {deep.parent}", "make it first")
    fresh = tmp_path / "fresh"
    refused(rtgen(*common, fresh, "-o", "x.mp3"), "is not a WAV or FLAC file", ".wav")
    assert not fresh.exists()


def test_a_file_without_a_tempo_is_played_at_the_one_that_is_set(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    plain, timed = song(tmp_path / "p.mid"), song(tmp_path / "t.mid", tempo(170))
    common = ("--model", tiny_folder, "--midi")
    out = tmp_path / "x.wav"
    at_170 = made(rtgen, out, *common, plain, "--set", "tempo=170")
    assert len(at_170) == round(BEATS * 60 / 170 * 44100)
    assert np.array_equal(at_170, made(rtgen, out, *common, timed))
    assert len(made(rtgen, out, *common, plain)) == BEATS * 44100 // 2


def test_what_is_set_holds_until_the_file_moves_it(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    later = song(tmp_path / "l.mid", tempo(120), knob(TABLE["density"].cc or 0, 100, beat=3))
    common = ("--model", tiny_folder, "--midi", later)
    low = made(rtgen, tmp_path / "x.wav", *common, "--set", "density=1")
    high = made(rtgen, tmp_path / "x.wav", *common, "--set", "density=16")
    apart = np.abs(low - high).max(1)
    assert apart[: 2 * 22050].max() > 1e-3
    assert apart[-2048:].max() == 0
    styled = made(rtgen, tmp_path / "x.wav", *common, "--set", "density=1", "--style", 5)
    assert np.abs(styled - low).max() > 1e-3


@pytest.mark.parametrize(
    ("setting", "begins"),
    [("tempo=170", tempo(120)), ("density=2", knob(1, 90)),
     ("chroma=C,Eb,G", mido.Message("note_on", note=57, velocity=90))],
)  # fmt: skip
def test_what_a_file_sets_at_its_start_cannot_be_set_as_well(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, setting: str, begins: mido.Message
) -> None:
    path = song(tmp_path / "x.mid", begins)
    name = setting.partition("=")[0]
    outcome = rtgen("render", "--model", tiny_folder, "--midi", path, "--set", setting,
                    "-o", tmp_path / "x.wav")  # fmt: skip
    refused(outcome, f"sets the {name} itself", f"leave out --set {name}")


@pytest.mark.parametrize("setting", ["tempo=140", "density=1", "morph=1", "chroma=C"])
def test_a_performance_sets_every_control_itself(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, heard: HeardPassages, setting: str
) -> None:
    write_here(heard, "tiny", tmp_path / "x.mid")
    outcome = rtgen("render", "--model", tiny_folder, "--midi", tmp_path / "x.mid",
                    "--set", setting, "-o", tmp_path / "x.wav")  # fmt: skip
    refused(outcome, "itself", "leave out --set")


def test_a_performance_in_another_style_is_another_piece(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, heard: HeardPassages
) -> None:
    write_here(heard, "tiny", tmp_path / "x.mid")
    common = ("--model", tiny_folder, "--midi", tmp_path / "x.mid")
    out = tmp_path / "x.wav"
    refused(rtgen("render", *common, "-o", out, "--style", 5), "which styles play", "--seed")
    own = made(rtgen, out, *common, "--seed", 3)
    styled = made(rtgen, out, *common, "--seed", 3, "--style", 5)
    assert np.abs(own - styled).max() > 1e-3


def test_a_move_beside_a_midi_file_is_refused_with_what_is_possible(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    common = ("render", "--model", tiny_folder, "--midi", song(tmp_path / "x.mid"))
    for setting in ("density=2:10", "density=2@1"):
        outcome = rtgen(*common, "--set", setting, "-o", tmp_path / "x.wav")
        refused(outcome, "with --midi the file moves it", "density=2")


def test_a_performance_is_made_again_with_the_model_that_played_it(
    rtgen: Rtgen, tiny: Bundle, tmp_path: Path, library: Path, heard: HeardPassages
) -> None:
    path, out = tmp_path / "x.mid", tmp_path / "x.wav"
    write_here(heard, "tiny", path, tiny.checksum)
    other = changed(tiny.folder, library / "tiny")
    refused(rtgen("render", "--midi", path, "-o", out), "played with another tiny", "--model")
    assert not out.exists()
    outcome = rtgen("render", "--midi", path, "-o", out, "--model", other)
    assert outcome.code == 0
    assert outcome.err.count("\n") == 1
    assert f"{path} was played with another model than this tiny" in outcome.err
    outcome = rtgen("render", "--midi", path, "-o", out, "-y", "--model", tiny.folder)
    assert (outcome.code, outcome.err) == (0, "")
    shutil.copytree(tiny.folder, library / "mine")
    outcome = rtgen("render", "--midi", path, "--stems", tmp_path / "stems")
    assert (outcome.code, outcome.err) == (0, "")
    assert [path.name for path in (tmp_path / "stems").iterdir()] == ["mine-3.wav"]


def test_a_performance_without_a_checksum_is_made_by_name(
    rtgen: Rtgen, tiny: Bundle, tmp_path: Path, library: Path, heard: HeardPassages
) -> None:
    write_here(heard, "tiny", tmp_path / "x.mid")
    changed(tiny.folder, library / "tiny")
    outcome = rtgen("render", "--midi", tmp_path / "x.mid", "-o", tmp_path / "x.wav")
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize("text", ["tempo=205", "tempo=190", "tempo=abc", "density=-1"])
def test_a_hint_at_a_value_is_one_that_is_taken(tiny: Bundle, text: str) -> None:
    name, value = settings.split(text)
    with pytest.raises(ControlError) as caught:
        settings.checked(tiny.manifest, name, value)
    hinted = re.findall(r"\d+", caught.value.hint or "")
    assert hinted
    for number in hinted:
        settings.checked(tiny.manifest, name, number)


@pytest.mark.parametrize("seconds", [-1.0, 1e12, float("inf"), float("nan")])
def test_a_hint_at_a_position_is_one_that_is_taken(seconds: float) -> None:
    with pytest.raises(ControlError) as caught:
        settings.position(seconds, "--start")
    ends = [float(n) for n in re.findall(r"\d+", caught.value.hint or "")]
    assert len(ends) == 2
    for end in ends:
        assert settings.position(end, "--start") == end


def test_a_step_that_would_never_be_heard_is_refused(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    common = ("render", "--model", tiny_folder, "-o", tmp_path / "x.wav", "-y")
    for when in (2, 99):
        outcome = rtgen(*common, "--seconds", 2, "--set", f"density=2@{when}")
        refused(outcome, "the rendering ends at second 2", "before 2")
    outcome = rtgen(*common, "--start", 30, "--seconds", 1, "--set", "density=2@30.5")
    assert outcome.code == 0, outcome
    bars = ("--bars", 16, "--set", "tempo=120", "--set")
    assert rtgen(*common, *bars, "density=2@31").code == 0
    refused(rtgen(*common, *bars, "density=2@33"), "the rendering ends at second 32", "before 32")


def test_what_is_played_with_a_folder_is_not_made_again_with_a_namesake(
    rtgen: Rtgen, tiny: Bundle, tmp_path: Path, library: Path
) -> None:
    changed(tiny.folder, library / "tiny")
    path, out = tmp_path / "x.mid", tmp_path / "x.wav"
    played = rtgen(
        *("play", "--model", tiny.folder, "--null", "--no-midi", "--seconds", 1),
        *("--performance", path),
    )
    assert played.code == 0, played
    refused(rtgen("render", "--midi", path, "-o", out), "played with another tiny", "--model")
    outcome = rtgen("render", "--midi", path, "-o", out, "--model", tiny.folder)
    assert (outcome.code, outcome.err) == (0, "")

"""What `rtgen render` leaves on the disk: whole files, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from rtgen.cli.render import written_as
from rtgen.output.recorder import SEGMENT_FRAMES
from tests.cli.conftest import Rtgen

HOURS_OF_TICKS = 10_000_000
PATIENCE_SECONDS = 60.0


@pytest.fixture
def long_song(tmp_path: Path) -> Path:
    """Hours of nothing at 120 beats per minute."""
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("text", text="", time=HOURS_OF_TICKS)]))
    path = tmp_path / "song.mid"
    file.save(path)
    return path


@pytest.mark.parametrize(
    ("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
@pytest.mark.parametrize("kind", ["stretch", "midi", "stems"])
def test_who_stops_it_keeps_what_was_there(
    tiny_folder: Path, tmp_path: Path, long_song: Path, kind: str, stop: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    target = out / "tiny-7.flac"
    target.write_text("precious")
    arguments = {
        "stretch": ["--seconds", "1000000", "--seed", "7", "-o", str(target)],
        "midi": ["--midi", str(long_song), "-o", str(target)],
        "stems": ["--seconds", "1000000", "--seed", "7", "-o", "x.flac", "--stems", str(out)],
    }[kind]
    command = [sys.executable, "-m", "rtgen.cli.main", "render", "--model", str(tiny_folder)]
    with subprocess.Popen([*command, "-y", *arguments], stderr=subprocess.PIPE) as program:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(list(out.iterdir())) < 2:
            assert program.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        program.send_signal(stop)
        assert program.wait(PATIENCE_SECONDS) == code
        assert program.stderr is not None
        assert program.stderr.read() == b"stopped: nothing unfinished is kept\n"
    assert list(out.iterdir()) == [target]
    assert target.read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "frames", "container"),
    [
        ("x.wav", SEGMENT_FRAMES, "WAV"),
        ("x.WAV", SEGMENT_FRAMES + 1, "RF64"),
        ("x.flac", SEGMENT_FRAMES + 1, "FLAC"),
    ],
)
def test_what_a_wav_cannot_hold_is_written_as_its_larger_kin(
    tmp_path: Path, name: str, frames: int, container: str
) -> None:
    written, subtype = written_as(Path(name), frames)
    assert written == container
    sound = np.linspace(-0.5, 0.5, 2000, dtype=np.float32).reshape(-1, 2)
    soundfile.write(tmp_path / name, sound, 44100, subtype, format=written)
    assert soundfile.info(tmp_path / name).format == container
    assert np.allclose(soundfile.read(tmp_path / name)[0], sound, atol=2**-22)


def test_what_the_disk_cannot_hold_is_refused_before_it_is_begun(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.wav"
    outcome = rtgen("render", "--model", tiny_folder, "--seconds", "4e10", "-o", target)
    assert outcome.code == 2
    said, hint = outcome.err.splitlines()
    assert said.startswith(f"error: that takes 14112000.0 GB, and {tmp_path} has room for ")
    assert hint == "hint: ask for less, or for .flac, which is smaller"
    assert list(tmp_path.iterdir()) == []


def test_stems_that_do_not_fit_leave_no_folder(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    outcome = rtgen(
        *("render", "--model", tiny_folder, "--seconds", "4e10", "--stems", tmp_path / "stems")
    )
    assert outcome.code == 2
    assert f"and {tmp_path} has room for " in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_the_files_of_all_seeds_must_fit(rtgen: Rtgen, tiny_folder: Path, tmp_path: Path) -> None:
    outcome = rtgen(
        *("render", "--model", tiny_folder, "--seconds", "1e10", "--seed", "1-4"),
        *("-o", tmp_path / "x.wav"),
    )
    assert outcome.err.startswith("error: that takes 14112000.0 GB, and ")


def test_a_folder_that_takes_no_file_is_not_called_full(rtgen: Rtgen, tiny_folder: Path) -> None:
    outcome = rtgen("render", "--model", tiny_folder, "--seconds", 1, "-o", "/proc/x.wav")
    assert outcome.code == 2
    said, hint = outcome.err.splitlines()
    assert said.startswith("error: no file can be made in /proc: ")
    assert hint == "hint: choose a folder that you may write to"


@pytest.mark.parametrize("verb", ["render", "play"])
def test_a_name_that_is_no_text_is_refused(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, verb: str
) -> None:
    target = os.fsdecode(os.fsencode(tmp_path) + b"/c\xff.wav")
    option = "-o" if verb == "render" else "--record"
    silent = () if verb == "render" else ("--null", "--no-midi")
    outcome = rtgen(verb, "--model", tiny_folder, "--seconds", 1, *silent, option, target)
    assert outcome.code == 2
    assert outcome.err.splitlines() == [
        f"error: the name '{tmp_path}/c\\udcff.wav' is not UTF-8",
        "hint: choose another name",
    ]
    assert list(tmp_path.iterdir()) == []

"""Files hold the stretch that was asked for, however it was asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from rtgen.bundle.load import Bundle
from rtgen.cli import settings
from rtgen.cli.render import read_seeds
from rtgen.stream.offline import pieces
from rtgen.stream.renderer import LONG_BLOCK_FRAMES, Renderer, Voice
from rtgen.timeline.events import ControlTimeline
from tests.cli.conftest import Rtgen

Floats = npt.NDArray[np.float32]


def read(path: Path) -> Floats:
    samples: Floats = soundfile.read(path, dtype="float32")[0]
    return samples


@pytest.fixture
def rendered(rtgen: Rtgen, tiny_folder: Path, tmp_path: Path) -> Any:
    """Runs `rtgen render` on the tiny bundle and reads what it wrote."""

    def run(*arguments: object, name: str = "x.wav") -> Floats:
        outcome = rtgen("render", "--model", tiny_folder, "-o", tmp_path / name, "-y", *arguments)
        assert outcome.code == 0, outcome
        return read(tmp_path / name)

    return run


def test_the_main_form_renders_what_the_renderer_makes(rendered: Any, tiny: Bundle) -> None:
    sound = rendered(
        *("--seed", 7, "--start", 30, "--seconds", 2, "--rate", 44100),
        *("--set", "tempo=128", "--set", "density=6", "--set", "chroma=C,Eb,G"),
    )
    timeline = settings.timeline(
        tiny.manifest, ["tempo=128", "density=6", "chroma=C,Eb,G"], 30.0, 2.0
    )
    renderer = Renderer(tiny, block_frames=LONG_BLOCK_FRAMES)
    expected = renderer.render(Voice(7), timeline, 645, 45)
    begin = 30 * 44100 - 645 * 2048
    assert sound.shape == (88200, 2)
    assert np.array_equal(sound, expected[begin : begin + 88200])


def test_the_same_command_gives_the_same_bits(rendered: Any) -> None:
    assert np.array_equal(rendered("--seconds", 1), rendered("--seconds", 1))


def test_a_later_start_is_a_cut_of_a_longer_rendering(rendered: Any) -> None:
    whole = rendered("--seconds", 3)
    part = rendered("--start", 1, "--seconds", 1)
    assert np.array_equal(part, whole[44100:88200])


@pytest.mark.parametrize("rate", [48000, 22050, 96000])
def test_another_rate_gives_the_same_length_in_seconds(rendered: Any, rate: int) -> None:
    assert len(rendered("--seconds", 1, "--rate", rate)) == rate


def test_bars_are_exact_at_a_steady_tempo(rendered: Any) -> None:
    by_bars = rendered("--start-bar", 9, "--bars", 2, "--set", "tempo=120")
    by_seconds = rendered("--start", 16, "--seconds", 4, "--set", "tempo=120")
    assert np.array_equal(by_bars, by_seconds)


def test_bars_under_a_tempo_ramp_end_on_the_bar(tiny: Bundle) -> None:
    moves = ["tempo=100:160"]
    start, seconds = settings.stretch(tiny.manifest, moves, 0.0, 20.0, 5, 8)
    assert start == pytest.approx(16 * 0.6)
    clock = settings.timeline(tiny.manifest, moves, start, seconds).clock
    end = (start + seconds) * 44100 / 2048
    assert clock.beat(round(end)) == pytest.approx(16 + 32, abs=0.06)
    assert 32 * 60 / 160 < seconds < 32 * 60 / 100


def test_a_ramp_is_heard_at_its_end_and_not_at_its_start(rendered: Any) -> None:
    low = rendered("--seconds", 2, "--set", "energy=0.1")
    ramp = rendered("--seconds", 2, "--set", "energy=0.1:0.9")
    assert np.abs(ramp - low)[:2000].max() < 1e-3
    assert np.abs(ramp - low)[-20000:].max() > 1e-2


def test_a_step_changes_nothing_before_its_second(rendered: Any) -> None:
    low = rendered("--seconds", 2, "--set", "density=2")
    step = rendered("--seconds", 2, "--set", "density=2", "--set", "density=15@1")
    changed = np.flatnonzero(np.abs(step - low).max(1))
    # One frame of foresight in the decoder and half a window of the synthesis.
    assert 44100 - 2048 - 512 <= changed[0] <= 44100 + 3 * 2048


def test_auto_leaves_a_control_to_the_model(rendered: Any) -> None:
    assert not np.array_equal(
        rendered("--seconds", 1, "--set", "density=auto"), rendered("--seconds", 1)
    )


def test_morph_leads_from_one_style_to_the_other(rendered: Any) -> None:
    other = rendered("--seconds", 1, "--style", 5)
    morphed = rendered("--seconds", 1, "--style", 3, "--style-b", 5, "--set", "morph=1")
    assert np.abs(morphed - other).max() < 1e-5
    assert np.abs(rendered("--seconds", 1, "--style", 3) - other).max() > 1e-2


def test_several_seeds_give_a_file_each_equal_to_its_own_rendering(
    rtgen: Rtgen, rendered: Any, tiny_folder: Path, tmp_path: Path
) -> None:
    many = ("render", "--model", tiny_folder, "--seconds", 1, "-o", tmp_path / "m.wav")
    assert rtgen(*many, "--seed", "3-5", "--seed", "9").code == 0
    names = {p.name for p in tmp_path.glob("m-*.wav")}
    assert names == {"m-3.wav", "m-4.wav", "m-5.wav", "m-9.wav"}
    for seed in (3, 9):
        assert np.array_equal(
            read(tmp_path / f"m-{seed}.wav"), rendered("--seconds", 1, "--seed", seed)
        )


def test_flac_is_the_same_music(rendered: Any) -> None:
    a, b = rendered("--seconds", 1), rendered("--seconds", 1, name="x.flac")
    assert np.abs(a - b).max() < 2**-22


def test_standard_output_gets_nothing_but_samples(
    tiny: Bundle, tiny_folder: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "rtgen.cli.main", "render", "--model", str(tiny_folder)]
    done = subprocess.run(
        [*command, "--seconds", "1", "-o", "-"], capture_output=True, timeout=60, check=True
    )
    samples = np.frombuffer(done.stdout, np.float32).reshape(-1, 2)
    renderer = Renderer(tiny, block_frames=LONG_BLOCK_FRAMES)
    expected = np.concatenate(list(pieces(renderer, Voice(0), ControlTimeline(), 0.0, 1.0, 44100)))
    assert np.array_equal(samples, expected)
    assert done.stderr == b""


def test_a_reader_that_leaves_early_is_no_error(tiny_folder: Path) -> None:
    command = [sys.executable, "-m", "rtgen.cli.main", "render", "--model", str(tiny_folder)]
    with subprocess.Popen(
        [*command, "--seconds", "60", "-o", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.read(1000)
        program.stdout.close()
        assert program.wait(60) == 0
        assert program.stderr.read() == b""


@pytest.mark.parametrize(
    ("texts", "seeds"),
    [(["7"], [7]), (["1-3"], [1, 2, 3]), (["5", "1-2", "5"], [5, 1, 2]), (["0"], [0])],
)
def test_seeds_are_read_as_typed(texts: list[str], seeds: list[int]) -> None:
    assert read_seeds(texts) == seeds

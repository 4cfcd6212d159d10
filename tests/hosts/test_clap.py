"""The CLAP in our own small host: bars, loops, chords and state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rtgen.timeline.controls import TABLE, chroma_of
from tests.hosts import clap
from tests.hosts.conftest import EngineProcess, Render

RATE = 44100
OFFLINE = "0 render offline\n0 tempo 120\n0 play\n"
LOCKED = Path(__file__).with_name("parameters.lock")


@pytest.fixture
def plugin(plugins: dict[str, Path], engine: EngineProcess) -> Path:
    return plugins["clap"]


@pytest.mark.parametrize(("beats", "unit"), [(3, 4), (7, 8), (5, 4), (3, 16)])
def test_bars_of_any_length_start_where_the_hosts_bars_start(
    plugin: Path, tmp_path: Path, render: Render, beats: int, unit: int
) -> None:
    script = f"0 meter {beats} {unit}\n" + OFFLINE
    heard = clap.play(plugin, tmp_path / "x.wav", script, 4.0).sound
    wanted = render(RATE, 0, len(heard), tempo=120.0, bar_beats=4.0 * beats / unit)
    assert np.abs(heard - wanted).max() < 1e-4
    four = render(RATE, 0, len(heard), tempo=120.0)
    assert np.abs(heard - four).max() > 0.05


def test_every_pass_of_a_loop_bounces_the_same(
    plugin: Path, tmp_path: Path, render: Render
) -> None:
    bar = 2 * RATE
    script = OFFLINE + f"0 loop {bar} {2 * bar}\n0 seek {bar}\n"
    heard = clap.play(plugin, tmp_path / "x.wav", script, 8.0).sound
    first = heard[:bar]
    assert np.abs(first - render(RATE, bar, bar, tempo=120.0)).max() < 1e-4
    settled = RATE // 50  # the jump itself is cross-faded
    for k in (1, 2, 3):
        again = heard[k * bar : (k + 1) * bar]
        assert np.array_equal(again[settled:-settled], first[settled:-settled])


@pytest.mark.parametrize("position", [RATE * 1234, 123_456_789])
def test_a_far_place_sounds_as_render_makes_it(
    plugin: Path, tmp_path: Path, render: Render, position: int
) -> None:
    heard = clap.play(plugin, tmp_path / "x.wav", f"0 seek {position}\n" + OFFLINE, 2.0).sound
    wanted = render(RATE, position, len(heard), tempo=120.0)
    assert np.abs(heard - wanted).max() < 1e-4


def test_a_chord_that_is_held_sets_the_harmony(
    plugin: Path, tmp_path: Path, render: Render
) -> None:
    chord = "".join(f"0 note {pitch} 100\n" for pitch in (57, 60, 64))
    heard = clap.play(plugin, tmp_path / "x.wav", OFFLINE + chord, 4.0).sound
    wanted = render(RATE, 0, len(heard), tempo=120.0, chroma=chroma_of({9, 0, 4}))
    free = render(RATE, 0, len(heard), tempo=120.0)
    late = RATE // 2
    assert np.abs(heard - wanted)[late:].max() < 1e-4
    assert np.abs(heard - free)[late:].max() > 0.02


def test_a_project_reopened_sounds_as_it_was_left(
    plugin: Path, tmp_path: Path, render: Render
) -> None:
    turned = "0 param seed 77\n0 param density 12\n0 param energy 0.3\n0 param gain -3\n"
    state = tmp_path / "state"
    clap.play(plugin, tmp_path / "a.wav", turned + OFFLINE + f"{RATE} save {state}\n", 1.5)
    again = clap.play(plugin, tmp_path / "b.wav", f"0 load {state}\n" + OFFLINE, 4.0)
    n = len(again.sound)
    wanted = render(RATE, 0, n, seed=77, tempo=120.0, density=12.0, energy=float(np.float32(0.3)))
    assert np.abs(again.sound - wanted * 10 ** (-3 / 20)).max() < 1e-4
    assert again.meters["seed"] == 77
    assert again.meters["gain"] == pytest.approx(-3)


def test_a_state_that_is_not_one_changes_nothing(plugin: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(bytes(range(256)) * 4)
    script = f"0 param seed 5\n{RATE // 2} load {broken}\n" + OFFLINE
    assert clap.play(plugin, tmp_path / "x.wav", script, 1.0).meters["seed"] == 5


def test_jitter_of_a_sample_is_no_jump(plugin: Path, tmp_path: Path, render: Render) -> None:
    heard = clap.play(plugin, tmp_path / "x.wav", "0 jitter 1\n" + OFFLINE, 4.0)
    wanted = render(RATE, 0, len(heard.sound), tempo=120.0)
    assert np.abs(heard.sound - wanted).max() < 1e-4
    assert heard.meters["underruns"] == 0


def test_blocks_of_every_size_give_the_same_sound(
    plugin: Path, tmp_path: Path, render: Render
) -> None:
    sizes = (1, 16, 17, 441, 8192, 64)
    script = "".join(f"{k * RATE // 4} block {size}\n" for k, size in enumerate(sizes))
    heard = clap.play(plugin, tmp_path / "x.wav", OFFLINE + script, 2.0).sound
    assert np.abs(heard - render(RATE, 0, len(heard), tempo=120.0)).max() < 1e-4


def test_another_rate_is_another_stream_of_the_same_music(
    plugin: Path, tmp_path: Path, render: Render
) -> None:
    script = OFFLINE + "44100 restart 48000\n44100 seek 0\n"
    heard = clap.play(plugin, tmp_path / "x.wav", script, 3.0).sound[RATE:]
    wanted = render(48000, 0, len(heard), tempo=120.0)
    assert np.abs(heard - wanted).max() < 1e-4


def test_a_transport_that_stops_falls_silent_and_comes_back_without_a_click(
    plugin: Path, tmp_path: Path
) -> None:
    calm = clap.play(plugin, tmp_path / "c.wav", OFFLINE, 4.0)
    script = f"0 tempo 120\n0 play\n{RATE} stop\n{2 * RATE} play\n{3 * RATE} stop\n"
    heard = clap.play(plugin, tmp_path / "x.wav", script, 4.0, "--live")
    faded = RATE // 50
    assert np.abs(heard.sound[RATE // 2 : RATE]).max() > 0.1
    assert not heard.sound[RATE + faded : 2 * RATE].any()
    assert np.abs(heard.sound[2 * RATE + RATE // 2 : 3 * RATE]).max() > 0.1
    assert not heard.sound[3 * RATE + faded :].any()
    assert heard.report["largest_step"] <= calm.report["largest_step"]


def test_without_a_transport_it_plays_by_itself(
    plugin: Path, tmp_path: Path, render: Render
) -> None:
    script = "0 transport off\n0 render offline\n0 param tempo_source 1\n0 param own_tempo 140\n"
    heard = clap.play(plugin, tmp_path / "x.wav", script, 3.0).sound
    assert np.abs(heard - render(RATE, 0, len(heard), tempo=140.0)).max() < 1e-4


def test_ids_ranges_and_order_of_parameters_never_change(plugins: dict[str, Path]) -> None:
    locked = [line.split("\t") for line in LOCKED.read_text().splitlines()]
    listed = clap.listed(plugins["clap"])
    assert listed[: len(locked)] == locked, "hosts keep these in projects: only add at the end"
    assert len(listed) == len(locked), f"add the new ones to {LOCKED.name}"


def test_parameters_are_those_of_the_table_of_controls(plugins: dict[str, Path]) -> None:
    listed = {row[1]: row for row in clap.listed(plugins["clap"])}
    for name in ("density", "energy", "variation", "morph"):
        low, high = map(float, listed[name][3:5])
        assert (low, high) == (TABLE[name].low, TABLE[name].high), name
    low, high = map(float, listed["own_tempo"][3:5])
    assert (low, high) == (TABLE["tempo"].low, TABLE["tempo"].high)


def test_the_volume_controller_turns_the_output(
    plugin: Path, tmp_path: Path, render: Render
) -> None:
    heard = clap.play(plugin, tmp_path / "x.wav", "0 cc 7 100\n" + OFFLINE, 2.0).sound
    gain_db = -60 + 100 / 127 * 66
    wanted = render(RATE, 0, len(heard), tempo=120.0) * 10 ** (gain_db / 20)
    late = RATE // 10
    assert np.abs(wanted[late:]).max() > 0.01
    assert np.abs(heard - wanted)[late:].max() < 1e-4


@pytest.fixture
def eight_beats(plugin: Path, render: Render) -> tuple[int, int, npt.NDArray[np.float32]]:
    """Start and length of a loop that is longer than what the plugin keeps, and what follows."""
    start, length = 4 * RATE, 4 * RATE
    return start, length, render(RATE, start, 2 * length, tempo=120.0)


def test_a_live_loop_is_seamless_from_the_second_jump_on(
    plugin: Path, tmp_path: Path, eight_beats: tuple[int, int, npt.NDArray[np.float32]]
) -> None:
    start, n, wanted = eight_beats
    script = f"0 tempo 120\n0 seek {start}\n0 play\n0 loop {start} {start + n}\n"
    heard = clap.play(plugin, tmp_path / "x.wav", script, 3.5 * n / RATE, "--live", block=256)
    fade = RATE // 300
    for k in (2, 3):
        again = heard.sound[k * n : (k + 1) * n]
        assert np.abs(again - wanted[: len(again)])[fade:].max() < 1e-3


def test_a_host_that_leaves_a_loop_goes_on_without_a_gap(
    plugin: Path, tmp_path: Path, eight_beats: tuple[int, int, npt.NDArray[np.float32]]
) -> None:
    start, n, wanted = eight_beats
    script = f"0 tempo 120\n0 seek {start}\n0 play\n0 loop {start} {start + n}\n"
    script += f"{n + n // 2} loop 0 0\n"
    heard = clap.play(plugin, tmp_path / "x.wav", script, 2.5 * n / RATE, "--live", block=256)
    last = heard.sound[n:]
    settled = n // 4
    assert np.abs(last - wanted[: len(last)])[settled:].max() < 1e-3

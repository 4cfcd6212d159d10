"""The VST3 in pedalboard: the music of `rtgen render`, MIDI to the last bit, state that comes back.

pedalboard says that its transport stands still, at 120 bpm; so here the plugin runs free.
"""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import numpy.typing as npt
import pedalboard
import pytest

from rtgen.timeline.controls import TABLE, chroma_of
from rtgen.timeline.units import HOP
from tests.hosts.conftest import EngineProcess, Render

HOST_TEMPO = 120.0
DENSITY = TABLE["density"]
Samples = npt.NDArray[np.float32]


def loaded(path: Path) -> pedalboard.VST3Plugin:
    """A plugin; pedalboard would wait for a first sound, which only comes once it runs free."""
    return pedalboard.load_plugin(str(path), initialization_timeout=0.0)


def play(
    plugin: pedalboard.VST3Plugin,
    seconds: float,
    rate: int,
    *messages: mido.Message,
    block: int = 512,
    afresh: bool = True,
) -> Samples:
    """Samples (n, 2); `afresh` starts at position 0, else at the end of the call before."""
    sound = plugin(list(messages), seconds, rate, num_channels=2, buffer_size=block, reset=afresh)
    return np.ascontiguousarray(sound.T)


@pytest.fixture(scope="module")
def plugin(plugins: dict[str, Path], engine: EngineProcess) -> pedalboard.VST3Plugin:
    """One that runs free and is otherwise as it comes."""
    plugin = loaded(plugins["vst3"])
    plugin.follow_transport = False
    return plugin


@pytest.mark.parametrize(("rate", "block"), [(44100, 512), (48000, 8192), (96000, 33)])
def test_a_call_is_what_render_makes_from_the_first_sample_on(
    plugin: pedalboard.VST3Plugin, render: Render, rate: int, block: int
) -> None:
    heard = play(plugin, 3.0, rate, block=block)
    wanted = render(rate, 0, len(heard), tempo=HOST_TEMPO)
    assert len(heard) == 3 * rate
    assert np.abs(wanted).max() > 0.1
    assert np.abs(heard - wanted).max() < 1e-4


def test_a_call_goes_on_where_the_one_before_ended(
    plugin: pedalboard.VST3Plugin, render: Render
) -> None:
    parts = [play(plugin, seconds, 44100, afresh=seconds == 1.0) for seconds in (1.0, 0.5, 2.0)]
    heard = np.concatenate(parts)
    wanted = render(44100, 0, len(heard), tempo=HOST_TEMPO)
    assert np.abs(heard - wanted).max() < 1e-4


def test_a_transport_that_stands_still_is_silent(
    plugins: dict[str, Path], engine: EngineProcess
) -> None:
    assert not play(loaded(plugins["vst3"]), 1.0, 44100).any()


@pytest.mark.parametrize("value", [0, 1, 63, 64, 126, 127])
def test_a_midi_controller_sets_the_density_to_the_last_bit(
    plugin: pedalboard.VST3Plugin, render: Render, value: int
) -> None:
    def density(cc: int) -> float:
        return DENSITY.low + cc / 127 * (DENSITY.high - DENSITY.low)

    turn = mido.Message("control_change", control=DENSITY.cc, value=value, time=0.0)
    heard = play(plugin, 2.0, 44100, turn)
    wanted = render(44100, 0, len(heard), tempo=HOST_TEMPO, density=density(value))
    assert np.abs(heard - wanted).max() < 1e-4
    # One step of the controller is heard, so a value that is off by one would be found.
    beside = density(value - 1 if value else 1)
    other = render(44100, 0, len(heard), tempo=HOST_TEMPO, density=beside)
    assert np.abs(heard - other).max() > 2e-3


@pytest.mark.parametrize("block", [64, 512, 8192])
def test_a_note_within_a_block_is_heard_from_the_next_frame_on(
    plugin: pedalboard.VST3Plugin, render: Render, block: int
) -> None:
    # A note: pedalboard moves controllers to the start of their block.
    rate, at = 44100, 44100
    note = mido.Message("note_on", note=60, velocity=100, time=at / rate)
    heard = play(plugin, 2.0, rate, note, block=block)
    unchanged = render(rate, 0, len(heard), tempo=HOST_TEMPO)
    difference = np.abs(heard - unchanged).max(1)
    next_frame, cross_fade = -(-at // HOP) * HOP, rate // 100
    assert difference[:next_frame].max() < 1e-4
    assert difference[next_frame + cross_fade :][:HOP].max() > 0.01


def test_a_chord_that_is_held_is_followed(plugin: pedalboard.VST3Plugin, render: Render) -> None:
    chord = [mido.Message("note_on", note=note, velocity=100, time=0.0) for note in (60, 63, 67)]
    heard = play(plugin, 2.0, 44100, *chord)
    wanted = render(44100, 0, len(heard), tempo=HOST_TEMPO, chroma=chroma_of({0, 3, 7}))
    assert np.abs(heard - wanted).max() < 1e-4
    free = render(44100, 0, len(heard), tempo=HOST_TEMPO)
    assert np.abs(heard - free).max() > 0.01


def test_a_saved_state_gives_the_same_music_in_a_fresh_plugin(
    plugins: dict[str, Path], engine: EngineProcess, render: Render
) -> None:
    first = loaded(plugins["vst3"])
    first.follow_transport = False
    first.seed, first.density_onsets_s, first.energy, first.output_gain_db = 5, 9.0, 0.25, -6.0
    heard = play(first, 2.0, 44100)
    fresh = loaded(plugins["vst3"])
    assert fresh.seed == 0
    fresh.raw_state = first.raw_state
    for name in ("seed", "density_onsets_s", "energy", "output_gain_db", "follow_transport"):
        here, there = (p.parameters[name].raw_value for p in (fresh, first))
        assert here == there, name
    again = play(fresh, 2.0, 44100)
    assert np.array_equal(again, heard)
    wanted = render(44100, 0, len(heard), 5, tempo=HOST_TEMPO, density=9.0, energy=0.25)
    assert np.abs(wanted).max() > 0.1
    assert np.abs(heard - wanted * 10 ** (-6 / 20)).max() < 1e-4

"""Messages move a player; the player here writes down what it is told."""

from __future__ import annotations

import pytest

from rtgen.control.clock_follow import ClockFollower
from rtgen.control.clock_in import Beat
from rtgen.control.midi_map import Mapping
from rtgen.control.notes import HeldNotes
from rtgen.control.surface import MidiSurface
from rtgen.timeline.controls import ANY_CHROMA, CHROMA, TABLE, chroma_of
from tests.fakes.notebook import Notebook

C_MINOR = chroma_of({0, 3, 7})


@pytest.fixture
def player() -> Notebook:
    return Notebook()


@pytest.fixture
def surface(player: Notebook) -> MidiSurface:
    return MidiSurface(player, (100.0, 180.0))


def test_a_control_change_moves_a_control(player: Notebook, surface: MidiSurface) -> None:
    surface.receive([0xB3, 1, 127], 0.0)
    assert player.values["density"] == 18


@pytest.fixture
def touched(player: Notebook) -> MidiSurface:
    return MidiSurface(player, (100.0, 180.0), touch=True)


@pytest.mark.parametrize("message", [[0x90, 60, 127], [0xA0, 60, 127], [0xD0, 127]])
def test_the_harder_the_touch_the_more_energy(
    player: Notebook, touched: MidiSurface, message: list[int]
) -> None:
    touched.receive(message, 0.0)
    assert player.values["energy"] == 1.0
    soft = [*message[:-1], 32]
    touched.receive(soft, 0.1)
    assert player.values["energy"] == pytest.approx(32 / 127)


def test_without_touch_velocity_changes_nothing(player: Notebook, surface: MidiSurface) -> None:
    surface.receive([0x90, 60, 1], 0.0)
    surface.receive([0xD0, 1], 0.0)
    surface.receive([0xE0, 0, 0], 0.0)
    assert player.values["energy"] == TABLE["energy"].default
    assert player.values["tempo"] == TABLE["tempo"].default


def test_the_pitch_wheel_bends_the_tempo_and_lets_it_go(
    player: Notebook, touched: MidiSurface
) -> None:
    player.values["tempo"] = 125.0
    touched.receive([0xE0, 0, 64], 0.0)
    assert player.values["tempo"] == 125.0
    for low, high, tempo in ((0, 96, 130.0), (0, 0, 115.0), (0, 64, 125.0)):
        touched.receive([0xE0, low, high], 0.0)
        assert player.values["tempo"] == pytest.approx(tempo)


def test_volume_is_the_output_level(player: Notebook, surface: MidiSurface) -> None:
    surface.receive([0xB0, 7, 0], 0.0)
    assert player.gain_db == -60


def test_a_mapping_of_ones_own_is_obeyed(player: Notebook) -> None:
    surface = MidiSurface(player, (100.0, 180.0), (Mapping(20, "energy", "offset"),))
    player.values["energy"] = 0.5
    surface.receive([0xB0, 20, 54], 0.0)
    assert player.values["energy"] == pytest.approx(0.4)


def test_an_encoder_on_a_control_left_to_the_model_starts_at_its_default(player: Notebook) -> None:
    surface = MidiSurface(player, (100.0, 180.0), (Mapping(20, "energy", "offset"),))
    player.values["energy"] = float("nan")
    surface.receive([0xB0, 20, 64], 0.0)
    assert player.values["energy"] == pytest.approx(TABLE["energy"].default)


def test_held_notes_are_the_harmony_and_letting_go_frees_it(
    player: Notebook, surface: MidiSurface
) -> None:
    for pitch in (48, 63, 67):
        surface.receive([0x90, pitch, 100], 0.0)
    assert player.values[CHROMA] == C_MINOR
    surface.receive([0x90, 48, 0], 0.0)  # a note on with velocity 0 is a note off
    surface.receive([0x80, 63, 0], 0.0)
    surface.receive([0x80, 67, 0], 0.0)
    assert player.values[CHROMA] is ANY_CHROMA


def test_the_pedal_latches_a_chord_until_a_new_one_is_played() -> None:
    notes = HeldNotes()
    notes.sustain(True)
    for pitch in (60, 63, 67):
        notes.note(0, pitch, True)
        held = notes.note(0, pitch, False) if pitch == 67 else notes.chroma()
    notes.note(0, 60, False)
    assert notes.note(0, 63, False) == C_MINOR == held
    assert notes.note(0, 62, True) == chroma_of({2})
    notes.note(0, 62, False)
    assert notes.sustain(False) is ANY_CHROMA


@pytest.mark.parametrize("cc", [120, 123])
def test_panic_lets_go_of_everything(player: Notebook, surface: MidiSurface, cc: int) -> None:
    surface.receive([0xB0, 64, 127], 0.0)
    surface.receive([0x9F, 60, 100], 0.0)
    surface.receive([0xB0, cc, 0], 0.0)
    assert player.values[CHROMA] is ANY_CHROMA


@pytest.mark.parametrize(
    "message", [[0xB0], [0xB0, 1], [0x90, 60], [0xF2, 1], [0xC0, 5], [0xE0, 0, 64], [0xFE], [0xFF]]
)
def test_short_and_foreign_messages_do_no_harm(
    player: Notebook, surface: MidiSurface, message: list[int]
) -> None:
    surface.receive(message, 0.0)
    surface.receive([0xB0, 1, 127], 0.0)
    assert player.values["density"] == TABLE["density"].high


def run_clock(
    player: Notebook, surface: MidiSurface, tempo: float, seconds: float, begin: float = 0.0
) -> None:
    period = 60 / tempo / 24
    for k in range(round(seconds / period)):
        surface.receive([0xF8], begin + k * period)
        player.play(period)


def away(player: Notebook, beats: float) -> float:
    off = player.beat - beats
    return off - 4 * round(off / 4)


@pytest.mark.parametrize("tempo", [101.0, 128.0, 155.5])
def test_a_player_comes_to_run_with_the_clock(
    player: Notebook, surface: MidiSurface, tempo: float
) -> None:
    player.beat = 1234.56
    surface.receive([0xFA], 0.0)
    run_clock(player, surface, tempo, 12.0)
    ticks = round(12.0 / (60 / tempo / 24))
    assert player.values["tempo"] == pytest.approx(tempo, abs=0.3)
    assert abs(away(player, ticks / 24)) < 0.02
    assert player.jumps == 1


def test_a_clock_with_jitter_does_not_make_the_player_restless(player: Notebook) -> None:
    surface = MidiSurface(player, (100.0, 180.0))
    surface.receive([0xFA], 0.0)
    period, block = 60 / 133 / 24, 256 / 48000
    for k in range(24 * 60):
        surface.receive([0xF8], -(-k * period // block) * block)
        player.play(period)
    assert abs(away(player, 60)) < 0.03
    assert player.calls < 60


def test_a_tempo_outside_the_model_is_folded_into_it(player: Notebook) -> None:
    follower = ClockFollower(player, 100, 180)
    follower.follow(Beat(1.0, 70.0, False), 0.0)
    assert player.values["tempo"] == 140
    follower.follow(Beat(1.0, 240.0, False), 5.0)
    assert player.values["tempo"] == 120


def test_a_tempo_that_fits_nowhere_is_held_at_the_end_without_phase(player: Notebook) -> None:
    follower = ClockFollower(player, 100, 180)
    for k in range(50):
        follower.follow(Beat(k * 0.31, 95.0, True), float(k))
    assert player.values["tempo"] == 100
    assert player.jumps == 0


def test_a_nudge_plays_ahead(player: Notebook) -> None:
    follower = ClockFollower(player, 100, 180, nudge_seconds=0.2)
    follower.follow(Beat(4.0, 120.0, True), 10.0)
    assert player.beat == pytest.approx(0.4)


def test_a_stopped_clock_moves_no_beat(player: Notebook, surface: MidiSurface) -> None:
    run_clock(player, surface, 120.0, 5.0)
    assert player.jumps == 0
    assert player.values["tempo"] == pytest.approx(120.0)

"""A live performance, kept as a MIDI file, is made again as it was heard."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rtgen.bundle.load import Bundle
from rtgen.control.performance_reader import Song, read_midi
from rtgen.control.performance_writer import midi_file
from rtgen.control.played import Played, played_model
from rtgen.stream.performed import performed
from rtgen.stream.player import Player
from rtgen.stream.renderer import Renderer
from rtgen.stream.sink import MemorySink
from rtgen.timeline.controls import TABLE, chroma_of
from rtgen.timeline.voice import Voice

BLOCK = 256
RATE = 44100
Floats = npt.NDArray[np.float32]
Gesture = Callable[[Player], None]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the player did not get there"
        time.sleep(0.002)


def perform(bundle: Bundle, gestures: list[Gesture], gap: int, seconds: float = 0.0) -> tuple[
    Player, Floats
]:  # fmt: skip
    """Play, with a gesture every `gap` blocks, and go on for `seconds`."""
    sink = MemorySink(RATE, 1 << 19)
    heard: list[Floats] = []

    def hear(blocks: int) -> None:
        for _ in range(blocks):
            wait_for(lambda: player.snapshot().lead_seconds > 0.3)
            heard.append(sink.read(BLOCK))

    player = Player(bundle, sink, seed=4)
    with player:
        hear(gap)
        for gesture in gestures:
            takes = sink.takes
            gesture(player)
            wait_for(lambda takes=takes: sink.takes > takes)
            hear(gap)
        hear(round(seconds * RATE / BLOCK))
    assert sink.underruns == 0
    return player, np.concatenate(heard)


def again(player: Player, path: Path) -> tuple[Song, Floats]:
    """What the saved file gives."""
    midi_file(player.journal.passages(), "techno", player.bundle.checksum).save(path)
    spans = {name: (span.low, span.high) for name in TABLE
             if (span := player.bundle.manifest.span(name))}  # fmt: skip
    song = read_midi(path, spans, {}, Voice(0))
    return song, np.concatenate(list(performed(Renderer(player.bundle), song.passages, RATE)))


def moves(rng: np.random.Generator, n: int) -> list[Gesture]:
    """Turns of every knob, chords, new seeds and styles."""

    def turn(name: str, value: float) -> Gesture:
        return lambda player: player.set(name, value)

    out: list[Gesture] = []
    for _ in range(n):
        what = rng.choice(["density", "energy", "tempo", "variation", "chord", "seed", "styles"],
                          p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05])  # fmt: skip
        if what == "chord":
            chord = chroma_of({int(p) for p in rng.choice(12, 3, replace=False)})
            out.append(lambda player, chord=chord: player.set("chroma", chord))
        elif what == "seed":
            seed = int(rng.integers(99))
            out.append(lambda player, seed=seed: player.new_seed(seed))
        elif what == "styles":
            a, b = (int(s) for s in rng.integers(99, size=2))
            out.append(lambda player, a=a, b=b: player.set_styles(a, b))
        else:
            low, high = {"tempo": (110, 160)}.get(what, (TABLE[what].low, TABLE[what].high))
            out.append(turn(what, float(rng.uniform(low, high))))
    return out


def test_a_minute_with_two_hundred_moves_is_made_again(techno: Bundle, tmp_path: Path) -> None:
    gestures = moves(np.random.default_rng(3), 200)
    player, heard = perform(techno, gestures, 52)
    assert len(heard) > 60 * RATE
    _, made = again(player, tmp_path / "take.mid")
    assert played_model(tmp_path / "take.mid") == Played("techno", techno.checksum)
    assert abs(len(made) - len(heard)) <= 1
    n = min(len(made), len(heard))
    for side in (0, 1):
        assert np.corrcoef(heard[:n, side], made[:n, side])[0, 1] > 0.99


def test_loops_and_morphs_are_made_again(techno: Bundle, tmp_path: Path) -> None:
    gestures: list[Gesture] = [
        lambda player: player.loop(1),
        lambda player: player.morph_to(77, 1),
        lambda player: player.loop(None),
        lambda player: player.morph_to(5, 0.5),
    ]
    player, heard = perform(techno, gestures, 500)
    song, made = again(player, tmp_path / "take.mid")
    n = min(len(made), len(heard))
    assert np.corrcoef(heard[:n, 0], made[:n, 0])[0, 1] > 0.99
    assert {voice.style_a for _, voice in song.passages[0].voices} >= {5}
    assert any(voice.loop is not None for _, voice in song.passages[0].voices)


def test_a_place_that_was_sought_is_a_passage_of_its_own(techno: Bundle, tmp_path: Path) -> None:
    gestures: list[Gesture] = [
        lambda player: player.set("density", 12.0),
        lambda player: player.seek(100.3),
        lambda player: player.set("density", 3.0),
    ]
    player, heard = perform(techno, gestures, 300)
    song, made = again(player, tmp_path / "take.mid")
    assert [round(p.start, 6) for p in song.passages] == [0.0, 100.3]
    second = round(song.passages[1].seconds * RATE)
    n = second - RATE // 20
    assert np.corrcoef(heard[-n:, 0], made[-n:, 0])[0, 1] > 0.99


@pytest.mark.parametrize("cut", [0.25, 0.5, 0.9])
def test_a_part_of_a_file_is_refused(
    techno: Bundle, tmp_path: Path, cut: float
) -> None:
    from rtgen.errors import MidiError

    player, _ = perform(techno, moves(np.random.default_rng(1), 3), 60)
    path = tmp_path / "take.mid"
    again(player, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: round(cut * len(whole))])
    with pytest.raises(MidiError, match="no MIDI file"):
        read_midi(path, {"tempo": (100, 180)}, {}, Voice(0))

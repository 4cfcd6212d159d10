"""Options that cannot both be meant: one sentence, and nothing is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtgen.control.performance_reader import read_midi
from rtgen.timeline.voice import Voice
from tests.cli.conftest import Rtgen

RENDER = ("render", "--model", "{tiny}", "-o", "{tmp}/x.wav")
PLAY = ("play", "--model", "{tiny}", "--null", "--seconds", "0.1")
LARGEST = 2**64 - 1
REFUSED = [
    ((*RENDER, "--bars", "1", "--seconds", "5"), "--seconds and --bars contradict each other"),
    ((*RENDER, "--start", "0", "--start-bar", "2"), "--start and --start-bar contradict"),
    ((*RENDER, "--midi", "{tmp}/none.mid", "--start", "-1"), "--start -1 makes no sense"),
    ((*RENDER, "--midi", "{tmp}/none.mid", "--seconds", "nan"), "--seconds nan makes no sense"),
    ((*RENDER, "--style", str(LARGEST + 1)), "--style"),
    ((*RENDER, "--style-b", str(LARGEST + 1)), "--style-b"),
    ((*PLAY, "--device", "nosuch"), "--null and --device contradict each other"),
    ((*PLAY, "--no-midi", "--midi", "foo"), "--midi and --no-midi contradict each other"),
    ((*PLAY, "--no-midi", "--cc", "20=density"), "--cc and --no-midi contradict each other"),
    ((*PLAY, "--no-midi", "--web-name", "studio"), "--web-name goes with --web"),
    ((*PLAY, "--nudge", "nan"), "--nudge nan makes no sense"),
    ((*PLAY, "--nudge", "1e9"), "--nudge 1e+09 makes no sense"),
    ((*PLAY, "--seed", str(LARGEST + 1)), "--seed"),
    ((*PLAY, "--style", str(LARGEST + 1)), "--style"),
    ((*PLAY, "--style-b", str(LARGEST + 1)), "--style-b"),
]


@pytest.mark.parametrize(
    ("arguments", "says"), REFUSED, ids=lambda v: None if isinstance(v, tuple) else v
)
def test_it_is_refused(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    outcome = rtgen(*(word.format(tiny=tiny_folder, tmp=tmp_path) for word in arguments))
    assert outcome.code == 2
    first, second = outcome.err.splitlines()
    assert first.startswith("error: ")
    assert says in first
    assert second.startswith("hint: ")
    assert list(tmp_path.iterdir()) == []


def test_the_largest_seeds_are_played_and_kept(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path
) -> None:
    took = tmp_path / "x.mid"
    outcome = rtgen(
        *("play", "--model", tiny_folder, "--null", "--no-midi", "--seconds", 1),
        *("--seed", LARGEST, "--style", LARGEST, "--style-b", LARGEST, "--performance", took),
    )
    assert outcome.code == 0, outcome
    voice = read_midi(took, {"tempo": (60.0, 200.0)}, {}, Voice(0)).passages[-1].voices[-1][1]
    assert (voice.seed, voice.style_a, voice.style_b) == (LARGEST, LARGEST, LARGEST)


def test_the_help_names_what_is_meant_by_default(rtgen: Rtgen) -> None:
    said = " ".join(rtgen("render", "--help").out.replace("│", " ").split())
    assert "techno if neither" in said
    assert "0 if neither" in said

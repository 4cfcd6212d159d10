"""Verbs that tell: devices, models, the MIDI map, versions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from rtgen import __version__
from rtgen.control.midi_map import DEFAULT_MAPPINGS
from tests.cli.conftest import Rtgen

VERBS = (
    *("play", "render", "devices", "models", "export", "evaluate"),
    *("bench", "doctor", "midi", "corpus", "train"),
)


def test_the_version_is_told(rtgen: Rtgen) -> None:
    assert rtgen("--version").out.strip() == __version__


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(rtgen: Rtgen, verb: str) -> None:
    outcome = rtgen(verb, "--help")
    assert outcome.code == 0
    assert verb in outcome.out


def test_models_are_listed_for_people_and_for_programs(
    rtgen: Rtgen, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTGEN_MODELS", str(tiny_folder.parent))
    assert "tiny" in rtgen("models").out
    rows = json.loads(rtgen("models", "--json").out)
    assert {
        "name": "tiny",
        "folder": str(tiny_folder),
        "style": "techno",
        "licence": "Apache-2.0",
    } in rows


def test_a_damaged_model_does_not_hide_the_others(
    rtgen: Rtgen, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_folder, tmp_path / "good")
    bad = shutil.copytree(tiny_folder, tmp_path / "bad")
    (bad / "manifest.json").write_text("{}")
    monkeypatch.setenv("RTGEN_MODELS", str(tmp_path))
    outcome = rtgen("models")
    assert outcome.code == 0
    assert "good" in outcome.out
    assert "left out: the manifest of bad" in outcome.err


def test_one_model_is_checked_and_described(rtgen: Rtgen, tiny_folder: Path) -> None:
    assert json.loads(rtgen("models", tiny_folder).out)["margins"]["head_left"] == 4


def test_devices_are_told_even_if_there_are_none(rtgen: Rtgen) -> None:
    outcome = rtgen("devices")
    assert outcome.code == 0
    assert outcome.out or "no output device found" in outcome.err
    assert isinstance(json.loads(rtgen("devices", "--json").out), list)


def test_the_map_names_every_default_knob(rtgen: Rtgen) -> None:
    out = rtgen("midi", "map").out
    for mapping in DEFAULT_MAPPINGS:
        assert f"{mapping.number} {mapping.control}" in out


def test_a_clip_of_the_corpus_can_be_heard(rtgen: Rtgen, tmp_path: Path) -> None:
    target = tmp_path / "x.wav"
    outcome = rtgen(
        "corpus", "preview", "--style", "techno", "--seed", 3, "--seconds", 2, "-o", target
    )
    assert outcome.code == 0
    assert target.stat().st_size > 100_000


def test_speed_is_measured_and_told_to_programs(rtgen: Rtgen, tiny_folder: Path) -> None:
    outcome = rtgen("bench", "speed", "--model", tiny_folder, "--seconds", 6, "--runs", 1, "--json")
    assert json.loads(outcome.out)["real_time_factor"]["fp32"]["median"] > 0


def test_latency_is_measured_and_told_to_programs(rtgen: Rtgen, tiny_folder: Path) -> None:
    outcome = rtgen("bench", "latency", "--model", tiny_folder, "--events", 5, "--json")
    assert json.loads(outcome.out)["events"] == 5

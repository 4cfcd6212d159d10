"""Presets: ours are sound, the user's own are kept and win, broken files are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rtgen.control import presets as kept
from rtgen.control.presets import Preset, find, presets, recall, save
from rtgen.control.surface import MidiSurface
from rtgen.errors import ControlError
from tests.fakes.notebook import Notebook


@pytest.fixture(autouse=True)
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / "presets.toml"
    monkeypatch.setattr(kept, "presets_file", lambda: path)
    return path


def test_a_dozen_are_on_programs_1_to_12_and_all_differ() -> None:
    ours = list(presets().values())
    assert sorted(p.program or 0 for p in ours) == list(range(1, 13))
    assert len({tuple(sorted(p.controls.items())) for p in ours}) == 12


def test_one_of_ones_own_comes_back_and_takes_its_program(own_file: Path) -> None:
    mine = Preset('My "best"', 3, {"density": 4.5, "tempo": 133.0}, seed=9)
    assert save(mine) == own_file
    assert find('my "BEST"') == mine
    assert [p for p in presets().values() if p.program == 3] == [mine]
    better = Preset('My "best"', 5, {"density": 6.0})
    save(better, overwrite=True)
    assert find('My "best"') == better
    assert len([p for p in presets().values() if p.program == 3]) == 1  # ours is back


def test_one_of_ones_own_goes_before_ours_in_any_letters() -> None:
    mine = Preset("pEAK", 40, {"density": 1.0})
    save(mine)
    assert find("Peak") == mine


def test_a_program_change_recalls_a_preset() -> None:
    player = Notebook()
    by_program = {p.program: p for p in presets().values()}
    surface = MidiSurface(
        player, (100.0, 180.0), program=lambda number: recall(by_program[number], player)
    )
    surface.receive([0xC2, 2], 0.0)
    assert player.values["tempo"] == find("Peak").controls["tempo"]
    assert player.values["energy"] == find("Peak").controls["energy"]


@pytest.mark.parametrize(
    "text",
    ["[[preset]]\n", "[[preset]]\nname = 3\n", "nonsense", "preset = 3\n",
     '[[preset]]\nname = "x"\nprogram = 0\n', '[[preset]]\nname = "x"\nprogram = 129\n',
     '[[preset]]\nname = "x"\nloudness = 3\n', '[[preset]]\nname = "x"\ntempo = "fast"\n',
     '[[preset]]\nname = "x"\nseed = -1\n', "\x80", 'preset = "x"\n', "preset = [3]\n",
     '[[presets]]\nname = "x"\n', '[[preset]]\nname = ""\n',
     '[[preset]]\nname = "x"\ndensity = 99\n',
     '[[preset]]\nname = "x"\ndensity = true\n', '[[preset]]\nname = "x"\ntempo = nan\n',
     '[[preset]]\nname = "x"\nseed = 18446744073709551616\n',
     f'[[preset]]\nname = "x"\ndensity = 1{"0" * 400}\n',
     f'[[preset]]\nname = "x"\ndensity = 1{"0" * 5000}\n'],
)  # fmt: skip
def test_a_broken_file_is_named(own_file: Path, text: str) -> None:
    own_file.parent.mkdir(parents=True)
    own_file.write_bytes(text.encode("latin-1"))
    for read in (presets, lambda: save(Preset("y"), overwrite=True)):
        with pytest.raises(ControlError, match=re.escape(str(own_file))) as caught:
            read()
        assert "mend it, or move it away" in str(caught.value.hint)
    assert own_file.read_bytes() == text.encode("latin-1")


def test_two_of_one_name_and_a_value_left_to_the_model_outlive_a_save(own_file: Path) -> None:
    own_file.parent.mkdir(parents=True)
    rows = ['[[preset]]\nname = "x"\ndensity = nan\n', '[[preset]]\nname = "x"\ndensity = 2.5\n']
    own_file.write_text("\n".join(rows))
    save(Preset("y"))
    assert own_file.read_text().startswith("\n".join(rows))
    assert find("y") == Preset("y")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ControlError, match="no preset 'nothing'"):
        find("nothing")

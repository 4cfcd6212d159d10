"""The LV2 on a track of Ardour: an export is what `rtgen render` makes, twice the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from tests.hosts.conftest import EngineProcess, Render

RATE = 48000
FRAMES = 10 * RATE
EXPORT_BLOCK = 2048
NEAR = 1e-4
SCRIPT = Path(__file__).with_name("ardour_bounce.lua")
FLOAT_WAV = "20b4ab09-6452-4cb3-bd66-b921cdbd2942"
"""Ardour's own export format `BWAV 32float Export`."""
PRESET = f"""<?xml version="1.0" encoding="UTF-8"?>
<ExportPreset id="75969a1c-3133-4694-864b-a1fa50e43399" name="float">
  <ExportFormat id="{FLOAT_WAV}"/>
  <ExportFilename>
    <Folder relative="1" path="export"/>
    <Field name="timespan" enabled="1"/>
  </ExportFilename>
</ExportPreset>
"""


def bounce(plugin: Path, home: Path) -> npt.NDArray[np.float32]:
    """A new session at Ardour's own 120 beats a minute, exported."""
    runner = shutil.which("ardour7-lua")
    assert runner, "the tests need Ardour: run `make test`, which installs it"
    (home / ".lv2").mkdir(parents=True)
    (home / ".lv2" / plugin.name).symlink_to(plugin)
    presets = home / ".config/ardour7/export"
    presets.mkdir(parents=True)
    (presets / "float.preset").write_text(PRESET)
    out = home / "out"
    out.mkdir()
    done = subprocess.run(
        [runner, str(SCRIPT), str(home / "session"), str(out), str(FRAMES)],
        env={**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    made = out / "out.wav"
    assert made.exists(), done.stdout + done.stderr
    sound, rate = soundfile.read(made, dtype="float32")
    assert (rate, len(sound)) == (RATE, FRAMES)
    return np.asarray(sound)


def is_damaged(sound: npt.NDArray[np.float32], wanted: npt.NDArray[np.float32]) -> bool:
    """Whether Ardour itself spoilt an export: on a busy machine one of some forty has a wild number
    in one sample of every block it writes, and in no other (a plugin that says 0.25 for ever has
    it as well)."""
    strays = np.flatnonzero(np.abs(sound - wanted).max(1) >= NEAR)
    return len(strays) > 1 and bool((np.diff(strays) % EXPORT_BLOCK == 0).all())


def test_two_exports_are_the_same_and_what_render_makes(
    plugins: dict[str, Path], engine: EngineProcess, render: Render, tmp_path: Path
) -> None:
    wanted = render(RATE, 0, FRAMES, tempo=120.0)
    assert np.abs(wanted).max() > 0.1
    exports = (bounce(plugins["lv2"], tmp_path / name) for name in ("a", "b", "c", "d"))
    first, second = islice((x for x in exports if not is_damaged(x, wanted)), 2)
    assert np.array_equal(first, second)
    assert np.abs(first - wanted).max() < NEAR

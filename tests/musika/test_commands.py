"""The commands on an imported bundle: no command knows what kind it is."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtgen.serve.instances import Models
from rtgen.serve.server import Server, socket_path
from rtgen.stream.renderer import Voice
from rtgen.timeline.events import ControlTimeline
from tests.cli.conftest import Rtgen
from tests.fakes.host import Host

FADE = 0.006


def test_it_renders_any_stretch_to_a_file(
    bundles: dict[str, Path], tmp_path: Path, rtgen: Rtgen
) -> None:
    sounds = []
    for start, seconds in ((0, 14), (9, 4)):
        target = tmp_path / f"{start}.wav"
        done = rtgen(
            *("render", "-m", bundles["small"], "-s", 3, "--set", "variation=0.5"),
            *("--start", start, "--seconds", seconds, "-o", target),
        )
        assert (done.code, done.err) == (0, "")
        sounds.append(soundfile.read(target)[0])
    assert np.array_equal(sounds[0][9 * 44100 : 13 * 44100], sounds[1])
    assert sounds[1].std() > 0.01


RENDER, PLAY = ("render", "-o", "{top}/x.wav"), ("play", "--null", "--seconds", "1")


@pytest.mark.parametrize(
    ("command", "setting"),
    [
        (RENDER, "density=5"),
        (RENDER, "density=2:9"),
        (RENDER, "energy=0.2@3"),
        (RENDER, "tempo=120"),
        (RENDER, "chroma=C,E,G"),
        (PLAY, "density=5"),
        (PLAY, "chroma=any"),
    ],
)
def test_a_control_that_it_lacks_is_refused_in_one_sentence(
    bundles: dict[str, Path], tmp_path: Path, rtgen: Rtgen, command: tuple[str, ...], setting: str
) -> None:
    words = [word.format(top=tmp_path) for word in command]
    refused = rtgen(*words, "-m", bundles["small"], "--set", setting)
    name = setting.split("=")[0]
    assert refused.code == 2
    assert refused.err == f"error: small has no {name}\nhint: its controls are variation, morph\n"
    assert not (tmp_path / "x.wav").exists()


def test_it_has_no_bars(bundles: dict[str, Path], rtgen: Rtgen) -> None:
    refused = rtgen("render", "-m", bundles["small"], "--bars", 4)
    assert refused.code == 2
    assert refused.err.startswith("error: small has no beat, so it has no bars\n")


def test_a_condition_is_a_control_like_others(
    bundles: dict[str, Path], tmp_path: Path, rtgen: Rtgen
) -> None:
    for value in (1, 15):
        done = rtgen(
            *("render", "-m", bundles["older conditional"], "--set", f"density={value}"),
            *("--seconds", 2, "-o", tmp_path / f"{value}.wav"),
        )
        assert (done.code, done.err) == (0, "")
    low, high = (soundfile.read(tmp_path / f"{value}.wav")[0] for value in (1, 15))
    assert np.abs(low - high).max() > 1e-3


def test_it_plays_and_what_was_played_is_made_again(
    bundles: dict[str, Path], tmp_path: Path, rtgen: Rtgen
) -> None:
    recorded, again = tmp_path / "played.wav", tmp_path / "again.wav"
    played = rtgen(
        *("play", "-m", bundles["small"], "--null", "--no-midi", "--seconds", 1, "--seed", 5),
        *("--record", recorded, "--rate", 44100),
    )
    assert played.code == 0
    assert re.match(r"played \d\.\d s of seed 5, 0 underruns, \d+ x real time\n", played.err)
    performance = re.search(r"the performance is in (.+\.mid)\n", played.err)
    assert performance is not None, played.err
    made = rtgen("render", "--midi", performance[1], "-m", bundles["small"], "-o", again)
    assert (made.code, made.err) == (0, "")
    heard, same = (soundfile.read(path)[0] for path in (recorded, again))
    start = round(FADE * 44100)
    length = min(len(heard), len(same))
    assert length > 22050
    assert np.abs(heard[start:length] - same[start:length]).max() < 1e-4


def test_it_is_listed_and_described(
    bundles: dict[str, Path], rtgen: Rtgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTGEN_MODELS", str(bundles["small"].parent))
    listed = rtgen("models")
    assert listed.code == 0
    assert re.search(r"^small +musika 44.1 kHz small, CC-BY-4.0, 0.\d MiB$", listed.out, re.M)
    described = json.loads(rtgen("models", "small").out)
    assert (described["kind"], described["half_latents"]) == ("half-windows", 64)


def test_a_plugin_bounces_it(
    bundles: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTGEN_RUNTIME", str(tmp_path / "run"))
    models = Models(str(bundles["small"]))
    with Server(models) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        with Host(socket_path()) as host:
            host.locate(0, playing=True, offline=True, tempo=137.0, seed=5)
            heard = host.bounce(0, 2 * 44100)
        server.stop()
        thread.join()
    wanted = models.renderer("").render(Voice(5), ControlTimeline(), 0, 44)[: 2 * 44100]
    edge = round(FADE * 44100)
    assert np.abs(heard[edge:] - wanted[edge:]).max() < 1e-4
    assert np.abs(wanted).max() > 0.1

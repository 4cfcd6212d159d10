"""An imported bundle in the engine: any stretch, any order, the same bits, the published sound."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from rtgen.audio.resample import Resampler
from rtgen.bundle.half_windows import HalfWindowManifest
from rtgen.bundle.load import Bundle, load_bundle
from rtgen.errors import BundleError
from rtgen.musika.nets import DecoderNet, GeneratorNet
from rtgen.musika.variants import Checkpoint
from rtgen.stream.offline import samples
from rtgen.stream.player import Player
from rtgen.stream.renderer import Renderer, Voice
from rtgen.stream.sessions import Nets
from rtgen.stream.sink import MemorySink
from rtgen.timeline.coordinates import Loop
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.half_line import half_line, half_style
from rtgen.timeline.noise import GROUP_NOISE, HALF_NOISE, normal

HOP = 2048
VOICE = Voice(seed=21)
KINDS = ("small", "older conditional")


def plain(**defaults: float) -> ControlTimeline:
    return ControlTimeline(dict(defaults))


def half_frames(bundle: Bundle) -> int:
    manifest = bundle.manifest
    assert isinstance(manifest, HalfWindowManifest)
    return manifest.half_latents // manifest.group_latents * manifest.group_frames


def published(checkpoint: Checkpoint, halves: int, seed: int, condition: float) -> np.ndarray:
    """The published chain over some halves in one go: (samples, 2) at the model's own rate."""
    v, n = checkpoint.variant, checkpoint.variant.half_latents
    generator, decoder = GeneratorNet(checkpoint), DecoderNet(checkpoint)
    line = half_line(seed, 0, halves * n, v.anchor_latents, v.first_coordinate, 64, v.anchor_bound)
    parts = [line, np.tile(half_style(seed, 64, v.style_bound), (halves * n, 1))]
    if checkpoint.conditional:
        parts.append(np.full((halves * n, 1), condition, np.float32))
    coordinates = torch.from_numpy(np.concatenate(parts, 1)).reshape(halves, n, -1)
    tape = torch.from_numpy(normal(seed, HALF_NOISE, 0, halves, 4096))
    with torch.no_grad():
        latents = generator(coordinates, tape).reshape(-1, v.group_latents, 128)
        groups = len(latents)
        tapes = torch.from_numpy(normal(seed, GROUP_NOISE, 0, 2 * groups, 4096))
        sides = []
        for side in range(2):
            magnitude, phase = decoder(latents[..., 64 * side :][..., :64], tapes[side::2])
            level = magnitude.reshape(-1, 513).numpy() * 75 - 25
            amplitude = np.sqrt(10 ** (0.1 * level) + 1e-7)
            spectrum = amplitude * np.exp(1j * np.pi * phase.reshape(-1, 513).numpy())
            hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
            sound = np.zeros(256 * (len(spectrum) + 3))
            for k, frame in enumerate(np.fft.irfft(spectrum, 1024)):
                sound[256 * k : 256 * k + 1024] += frame * hann / 1.5
            sides.append(np.clip(sound, -1, 1))
    return np.stack(sides, 1)


@pytest.mark.parametrize("variant", ["full", *KINDS])
def test_the_stream_is_what_the_published_chain_makes(
    bundles: dict[str, Path], checkpoints: dict[str, Checkpoint], variant: str
) -> None:
    bundle = load_bundle(bundles[variant])
    halves = 3 if variant == "small" else 2
    wanted = published(checkpoints[variant], halves, 21, 7 / 18)  # density's default of 0..18
    frames = halves * half_frames(bundle)
    made = Renderer(bundle).render(VOICE, plain(), 0, frames)
    widening = 44100 // checkpoints[variant].variant.rate
    own = made[::widening]  # what lies between is interpolated
    assert len(own) == len(wanted) - 768
    # A level of 1 stands for 50 dB: the last digits of the nets are heard three hundredfold.
    off = np.abs(own - wanted[: len(own)])
    assert off.max() < 1e-3
    assert np.sqrt(np.mean(off**2)) < 1e-5
    assert wanted.std() > 0.02
    assert not np.allclose(wanted[:, 0], wanted[:, 1])


@pytest.mark.parametrize("variant", KINDS)
def test_any_stretch_is_cut_from_the_same_stream(bundles: dict[str, Path], variant: str) -> None:
    bundle = load_bundle(bundles[variant])
    half = half_frames(bundle)
    whole = Renderer(bundle).render(VOICE, plain(), 0, 2 * half + 20)
    chance = np.random.default_rng(5)
    cuts = [(0, half), (half, half), (half - 1, 2), (2 * half + 3, 5), (half // 2, 1)]
    cuts += [(int(chance.integers(2 * half)), int(chance.integers(1, 20))) for _ in range(6)]
    for first, n in cuts:
        fresh = Renderer(bundle)
        for make in (fresh.render, fresh.block):
            assert np.array_equal(
                make(VOICE, plain(), first, n), whole[first * HOP : (first + n) * HOP]
            )


@pytest.mark.parametrize("first", [10**6, 10**9])
def test_a_far_place_is_made_alone(bundles: dict[str, Path], first: int) -> None:
    bundle = load_bundle(bundles["small"])
    seldom, often = Renderer(bundle), Renderer(bundle)
    at_once = seldom.block(VOICE, plain(), first, 40)
    singly = [often.block(VOICE, plain(), first + k, 1) for k in reversed(range(40))]
    assert np.array_equal(np.concatenate(singly[::-1]), at_once)
    assert at_once.std() > 0.01
    assert seldom.frames_made == 40


@pytest.mark.parametrize("variant", KINDS)
def test_halves_and_groups_meet_without_a_step(bundles: dict[str, Path], variant: str) -> None:
    bundle = load_bundle(bundles[variant])
    half = half_frames(bundle)
    sound = Renderer(bundle).render(VOICE, plain(), 0, 3 * half)
    step = np.abs(np.diff(sound, axis=0)).max(1)
    joins = [k * half * HOP - 1 for k in (1, 2)]
    assert max(step[join] for join in joins) < np.quantile(step, 0.999)


def test_the_same_bits_in_another_process_at_any_thread_count(bundles: dict[str, Path]) -> None:
    code = (
        "import hashlib, sys; from rtgen import load_bundle, Renderer, ControlTimeline;"
        "from rtgen.stream.renderer import Voice;"
        "r = Renderer(load_bundle(sys.argv[1]), threads=int(sys.argv[2]));"
        "x = r.render(Voice(3), ControlTimeline(), 500, 40);"
        "print(hashlib.sha256(x.tobytes()).hexdigest(), 'torch' in sys.modules)"
    )
    here = Renderer(load_bundle(bundles["small"])).render(Voice(3), plain(), 500, 40)
    wanted = f"{hashlib.sha256(here.tobytes()).hexdigest()} False"
    for threads in ("1", "2"):
        command = [sys.executable, "-c", code, str(bundles["small"]), threads]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == wanted


@pytest.mark.parametrize("name", ["variation", "morph", "density"])
def test_a_control_changes_only_what_comes_after_it(bundles: dict[str, Path], name: str) -> None:
    renderer = Renderer(load_bundle(bundles["older conditional"]))
    voice = Voice(21, style_b=4)
    still, moved = plain(), plain()
    moved.set(name, {"variation": 0.0, "morph": 1.0, "density": 18.0}[name], 37)
    before, after = (renderer.block(voice, t, 16, 80) for t in (still, moved))
    # A group of 16 frames takes the values at its first frame.
    border = (48 - 16) * HOP
    assert np.array_equal(before[:border], after[:border])
    assert np.abs(before[border + HOP :] - after[border + HOP :]).max() > 1e-3


def test_seeds_and_styles_are_different_music(bundles: dict[str, Path]) -> None:
    renderer = Renderer(load_bundle(bundles["small"]))
    made = [renderer.block(v, plain(), 8, 16) for v in (Voice(1), Voice(2), Voice(1, style_a=9))]
    for k in range(3):
        assert np.abs(made[k] - made[(k + 1) % 3]).mean() > 1e-3


@pytest.mark.parametrize("length", [30, 30.4])
def test_a_loop_repeats_and_its_joins_are_faded(bundles: dict[str, Path], length: float) -> None:
    renderer, loop = Renderer(load_bundle(bundles["small"])), Loop(11, length)
    straight = renderer.block(VOICE, plain(), 0, 140).reshape(140, HOP, 2)
    looped = renderer.block(Voice(21, loop=loop), plain(), 0, 140).reshape(140, HOP, 2)
    folded = loop.fold(np.arange(140))
    repeats = [k for k in range(1, 140) if folded[k] != folded[k - 1] + 1]
    assert len(repeats) == 4
    kept = np.setdiff1d(np.arange(140), repeats)
    assert np.array_equal(looped[kept], straight[folded[kept]])
    steps = np.abs(np.diff(looped.reshape(-1, 2), axis=0)).max(1)
    for k in repeats:
        assert steps[k * HOP - 1] < np.quantile(steps, 0.999)
        assert np.abs(looped[k, -1] - straight[folded[k], -1]).max() < 0.02
    alone = renderer.block(Voice(21, loop=loop), plain(), repeats[1], 1)
    assert np.array_equal(alone, looped[repeats[1]])


def test_after_a_loop_the_music_goes_on_from_where_it_was(bundles: dict[str, Path]) -> None:
    renderer = Renderer(load_bundle(bundles["small"]))
    freed = renderer.block(Voice(21, shift=60), plain(), 100, 9)
    assert np.array_equal(freed, renderer.block(VOICE, plain(), 40, 9))


def test_what_such_a_model_cannot_do_is_said(bundles: dict[str, Path]) -> None:
    bundle = load_bundle(bundles["small"])
    with pytest.raises(BundleError, match=r"has no decoder.int8.onnx"):
        Renderer(bundle, "int8")
    with pytest.raises(BundleError, match="small is a bundle of half-windows, not of frames"):
        Nets(bundle)


def test_a_manifest_with_numbers_that_its_graphs_do_not_bear_out_is_refused(
    bundles: dict[str, Path], tmp_path: Path
) -> None:
    copy = shutil.copytree(bundles["small"], tmp_path / "small")
    facts = json.loads((copy / "manifest.json").read_text())
    generator = (copy / "generator.onnx").read_bytes()
    # Truncated in the middle of its weights, under a checksum that fits.
    damaged = generator.replace(b"MatMul", b"Concat")
    (copy / "generator.onnx").write_bytes(damaged)
    facts["files"]["generator.onnx"]["sha256"] = hashlib.sha256(damaged).hexdigest()
    (copy / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(BundleError) as caught:
        Renderer(load_bundle(copy))
    assert "\n" not in str(caught.value)


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the player did not get there"
        time.sleep(0.005)


@pytest.mark.parametrize("rate", [44100, 48000])
def test_what_is_heard_live_is_what_a_rendering_gives(bundles: dict[str, Path], rate: int) -> None:
    bundle, sink = load_bundle(bundles["small"]), MemorySink(rate, 1 << 19)
    with Player(bundle, sink, seed=4) as player:
        wait_for(lambda: player.snapshot().lead_seconds >= 1.5)
        player.set("density", 3.0)  # a knob of a surface that this model does not obey
        time.sleep(0.05)
        assert sink.takes == 1
        heard = [sink.read(256) for _ in range(100)]
        player.set("variation", 0.0)
        wait_for(lambda: sink.takes == 2 and player.snapshot().lead_seconds >= 1.5)
        heard += [sink.read(256) for _ in range(200)]
        timeline = player.timeline
        assert set(player.snapshot().controls) == {"variation", "morph"}
    sound = np.concatenate(heard)
    again = samples(Renderer(bundle), Voice(4), timeline, Resampler(rate), 0, len(sound))
    assert sink.underruns == 0
    assert np.abs(sound - again).max() < 1e-5


def test_a_jump_lands_where_a_rendering_starts(bundles: dict[str, Path]) -> None:
    bundle, sink = load_bundle(bundles["small"]), MemorySink(44100, 1 << 19)
    with Player(bundle, sink, seed=4) as player:
        wait_for(lambda: player.snapshot().lead_seconds >= 1.0)
        player.seek(3600.0)
        wait_for(lambda: sink.takes == 2 and player.snapshot().lead_seconds >= 1.0)
        heard = np.concatenate([sink.read(256) for _ in range(50)])
    at = 3600 * 44100
    wanted = samples(Renderer(bundle), Voice(4), plain(), Resampler(44100), at, len(heard))
    assert np.abs(heard - wanted).max() < 1e-5

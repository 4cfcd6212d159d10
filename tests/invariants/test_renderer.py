"""The invariants of the design, on the shipped bundle."""

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtgen.audio.synthesis import CHUNK_FRAMES
from rtgen.stream.renderer import BLOCK_FRAMES, Renderer, Voice
from rtgen.timeline.events import ControlTimeline

HOP = 2048
VOICE = Voice(seed=21)


def timeline() -> ControlTimeline:
    out = ControlTimeline({"tempo": 126.0})
    out.set("density", 12.0, 90)
    out.set("tempo", 140.0, 120, ramp_frames=40)
    out.set("chroma", (0.5, 0, 0, 0, 0, 0, 0, 0.5, 0, 0, 0, 0), 150)
    return out


@pytest.fixture(scope="module")
def renderer(techno):
    return Renderer(techno)


@pytest.fixture(scope="module")
def whole(renderer):
    return renderer.render(VOICE, timeline(), 0, 320)


def test_the_stream_sounds(whole):
    assert np.isfinite(whole).all()
    assert np.abs(whole).max() <= 1.0
    assert whole[20 * HOP :].std() > 0.02
    assert not np.array_equal(whole[:, 0], whole[:, 1])


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=st.integers(0, 300), n=st.integers(1, 20))
def test_any_chunk_off_the_grid_equals_the_whole(renderer, whole, first, n):
    n = min(n, 320 - first)
    part = renderer.block(VOICE, timeline(), first, n)
    assert np.abs(part - whole[first * HOP : (first + n) * HOP]).max() < 1e-5


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(1, 255), max_size=4, unique=True))
def test_chunks_on_the_grid_are_equal_to_the_bit(renderer, whole, cuts):
    bounds = [0, *sorted(cuts), 256]
    parts = [renderer.render(VOICE, timeline(), a, b - a) for a, b in pairwise(bounds)]
    assert np.array_equal(np.concatenate(parts), whole[: 256 * HOP])


def test_int8_is_equal_to_the_bit_on_the_grid(techno):
    renderer = Renderer(techno, "int8")
    long = renderer.render(VOICE, timeline(), 0, 192)
    assert np.array_equal(renderer.render(VOICE, timeline(), 70, 60), long[70 * HOP : 130 * HOP])


@pytest.mark.parametrize("first", [10**6, 10**9])
def test_a_far_position_costs_no_more_frames(techno, first):
    renderer = Renderer(techno)
    samples = renderer.render(VOICE, timeline(), first + 3, 5)
    assert renderer.frames_made <= 2 * BLOCK_FRAMES
    assert samples.std() > 0.005
    again = renderer.block(VOICE, timeline(), first + 3, 5)
    assert np.abs(samples - again).max() < 1e-5


def test_a_control_changes_only_what_comes_after_it(renderer):
    frame = 100
    plain, steered = timeline(), timeline()
    for name, value in (("density", 1.0), ("energy", 0.1), ("variation", 0.2), ("morph", 1.0)):
        steered.set(name, value, frame)
    steered.set("chroma", (0.0, 1.0) + (0.0,) * 10, frame)
    voice = Voice(seed=21, style_b=5)
    before = renderer.block(voice, plain, 64, 64)
    after = renderer.block(voice, steered, 64, 64)
    # The decoder looks one frame ahead, and a frame reaches 1280 samples beyond itself.
    border = (frame - 1 - 64) * HOP - 1280
    # Which carriers sound at all is found by the chunk, and sums of fewer round otherwise.
    chunk = border // (CHUNK_FRAMES * HOP) * CHUNK_FRAMES * HOP
    assert chunk > 0
    assert np.array_equal(before[:chunk], after[:chunk])
    assert np.abs(before[:border] - after[:border]).max() < 1e-6
    assert np.abs(before[border + 2 * HOP :] - after[border + 2 * HOP :]).max() > 0.01


@pytest.mark.parametrize("name", ["density", "energy", "variation", "tempo"])
def test_every_control_is_heard(renderer, name):
    low, high = {"density": (1, 14), "energy": (0.2, 1), "variation": (0, 1), "tempo": (110, 160)}[
        name
    ]
    a, b = (renderer.block(VOICE, ControlTimeline({name: v}), 128, 64) for v in (low, high))
    assert np.abs(a - b).mean() > 1e-3


def test_seeds_and_styles_are_different_music(renderer):
    plain = ControlTimeline()
    made = [renderer.block(v, plain, 64, 32) for v in (Voice(1), Voice(2), Voice(1, style_a=9))]
    for i in range(3):
        assert np.abs(made[i] - made[(i + 1) % 3]).mean() > 1e-3


def test_the_same_bits_in_another_process_at_any_thread_count(techno):
    code = (
        "import hashlib, sys; from rtgen import load_bundle, Renderer, ControlTimeline;"
        "from rtgen.stream.renderer import Voice;"
        "r = Renderer(load_bundle(sys.argv[1]), threads=int(sys.argv[2]));"
        "x = r.render(Voice(3), ControlTimeline(), 500, 70);"
        "print(hashlib.sha256(x.tobytes()).hexdigest())"
    )
    prints = set()
    for threads, blas in (("1", "1"), ("2", "2"), ("1", "2")):
        out = subprocess.run(
            [sys.executable, "-c", code, str(techno.folder), threads],
            env=os.environ | {"OPENBLAS_NUM_THREADS": blas, "OMP_NUM_THREADS": blas},
            capture_output=True,
            text=True,
            check=True,
        )
        prints.add(out.stdout.strip())
    assert len(prints) == 1


def test_importing_rtgen_loads_nothing_heavy():
    code = (
        "import sys, rtgen; heavy = {'torch', 'onnxruntime', 'scipy', 'matplotlib', 'soundfile',"
        "'sounddevice', 'numpy', 'starlette'}; print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_playing_loads_no_torch_and_no_slow_part_of_scipy():
    code = (
        "import sys, rtgen.cli.main, rtgen.stream.player, rtgen.output.sound_card;"
        "import rtgen.bundle.load;"
        "heavy = {'torch', 'matplotlib', 'scipy.signal', 'starlette', 'librosa', 'onnx'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"

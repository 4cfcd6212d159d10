"""The synthesis against plain formulas, and cut against whole."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rtgen.audio import carriers, synthesis
from rtgen.audio.amplitudes import amplitudes
from rtgen.audio.synthesis import CHUNK_FRAMES, HOP, DecodedFrames
from tests.audio import plain_synthesis as plain


def frames(count: int, seed: int = 0) -> DecodedFrames:
    rng = np.random.default_rng(seed)
    return DecodedFrames(
        rng.uniform(-10, -4, (count, 1152)).astype(np.float32),
        rng.uniform(-3, 0, (count, 24)).astype(np.float32),
        rng.uniform(-9, -4, (count, 1024)).astype(np.float32),
        rng.uniform(-0.3, 0.3, (count, 64)).astype(np.float32),
    )


def silent(count: int) -> DecodedFrames:
    low = np.float32(synthesis.LOG_FLOOR)
    return DecodedFrames(
        np.full((count, 1152), low),
        np.full((count, 24), low),
        np.full((count, 1024), low),
        np.zeros((count, 64), np.float32),
    )


@pytest.mark.parametrize("first", [0, 7, 10**9])
def test_a_held_carrier_is_a_sinusoid_at_any_position(first):
    decoded = silent(5)
    decoded.tones.reshape(-1, 288)[:, 135] = np.log(0.5)  # A4
    mid = synthesis.tones(decoded, first)[0]
    n = np.arange(first * HOP, first * HOP + len(mid))
    turns = (
        n.astype(object) * int(carriers.increments()[135]) + int(carriers.offsets()[135])
    ) % 2**32
    wanted = 0.5 * np.cos(2 * np.pi * turns.astype(float) / 2**32)
    # What is left out of a carrier's spectrum lies 110 dB below it.
    assert np.abs(mid - wanted).max() < 0.5e-5
    assert abs(carriers.carrier_hz()[135] - 440.0) < 1e-9


@pytest.mark.parametrize("count", [3, CHUNK_FRAMES + 2, 2 * CHUNK_FRAMES + 5])
@pytest.mark.parametrize("first", [1, 12_345_678])
def test_it_is_what_the_plain_formulas_say(count, first):
    decoded = frames(count, seed=count)
    decoded.tones.reshape(-1, 288)[:, 200:] = -9.0
    wanted = plain.synthesise(decoded, first, 7)
    assert wanted.std() > 0.1
    assert np.abs(synthesis.synthesise(decoded, first, 7) - wanted).max() < 2e-6


def test_amplitudes_have_a_floor_and_a_ceiling():
    log = np.array([-20.0, -9.0, -8.999, 0.0, 1.5, 2.0, 7.0], np.float32)
    assert np.allclose(amplitudes(log), plain.amplitudes(log, -9.0), rtol=1e-6, atol=0)
    assert not amplitudes(log)[:2].any()
    assert amplitudes(log)[-1] == np.exp(np.float32(2))


def test_a_carrier_that_fades_out_goes_without_a_step():
    levels = []
    for said in np.arange(-5.5, -8.6, -0.1):
        decoded = silent(4)
        decoded.tones.reshape(-1, 288)[:, 135] = said
        levels.append(np.abs(synthesis.tones(decoded, 9)[0]).max())
    assert levels[0] == pytest.approx(np.exp(-5.5), rel=0.01)
    assert (np.diff(levels) <= 0).all()
    assert levels[-1] == 0
    last = [level for level in levels if level > 0][-1]
    assert last < 2e-4  # -74 dB: where the loudest of a step could be


def test_threads_do_not_share_what_they_work_in():
    made = [frames(CHUNK_FRAMES, seed) for seed in range(8)]
    alone = [synthesis.synthesise(decoded, 40, 1) for decoded in made]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda d: synthesis.synthesise(d, 40, 1), made * 4))
    for k, samples in enumerate(together):
        assert np.array_equal(samples, alone[k % 8])


def test_the_low_band_passes_what_it_can_hold():
    q = np.arange(64 * 12)
    tone = np.sin(2 * np.pi * 55.0 / 44100 * (32 * q + 16)).astype(np.float32)
    decoded = silent(12)
    decoded.low[:] = tone.reshape(12, 64)
    out = synthesis.low(decoded)
    n = np.arange(HOP, HOP + len(out))
    assert np.abs(out - np.sin(2 * np.pi * 55.0 / 44100 * n)).max() < 1e-3


def test_any_cut_equals_the_whole():
    decoded = frames(14)
    whole = synthesis.synthesise(decoded, 101, 5)
    for low, high in ((0, 1), (3, 9), (11, 12)):
        part = synthesis.synthesise(decoded[low : high + 2], 101 + low, 5)
        assert np.abs(part - whole[low * HOP : high * HOP]).max() < 1e-6


def test_silence_is_silent_and_the_ceiling_holds():
    assert not synthesis.synthesise(silent(4), 0, 0).any()
    loud = synthesis.soft_ceiling(np.linspace(-4, 4, 1001, dtype=np.float32))
    assert np.abs(loud).max() <= 1.0
    assert np.all(np.diff(loud) >= 0)
    assert np.abs(loud - plain.soft_ceiling(np.linspace(-4, 4, 1001))).max() < 1e-6
    quiet = np.linspace(-0.8, 0.8, 11, dtype=np.float32)
    assert np.array_equal(synthesis.soft_ceiling(quiet), quiet)

"""What the ear makes of an envelope is what librosa makes of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from librosa.feature import tempo
from librosa.onset import onset_detect, onset_strength

from rtgen.nets.ear import (
    ENVELOPE_HOP,
    LEFT,
    OCTAVES,
    ONSET_DELTA,
    PER_FRAME,
    RIGHT,
    Ear,
    onsets_per_second,
    tempo_lead,
)
from rtgen.timeline.units import RATE

SECONDS = 10.0


def clicks(per_second: float, loudness: np.ndarray | None = None) -> np.ndarray:
    """An envelope (N,) as librosa hears it of short noises, of turning loudness."""
    chance = np.random.default_rng(3)
    mono = np.zeros(round(SECONDS * RATE))
    for k, at in enumerate(np.arange(0.2, SECONDS - 0.2, 1 / per_second)):
        first = round(at * RATE)
        gain = 1.0 if loudness is None else loudness[k % len(loudness)]
        mono[first : first + 1500] += gain * chance.standard_normal(1500) * np.exp(
            -np.arange(1500) / 300
        )
    return onset_strength(y=mono.astype(np.float32), sr=RATE, hop_length=ENVELOPE_HOP)


def batch(*envelopes: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.stack(envelopes).astype(np.float32))


@pytest.mark.parametrize("per_second", [1.0, 3.0, 7.0, 13.0])
def test_it_counts_the_onsets_that_librosa_picks(per_second: float) -> None:
    envelope = clicks(per_second)
    picked = onset_detect(
        onset_envelope=envelope, sr=RATE, hop_length=ENVELOPE_HOP, delta=ONSET_DELTA
    )
    counted = onsets_per_second(batch(envelope)).item()
    assert counted == pytest.approx(len(picked) / SECONDS, abs=0.12 * per_second + 0.1)
    assert counted == pytest.approx(per_second, rel=0.2)


def test_more_that_can_just_be_heard_counts_as_more() -> None:
    envelope = batch(clicks(6.0, np.array([1.0, 0.004]))).requires_grad_(True)
    count = onsets_per_second(envelope).sum()
    count.backward()
    assert envelope.grad is not None
    more = onsets_per_second((envelope + 200 * envelope.grad).detach()).sum()
    assert more > count + 0.05


def test_a_tempo_is_ahead_where_librosa_hears_it() -> None:
    clear = []
    for accents in ([1, 0.05, 0.05, 0.05], [1, 0.1, 0.7, 0.1], [1, 0.02, 0.02]):
        for bpm in (100.0, 124.0, 150.0, 176.0):
            envelope = clicks(4 * bpm / 60, np.array(accents))
            found = float(tempo(onset_envelope=envelope, sr=RATE, hop_length=ENVELOPE_HOP)[0])
            heard = min(abs(found / octave / bpm - 1) for octave in OCTAVES) < 0.04
            lead = tempo_lead(batch(envelope), torch.tensor([bpm])).item()
            if abs(lead) > 0.05:
                clear.append((lead > 0, heard))
    assert len(clear) >= 8
    assert all(ahead == heard for ahead, heard in clear)
    assert {heard for _, heard in clear} == {True, False}


def test_other_tempi_are_behind() -> None:
    envelope = clicks(124.0 / 60)
    leads = tempo_lead(batch(envelope, envelope, envelope), torch.tensor([124.0, 140.0, 93.0]))
    assert leads[0] > 0.1
    assert (leads[1:] < -0.1).all()


def test_a_frame_of_it_depends_on_the_latents_around_only() -> None:
    torch.manual_seed(0)
    ear, latents = Ear(), torch.randn(1, 30, 64)
    whole = ear(latents)
    assert whole.shape == (1, (30 - LEFT - RIGHT) * PER_FRAME)
    part = ear(latents[:, 5 : 5 + LEFT + 1 + RIGHT])
    torch.testing.assert_close(part[0], whole[0, 5 * PER_FRAME : 6 * PER_FRAME])

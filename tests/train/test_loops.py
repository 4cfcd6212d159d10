"""The training loops run, save, and go on where they stopped."""

import json
import warnings

import numpy as np
import pytest
import soundfile
import torch
from safetensors import safe_open

from rtgen.corpus.piano import render_piano
from rtgen.nets.generator import Generator
from rtgen.timeline.conditioning import BEAT_SLOTS, build_conditioning
from rtgen.train import autoencoder, gan, gan_inputs
from rtgen.train.averaging import Average
from rtgen.train.batches import Clip, Reservoir
from rtgen.train.checkpoints import load_checkpoint, save_checkpoint
from rtgen.train.gan_losses import mismatched, pairing, penalty
from rtgen.train.latents import GROUPS, free_some
from rtgen.train.plan import Plan
from rtgen.train.schedule import Schedule

EACH = Schedule(reconstruct=1, adversarial=1, compress=1, refine=1, settle=1)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tensorboard's own
        first = autoencoder.run(folder / "ae", EACH, batch=2, clips=2)
        patch = pytest.MonkeyPatch()
        patch.setattr(gan_inputs, "READER_STEPS", 2)
        second = gan.run(Plan(folder / "gan", first, steps=2, batch=2, clips=2))
        patch.undo()
    return first, second


def facts(path):
    with safe_open(path, "pt") as file:
        return json.loads(file.metadata()["facts"])


@pytest.mark.filterwarnings("ignore")
def test_a_run_goes_on_where_it_stopped(runs):
    said = facts(runs[0])
    assert (said["step"], said["phase"], said["phase step"]) == (5, "settle", 1)
    before = runs[0].read_bytes()
    assert autoencoder.run(runs[0].parent, EACH) == runs[0]
    assert runs[0].read_bytes() == before
    autoencoder.run(runs[0].parent, EACH.model_copy(update={"settle": 2}), batch=2, clips=2)
    assert facts(runs[0])["step"] == 6
    gan.run(Plan(runs[1].parent, runs[0], steps=3, batch=2, clips=2))
    assert facts(runs[1])["step"] == 3
    for path, name in ((runs[0], "reconstructed-000006"), (runs[1], "generated-000003")):
        samples, rate = soundfile.read(path.parent / "previews" / f"{name}.wav")
        assert rate == 44100
        assert samples.shape[1] == 2
        assert len(samples) > 5 * rate
    assert facts(runs[1])["recipe"] == Generator().recipe.model_dump() | {
        "trunk_dilations": [1, 2, 4, 8],
        "head_dilations": [1, 2, 4, 8, 1, 2, 4, 8],
    }


def test_a_checkpoint_is_whole_or_the_old_one(tmp_path):
    net = torch.nn.Linear(3, 2)
    path = tmp_path / "x.safetensors"
    save_checkpoint(path, {"net": net}, {"mean": torch.ones(2)}, {"step": 7})
    other = torch.nn.Linear(3, 2)
    extra, said = load_checkpoint(path, {"net": other})
    assert torch.equal(net.weight, other.weight)
    assert said == {"step": 7}
    assert torch.equal(extra["mean"], torch.ones(2))
    assert [p.name for p in tmp_path.iterdir()] == ["x.safetensors"]


def test_the_average_follows_by_its_half_life():
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(net.weight)
    average = Average(net, half_life_steps=10)
    torch.nn.init.ones_(net.weight)
    for _ in range(10):
        average.update(net, step=10_000)
    assert average.module.weight.item() == pytest.approx(0.5, abs=1e-4)


def test_controls_of_a_style_without_a_beat_say_nothing_of_it_and_mismatch_elsewhere():
    labels = [render_piano(seed, 24).labels for seed in range(6)]
    given = np.ones(24, bool)
    controls = torch.from_numpy(
        np.stack(
            [
                build_conditioning(
                    x.beat_position, x.tempo_bpm, x.density, x.energy, x.chroma, *[given] * 3
                )
                for x in labels
            ]
        )
    )
    assert not controls[..., :BEAT_SLOTS].any()
    assert controls.isfinite().all()
    wrong = mismatched(controls, np.random.default_rng(0))
    assert sum(not torch.equal(a, b) for a, b in zip(wrong, controls, strict=True)) >= 5
    assert not wrong[..., :BEAT_SLOTS].any()


def test_a_worker_that_fails_is_heard_of():
    store = Reservoir(Clip, "polka", range(10), 4)
    try:
        with pytest.raises(KeyError, match="polka"):
            store.fill(2)
        with pytest.raises(KeyError, match="polka"):
            store.draw(np.random.default_rng(0), 1)
    finally:
        store.close()


def test_losses_point_the_right_way():
    good, bad = torch.tensor([2.0]), torch.tensor([-2.0])
    assert pairing(good, bad) < pairing(bad, good)

    def critic(z, _controls):
        return 3.0 * z.sum((1, 2))

    z = torch.randn(2, 5, 4)
    assert penalty(critic, z, z).item() == pytest.approx(9.0 * 20, rel=1e-5)


def test_mismatched_controls_differ_and_freed_ones_are_zero():
    rng = np.random.default_rng(0)
    controls = torch.randn(64, 128, 32)
    wrong = mismatched(controls, rng)
    assert all(not torch.equal(a, b) for a, b in zip(wrong, controls, strict=True))
    freed = free_some(controls, rng, share=0.5)
    for first, stop, flag in GROUPS:
        gone = freed[:, 0, flag] == 0
        assert 10 < gone.sum() < 54
        assert not freed[gone][..., first:stop].any()
        assert torch.equal(freed[~gone][..., first:stop], controls[~gone][..., first:stop])

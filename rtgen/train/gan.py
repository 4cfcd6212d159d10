"""Trains the latent GAN; stops and resumes at any step."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from rtgen.corpus.stream import TEMPO_RANGES, TRAIN_SEEDS
from rtgen.nets.critic import Critic, LabelReader
from rtgen.nets.generator import Generator
from rtgen.timeline.coordinates import anchor_inputs
from rtgen.train.averaging import Average
from rtgen.train.batches import Reservoir
from rtgen.train.checkpoints import (
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
)
from rtgen.train.gan_losses import mismatched, pairing, penalty, reader_error
from rtgen.train.latents import LatentClip, free_some, frozen_autoencoder, latent_crops
from rtgen.train.previews import EVERY_STEPS, generated, write_preview

CROP = 128
GAMMA = 8.0
PENALTY_EVERY = 4
SAVE_SECONDS = 120.0
READER_STEPS = 700


@dataclass(frozen=True)
class Scale:
    """Mean and spread (64,) of the latents over the corpus; the GAN sees standardised latents."""

    mean: Tensor
    spread: Tensor

    def apply(self, latents: Tensor) -> Tensor:
        """Raw latents to standardised ones, on the scale's device."""
        return (latents.to(self.mean.device) - self.mean) / self.spread


def draw_anchors(rng: np.random.Generator, batch: int, frames: int) -> Tensor:
    """Anchor inputs (B, frames, 56) of random seeds at random places."""
    items = [
        anchor_inputs(int(rng.integers(2**62)), int(rng.integers(100_000)), frames)
        for _ in range(batch)
    ]
    return torch.from_numpy(np.stack(items))


def draw_variation(rng: np.random.Generator, batch: int, frames: int) -> Tensor:
    """Mostly full variation, for a fifth of the batch less."""
    level = np.where(rng.random(batch) < 0.2, rng.random(batch), 1.0).astype(np.float32)
    return torch.from_numpy(np.broadcast_to(level[:, None, None], (batch, frames, 1)).copy())


def train_reader(
    reader: LabelReader, store: Reservoir[LatentClip], scale: Scale, rng: np.random.Generator
) -> None:
    """Teach the label reader on real latents, then freeze it."""
    optimiser = torch.optim.AdamW(reader.parameters(), lr=1e-3)
    for step in range(READER_STEPS):
        optimiser.param_groups[0]["lr"] = 1e-3 * (1 - step / READER_STEPS) + 1e-5
        latents, controls = latent_crops(store.draw(rng, 32), CROP, rng)
        z = scale.apply(latents)
        z = z + 0.1 * torch.randn_like(z)
        with torch.autocast(z.device.type, torch.bfloat16):
            error = reader_error(reader, z, controls.to(z.device)).mean()
        optimiser.zero_grad(set_to_none=True)
        error.backward()
        optimiser.step()
        if step % 100 == 0:
            print(f"reader {step} {error.item():.4f}", flush=True)
    reader.requires_grad_(False).eval()


def run(
    out: Path,
    *,
    autoencoder: Path,
    style: str = "techno",
    steps: int = 10_000,
    batch: int = 16,
    rate: float = 2e-4,
    clips: int = 1500,
    workers: int = 1,
    device: str = "cpu",
    seed: int = 0,
) -> Path:
    """Train, or go on from `out/gan.safetensors` if it is there.

    Returns
    -------
    Path of the checkpoint: modules `generator`, `average`, `critic`, `reader`; extras `mean` and
    `spread` of the latents.
    """
    torch.manual_seed(seed)
    generator, critic, reader = (n.to(device) for n in (Generator(), Critic(), LabelReader()))
    average = Average(generator, 300)
    settings = {"lr": rate, "betas": (0.0, 0.95), "eps": 1e-8}
    g_optimiser = torch.optim.Adam(generator.parameters(), **settings)
    d_optimiser = torch.optim.Adam(critic.parameters(), **settings)
    modules = {
        "generator": generator,
        "average": average.module,
        "critic": critic,
        "reader": reader,
    }
    path, step = out / "gan.safetensors", 0
    extra: dict[str, Tensor] = {}
    if path.exists():
        extra, facts = load_checkpoint(path, modules)
        step = int(facts["step"])
        for name, optimiser in (("g", g_optimiser), ("d", d_optimiser)):
            own = {k[2:]: v for k, v in extra.items() if k.startswith(name + ".")}
            restore_optimiser(optimiser, own)
    rng = np.random.default_rng((seed, step, 7))
    make = partial(LatentClip, autoencoder)
    first = 1_000_000 + step
    store: Reservoir[LatentClip] = Reservoir(
        make, style, range(first, TRAIN_SEEDS.stop), clips, workers
    )
    log = SummaryWriter(str(out / "log"))
    saved = time.monotonic()
    try:
        store.fill(min(100, clips))
        if step == 0:
            every = torch.from_numpy(np.concatenate([c.latents for c in store.items]))
            extra = {"mean": every.mean(0), "spread": every.std(0).clamp_min(1e-3)}
        scale = Scale(extra["mean"].to(device), extra["spread"].to(device))
        if step == 0:
            train_reader(reader, store, scale, rng)
        reader.requires_grad_(False).eval()
        with Progress(transient=True) as bar:
            task = bar.add_task("gan", total=steps, completed=step)
            while step < steps:
                progress = step / steps
                for optimiser in (g_optimiser, d_optimiser):
                    optimiser.param_groups[0]["lr"] = rate * (
                        0.1 + 0.9 * min(1, 2 * (1 - progress))
                    )
                facts_now = _step(
                    generator,
                    critic,
                    reader,
                    g_optimiser,
                    d_optimiser,
                    store,
                    scale,
                    rng,
                    batch,
                    step,
                )
                step += 1
                average.update(generator, step)
                bar.update(task, completed=step)
                if step % 50 == 0:
                    for name, value in facts_now.items():
                        log.add_scalar(name, value, step)
                    words = " ".join(f"{k} {v:.3f}" for k, v in facts_now.items())
                    print(f"{step} {words} clips {store.made}", flush=True)
                if step % EVERY_STEPS == 0 or step == steps:
                    decoder = frozen_autoencoder(autoencoder).decoder
                    module, beat = copy.deepcopy(average.module), style in TEMPO_RANGES
                    sound = generated(module, decoder, scale.mean, scale.spread, beat)
                    write_preview(sound, "generated", step, out, log)
                if time.monotonic() - saved > SAVE_SECONDS or step == steps:
                    saved = time.monotonic()
                    moments = optimiser_tensors(g_optimiser, "g") | optimiser_tensors(
                        d_optimiser, "d"
                    )
                    keep = {"mean": scale.mean, "spread": scale.spread}
                    facts = {"step": step, "recipe": generator.recipe.model_dump()}
                    save_checkpoint(path, modules, moments | keep, facts)
    finally:
        store.close()
        log.close()
    return path


def _step(
    generator: Generator,
    critic: Critic,
    reader: LabelReader,
    g_optimiser: torch.optim.Optimizer,
    d_optimiser: torch.optim.Optimizer,
    store: Reservoir[LatentClip],
    scale: Scale,
    rng: np.random.Generator,
    batch: int,
    step: int,
) -> dict[str, float]:
    recipe = generator.recipe
    left = recipe.head_left
    latents, controls = latent_crops(store.draw(rng, batch), CROP + left, rng)
    controls = free_some(controls, rng)
    real = scale.apply(latents)[:, left:]
    device = real.device
    controls = controls.to(device)
    asked = controls[:, left:]
    real = real + 0.05 * torch.randn_like(real)
    anchors = draw_anchors(rng, batch, CROP + left + recipe.trunk_left + recipe.trunk_right)
    style = torch.from_numpy(rng.standard_normal((batch, 1, 32), np.float32)).expand(
        -1, CROP + left, -1
    )
    variation = draw_variation(rng, batch, CROP + left).to(device)
    anchors, style = anchors.to(device), style.to(device)

    with torch.autocast(device.type, torch.bfloat16):
        fake = generator(anchors, style, controls, variation).float()
        # Critic
        d_real, d_fake = critic(real, asked).float(), critic(fake.detach(), asked).float()
        d_wrong = critic(real, mismatched(asked, rng)).float()
        d_loss = pairing(d_real, d_fake) + 0.25 * pairing(d_real, d_wrong)
    r1 = r2 = torch.zeros((), device=device)
    if step % PENALTY_EVERY == 0:
        r1, r2 = penalty(critic, real, asked), penalty(critic, fake, asked)
        d_loss = d_loss + 0.5 * GAMMA * (r1 + r2)
    d_optimiser.zero_grad(set_to_none=True)
    d_loss.backward()
    d_optimiser.step()
    # Generator
    critic.requires_grad_(False)
    with torch.autocast(device.type, torch.bfloat16):
        g_loss = pairing(critic(fake, asked).float(), critic(real, asked).float().detach())
        flags = _read_flags(asked)
        told = reader_error(reader, fake, asked) * flags
        floor = reader_error(reader, real, asked) * flags
        excess = (told.mean(0) - floor.mean(0).detach()).clamp_min(0).sum() / 10
    warm = min(1.0, step / 500)
    g_optimiser.zero_grad(set_to_none=True)
    (g_loss + 1.5 * warm * excess).backward()
    g_optimiser.step()
    critic.requires_grad_(True)
    return {
        "gap": (d_real - d_fake).mean().item(),
        "wrong": (d_real - d_wrong).mean().item(),
        "d": d_loss.item(),
        "g": g_loss.item(),
        "excess": excess.item(),
        "told": told.mean().item(),
        "floor": floor.mean().item(),
        "r1": r1.item(),
        "std": fake.std(0).mean().item(),
    }


def _read_flags(controls: Tensor) -> Tensor:
    """(B, 29): 1 where the controls say something that the reader may check."""
    flags = controls.new_ones(len(controls), LabelReader.OUTPUTS)
    flags[:, 15] = controls[:, 0, 29]
    flags[:, 16] = controls[:, 0, 30]
    flags[:, 17:29] = controls[:, 0, 31:32]
    return flags

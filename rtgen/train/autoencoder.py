"""Trains the autoencoder in the spectral feature domain; stops and resumes at any step."""

from __future__ import annotations

import copy
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress
from torch.utils.tensorboard import SummaryWriter

from rtgen.corpus.stream import TRAIN_SEEDS
from rtgen.nets.autoencoder import Autoencoder
from rtgen.train.averaging import Average
from rtgen.train.batches import Clip, Reservoir, crops
from rtgen.train.checkpoints import (
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
)
from rtgen.train.losses import WEIGHTS, feature_losses, moments
from rtgen.train.previews import EVERY_STEPS, reconstructed, write_preview
from rtgen.train.team import Team, train_together

CROP_FRAMES = 64
LATENT_NOISE = 0.1
SAVE_SECONDS = 60.0


def run(
    out: Path,
    *,
    style: str = "techno",
    steps: int = 8000,
    batch: int = 24,
    rate: float = 1.5e-3,
    clips: int = 300,
    workers: int = 1,
    device: str = "cpu",
    devices: int = 1,
    seed: int = 0,
    refine: Path | None = None,
) -> Path:
    """Train, or go on from `out/autoencoder.safetensors` if it is there.

    With `refine`, a checkpoint, its encoder is kept as it is and its decoder is trained on, so that
    latents and what was trained on them stay valid.

    Returns
    -------
    Path of the checkpoint, with the modules `net` and `average`.
    """
    work = partial(_train, out, style, steps, batch, rate, clips, workers, seed, refine)
    return train_together(work, device, devices)


def _train(
    out: Path,
    style: str,
    steps: int,
    batch: int,
    rate: float,
    clips: int,
    workers: int,
    seed: int,
    refine: Path | None,
    team: Team,
) -> Path:
    torch.manual_seed(seed)
    net = Autoencoder().to(team.device)
    average = Average(net, 300)
    if refine is not None:
        load_checkpoint(refine, {"average": net})
        average = Average(net, 300)
        net.encoder.requires_grad_(False)
    learning = [p for p in net.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=rate, betas=(0.9, 0.99), weight_decay=1e-3)
    path, step = out / "autoencoder.safetensors", 0
    if path.exists():
        extra, facts = load_checkpoint(path, {"net": net, "average": average.module})
        restore_optimiser(optimiser, {k.removeprefix("adam."): v for k, v in extra.items()})
        step = int(facts["step"])
    torch.manual_seed(seed + 1000 * step + team.rank)
    rng = np.random.default_rng((seed, step, team.rank))
    first = TRAIN_SEEDS[(step * 2 + 1_000_000 * team.rank) % TRAIN_SEEDS.stop]
    store = Reservoir(Clip, style, range(first, TRAIN_SEEDS.stop), clips, workers)
    log = SummaryWriter(str(out / "log")) if team.leads else None
    try:
        store.fill(min(24, clips))
        if step == 0 and refine is None:
            _standardise(net, store.draw(rng, 64), team)
        _loop(
            net, average, optimiser, store, rng, log, path, step, steps, batch, rate, team, style
        )
    finally:
        store.close()
        if log is not None:
            log.close()
    return path


def _standardise(net: Autoencoder, clips: list[Clip], team: Team) -> None:
    targets = torch.cat([torch.from_numpy(c.targets).float() for c in clips])
    net.decoder.mean.copy_(team.agreed(targets.mean(0).to(team.device)))
    net.decoder.spread.copy_(team.agreed(targets.std(0).clamp_min(0.02).to(team.device)))


def _loop(
    net: Autoencoder,
    average: Average,
    optimiser: torch.optim.Optimizer,
    store: Reservoir[Clip],
    rng: np.random.Generator,
    log: SummaryWriter | None,
    path: Path,
    step: int,
    steps: int,
    batch: int,
    rate: float,
    team: Team,
    style: str,
) -> None:
    reach = net.encoder.left + net.decoder.left + net.encoder.right + net.decoder.right
    start = net.encoder.left + net.decoder.left
    saved, device = time.monotonic(), torch.device(team.device)
    with Progress(transient=True, disable=not team.leads) as bar:
        task = bar.add_task("autoencoder", total=steps, completed=step)
        while step < steps:
            for group in optimiser.param_groups:
                warm = min(1.0, (step + 1) / 200)
                group["lr"] = warm * (
                    2e-5 + (rate - 2e-5) * 0.5 * (1 + np.cos(np.pi * step / steps))
                )
            features, targets = crops(store.draw(rng, batch), CROP_FRAMES + reach, rng)
            with torch.autocast(device.type, torch.bfloat16):
                latents = net.encoder(features.to(device))
                noisy = latents + LATENT_NOISE * torch.randn_like(latents)
                decoded = net.decoder(noisy)
            wanted = targets[:, start : start + CROP_FRAMES].to(device)
            terms = feature_losses(decoded, wanted)
            loss = sum(WEIGHTS[name] * term for name, term in terms.items())
            if latents.requires_grad:
                loss = loss + 0.1 * moments(latents)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            team.average_gradients(net)
            norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            step += 1
            average.update(net, step)
            if log is None:
                continue
            bar.update(task, completed=step)
            if step % 50 == 0:
                for name, term in terms.items():
                    log.add_scalar(f"loss/{name}", term.item(), step)
                log.add_scalar("gradient norm", float(norm), step)
                log.add_scalar("clips made", store.made, step)
                words = " ".join(f"{name} {term.item():.3f}" for name, term in terms.items())
                print(f"{step} {loss.item():.3f} {words} clips {store.made}", flush=True)
            if step % EVERY_STEPS == 0 or step == steps:
                clip = reconstructed(copy.deepcopy(average.module), style)
                write_preview(clip, "reconstructed", step, path.parent, log)
            if time.monotonic() - saved > SAVE_SECONDS or step == steps:
                saved = time.monotonic()
                save_checkpoint(
                    path,
                    {"net": net, "average": average.module},
                    optimiser_tensors(optimiser, "adam"),
                    {"step": step, "recipe": net.recipe.model_dump()},
                )

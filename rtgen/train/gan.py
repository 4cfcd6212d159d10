"""Trains the latent GAN; stops and resumes at any step, alone or on many devices."""

from __future__ import annotations

import copy
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import Progress
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from rtgen.nets.critic import Critic, LabelReader, TrackReader
from rtgen.nets.generator import Generator
from rtgen.nets.recovered import recovered_generator
from rtgen.train.averaging import Average
from rtgen.train.checkpoints import (
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
)
from rtgen.train.gan_inputs import (
    CROP,
    Scale,
    Source,
    draw_anchors,
    draw_variation,
    read_flags,
    track_pairs,
    train_reader,
    train_track_reader,
)
from rtgen.train.gan_losses import contrast, mismatched, pairing, penalty, reader_error
from rtgen.train.latents import free_some, latent_crops
from rtgen.train.obedience import obedience
from rtgen.train.plan import Plan
from rtgen.train.previews import generated, write_preview
from rtgen.train.team import Team, train_together

GAMMA = 8.0
PENALTY_EVERY = 4
CONTRAST_EVERY = 3
CONTRAST_GROUPS, CONTRAST_STYLES = 4, 2
JUDGE_EVERY = 1000
PATIENCE = 4
"""Judgements without a gain after which a run ends."""


class Players:
    """The nets and their optimisers, with their checkpoint."""

    def __init__(self, plan: Plan, device: str) -> None:
        self.generator, self.critic, self.reader, self.track_reader = (
            net.to(device) for net in (Generator(), Critic(), LabelReader(), TrackReader())
        )
        self.average = Average(self.generator, 300)
        settings: dict[str, Any] = {"lr": plan.rate, "betas": (0.0, 0.95), "eps": 1e-8}
        self.optimisers = {
            "g": torch.optim.Adam(self.generator.parameters(), **settings),
            "d": torch.optim.Adam(self.critic.parameters(), **settings),
        }
        self.modules = {
            "generator": self.generator,
            "average": self.average.module,
            "critic": self.critic,
            "reader": self.reader,
            "track_reader": self.track_reader,
        }
        self.best, self.best_score, self.best_step = Average(self.generator, 1).module, -1.0, 0
        self.path = plan.out / "gan.safetensors"
        self.scale: Scale | None = None
        self.step = 0
        self.readers_taught = self.path.exists() or plan.start is not None
        zeros = torch.zeros(self.generator.recipe.latent_channels, device=device)
        if self.path.exists():
            extra, facts = load_checkpoint(self.path, self.modules | {"best": self.best})
            self.step = int(facts["step"])
            self.best_score, self.best_step = facts["best score"], int(facts["best step"])
            self.scale = Scale(extra["mean"].to(device), extra["spread"].to(device))
            for name, optimiser in self.optimisers.items():
                own = {k[2:]: v for k, v in extra.items() if k.startswith(name + ".")}
                restore_optimiser(optimiser, own)
        elif plan.start is not None:
            learnt = ("critic", "reader", "track_reader")
            load_checkpoint(
                plan.start,
                {name: self.modules[name] for name in learnt} | {"best": self.average.module},
            )
            self.generator.load_state_dict(self.average.module.state_dict())
            self.scale = Scale(zeros, zeros + 1)
        elif plan.graph is not None:
            known = recovered_generator(plan.graph.read_bytes()).state_dict()
            for net in (self.generator, self.average.module):
                net.load_state_dict(known)
            self.scale = Scale(zeros, zeros + 1)

    def save(self, scale: Scale, facts: dict[str, Any]) -> None:
        """Write the checkpoint."""
        moments: dict[str, Tensor] = {}
        for name, optimiser in self.optimisers.items():
            moments |= optimiser_tensors(optimiser, name)
        keep = {"mean": scale.mean, "spread": scale.spread}
        if self.best_step == 0:
            self.best.load_state_dict(self.average.module.state_dict())
        facts = facts | {
            "step": self.step,
            "best score": self.best_score,
            "best step": self.best_step,
            "recipe": self.generator.recipe.model_dump(),
        }
        save_checkpoint(self.path, self.modules | {"best": self.best}, moments | keep, facts)

    def judge(self, plan: Plan, scale: Scale, log: SummaryWriter) -> None:
        """Listen to the average; it becomes the best if it obeys better than all before."""
        average = copy.deepcopy(self.average.module).to("cpu")
        heard = obedience(average, plan.decoder(), scale, plan.tempo)
        for name, value in vars(heard).items():
            log.add_scalar(f"obedience/{name}", value, self.step)
        print(f"{self.step} {heard} score {heard.score:.3f}", flush=True)
        if heard.score > self.best_score:
            self.best_score, self.best_step = heard.score, self.step
            self.best.load_state_dict(self.average.module.state_dict())

    @property
    def tired(self) -> bool:
        """Whether the last judgements brought no gain."""
        return self.best_step > 0 and self.step - self.best_step >= PATIENCE * JUDGE_EVERY


def run(plan: Plan, device: str = "cpu", devices: int = 1) -> Path:
    """Train, or go on from `out/gan.safetensors` if it is there.

    Returns
    -------
    Path of the checkpoint: modules `generator`, its `average`, the `best` of its averages as heard
    (the average itself before any was judged), `critic`, `reader`, `track_reader`; extras `mean`
    and `spread` of the latents.
    """
    return train_together(partial(_train, plan), device, devices)


def _train(plan: Plan, team: Team) -> Path:
    torch.manual_seed(plan.seed)
    players = Players(plan, team.device)
    torch.manual_seed(plan.seed + 1000 * players.step + team.rank)
    rng = np.random.default_rng((plan.seed, players.step, 7, team.rank))
    store = plan.source(team.rank, players.step)
    log = SummaryWriter(str(plan.out / "log")) if team.leads else None
    try:
        store.fill(min(100, plan.clips))
        scale = players.scale
        if scale is None:
            scale = _measured(store, rng, team)
        if not players.readers_taught:
            train_reader(players.reader, store, scale, rng, team)
            train_track_reader(players.track_reader, store, scale, rng, team)
        for reader in (players.reader, players.track_reader):
            reader.requires_grad_(False).eval()
        _loop(plan, players, store, scale, rng, team, log)
    finally:
        store.close()
        if log is not None:
            log.close()
    return players.path


def _measured(store: Source, rng: np.random.Generator, team: Team) -> Scale:
    every = torch.from_numpy(np.concatenate([c.latents for c in store.draw(rng, 200)]))
    mean, spread = every.mean(0).to(team.device), every.std(0).clamp_min(1e-3).to(team.device)
    return Scale(team.agreed(mean), team.agreed(spread))


def _loop(
    plan: Plan,
    players: Players,
    store: Source,
    scale: Scale,
    rng: np.random.Generator,
    team: Team,
    log: SummaryWriter | None,
) -> None:
    saved = time.monotonic()
    with Progress(transient=True, disable=not team.leads) as bar:
        task = bar.add_task("gan", total=plan.steps, completed=players.step)
        while players.step < plan.steps and not team.agrees(players.tired):
            progress = players.step / plan.steps
            for optimiser in players.optimisers.values():
                share = 0.1 + 0.9 * min(1, 2 * (1 - progress))
                optimiser.param_groups[0]["lr"] = plan.rate * share
            found = _step(plan, players, store, scale, rng, team)
            players.step += 1
            step, last = players.step, players.step == plan.steps
            judged = step % JUDGE_EVERY == 0
            players.average.update(players.generator, step)
            if log is None:
                continue
            bar.update(task, completed=step)
            if step % 50 == 0:
                for name, value in found.items():
                    log.add_scalar(name, value, step)
                words = " ".join(f"{k} {v:.3f}" for k, v in found.items())
                print(f"{step} {words} clips {store.made}", flush=True)
            if step % plan.preview_every == 0 or last:
                average = copy.deepcopy(players.average.module).to("cpu")
                sound = generated(average, plan.decoder(), scale, plan.tempo is not None)
                write_preview(sound, "generated", step, plan.out, log)
            if judged:
                players.judge(plan, scale, log)
            if time.monotonic() - saved > plan.save_seconds or last or judged:
                saved = time.monotonic()
                players.save(scale, plan.facts())


def _step(
    plan: Plan,
    players: Players,
    store: Source,
    scale: Scale,
    rng: np.random.Generator,
    team: Team,
) -> dict[str, float]:
    generator, critic, reader = players.generator, players.critic, players.reader
    g_optimiser, d_optimiser = players.optimisers["g"], players.optimisers["d"]
    step, batch = players.step, plan.batch
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
    team.average_gradients(critic)
    d_optimiser.step()
    if step < plan.critic_first:
        return {"gap": (d_real - d_fake).mean().item(), "d": d_loss.item(), "r1": r1.item()}
    # Generator
    critic.requires_grad_(False)
    with torch.autocast(device.type, torch.bfloat16):
        g_loss = pairing(critic(fake, asked).float(), critic(real, asked).float().detach())
        flags = read_flags(asked)
        told = reader_error(reader, fake, asked) * flags
        floor = reader_error(reader, real, asked) * flags
        excess = (told.mean(0) - floor.mean(0).detach()).clamp_min(0).sum() / 10
    alike = torch.zeros((), device=device)
    if step % CONTRAST_EVERY == 0:
        alike = _likeness_of_styles(players, store, scale, controls, rng)
    warm = min(1.0, step / 500)
    g_optimiser.zero_grad(set_to_none=True)
    (g_loss + 1.5 * warm * excess + warm * alike).backward()
    team.average_gradients(generator)
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
        "alike": alike.item(),
        "std": fake.std(0).mean().item(),
    }


def _likeness_of_styles(
    players: Players, store: Source, scale: Scale, controls: Tensor, rng: np.random.Generator
) -> Tensor:
    """How much harder the stretches of one style are to find among those of another, under the
    same controls, than the stretches of one track of the corpus among those of another."""
    generator, device = players.generator, controls.device
    each = 2 * CONTRAST_STYLES
    frames = controls.shape[1]
    around = generator.recipe.trunk_left + generator.recipe.trunk_right
    asked = controls[:CONTRAST_GROUPS].repeat_interleave(each, 0)
    style = torch.from_numpy(
        rng.standard_normal((len(asked) // 2, 1, generator.recipe.style_channels), np.float32)
    ).repeat_interleave(2, 0)
    anchors = draw_anchors(rng, len(asked), frames + around).to(device)
    still = torch.ones(len(asked), frames, 1, device=device)
    with torch.autocast(device.type, torch.bfloat16):
        fake = generator(anchors, style.expand(-1, frames, -1).to(device), asked, still)
        real = scale.apply(track_pairs(store, len(asked) // 2, rng))
        fake, real = (players.track_reader(x.float()) for x in (fake, real))
    harder = contrast(fake.unflatten(0, (-1, each))).mean()
    return (harder - contrast(real.unflatten(0, (-1, each))).mean()).clamp_min(0)

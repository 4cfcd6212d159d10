"""Trains the autoencoder, phase after phase; stops and resumes at any step."""

from __future__ import annotations

import copy
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress
from torch.utils.tensorboard import SummaryWriter

from rtgen.bundle.load import load_bundle
from rtgen.corpus.stream import ALL, TRAIN_SEEDS
from rtgen.nets.autoencoder import HEADS, SUB_HEADS, Autoencoder
from rtgen.nets.recovered import check_same_encoder, recovered_autoencoder
from rtgen.train.averaging import Average
from rtgen.train.batches import Clip, Reservoir, crops
from rtgen.train.checkpoints import (
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
)
from rtgen.train.phases import Hearing, Terms, learning, loss_of, reach
from rtgen.train.previews import EVERY_STEPS, reconstructed, write_preview
from rtgen.train.schedule import PHASES, RATES, Phase, Schedule
from rtgen.train.team import Team, train_together

CROP_FRAMES = 64
HEARING_BATCH = 6
HEARD: tuple[Phase, ...] = ("refine", "settle")
"""Phases that make sound of latents, so that there is something to listen to."""
SAVE_SECONDS = 60.0
SLOWEST = 2e-5
WARM_UP_STEPS = 200


class Learner:
    """The net, its average and the optimiser of the phase it is in, with their checkpoint."""

    def __init__(self, out: Path, device: str, bundle: Path | None = None) -> None:
        known, steps = _known(bundle) if bundle else (None, 0)
        self.net = copy.deepcopy(known or Autoencoder()).to(device)
        self.average = Average(self.net, 300)
        self.path = out / "autoencoder.safetensors"
        self.device = device
        self.phase, self.step, self.before = PHASES[-1 if known else 0], 0, steps
        kept = None
        if self.path.exists():
            kept, facts = load_checkpoint(
                self.path, {"net": self.net, "average": self.average.module}
            )
            self.phase, self.step = facts["phase"], int(facts["phase step"])
            self.before = int(facts["step"]) - self.step
            if known:
                check_same_encoder(known, self.net, self.path)
        self._enter(self.phase, kept)

    def _enter(self, phase: Phase, kept: dict[str, torch.Tensor] | None = None) -> None:
        self.phase = phase
        self.net.requires_grad_(False)
        for part in learning(self.net, phase):
            part.requires_grad_(True)
        parameters = [p for p in self.net.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            parameters, lr=RATES[phase], betas=(0.9, 0.99), weight_decay=1e-3
        )
        self.hearing = Hearing(self.device) if phase == "adversarial" else None
        if kept is None or not self.step:
            return
        restore_optimiser(self.optimiser, _under("adam.", kept))
        if self.hearing:
            self.hearing.critic.load_state_dict(_under("critic.", kept))
            restore_optimiser(self.hearing.optimiser, _under("critic adam.", kept))

    def go_on(self) -> None:
        """Enter the next phase with the averaged weights."""
        self.before, self.step = self.before + self.step, 0
        self.net.load_state_dict(self.average.module.state_dict())
        self._enter(PHASES[PHASES.index(self.phase) + 1])

    def save(self) -> None:
        """Write the checkpoint."""
        extra = optimiser_tensors(self.optimiser, "adam")
        if self.hearing:
            extra |= {f"critic.{k}": v for k, v in self.hearing.critic.state_dict().items()}
            extra |= optimiser_tensors(self.hearing.optimiser, "critic adam")
        save_checkpoint(
            self.path,
            {"net": self.net, "average": self.average.module},
            extra,
            {
                "phase": self.phase,
                "phase step": self.step,
                "step": self.before + self.step,
                "recipe": self.net.recipe.model_dump(),
            },
        )


def _known(bundle: Path) -> tuple[Autoencoder, int]:
    """The autoencoder of a bundle, and how many steps it has had."""
    opened = load_bundle(bundle)
    found = recovered_autoencoder(opened.graph("encoder.onnx"), opened.graph("decoder.onnx"))
    return found.net, int(opened.manifest.training.get("autoencoder steps", 0))


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def run(
    out: Path,
    schedule: Schedule | None = None,
    *,
    until: Phase = PHASES[-1],
    style: str = ALL,
    bundle: Path | None = None,
    batch: int = 24,
    clips: int = 300,
    workers: int = 1,
    device: str = "cpu",
    devices: int = 1,
    seed: int = 0,
) -> Path:
    """Train, or go on from `out/autoencoder.safetensors` if it is there.

    Parameters
    ----------
    until : the last phase to do; a later call goes on with the next.
    style : of the corpus, as `rtgen.corpus.stream.stems_of` takes it.
    bundle : begin with the autoencoder of its graphs, at the last phase.

    Returns
    -------
    Path of the checkpoint, with the modules `net` and `average`.

    Raises
    ------
    BundleError when the bundle has no encoder; CheckpointError when the checkpoint, or the bundle,
    is of another autoencoder.
    """
    schedule = schedule or Schedule()
    if _done(out / "autoencoder.safetensors", schedule, until):
        return out / "autoencoder.safetensors"
    work = partial(_train, out, schedule, until, style, bundle, batch, clips, workers, seed)
    return train_together(work, device, devices)


def _done(path: Path, schedule: Schedule, until: Phase) -> bool:
    if not path.exists():
        return False
    _, facts = load_checkpoint(path, {})
    behind = PHASES.index(facts["phase"]) - PHASES.index(until)
    return behind > 0 or (behind == 0 and facts["phase step"] >= schedule.of(until))


def _train(
    out: Path,
    schedule: Schedule,
    until: Phase,
    style: str,
    bundle: Path | None,
    batch: int,
    clips: int,
    workers: int,
    seed: int,
    team: Team,
) -> Path:
    torch.manual_seed(seed)
    learner = Learner(out, team.device, bundle)
    done = learner.before + learner.step
    torch.manual_seed(seed + 1000 * done + team.rank)
    rng = np.random.default_rng((seed, done, team.rank))
    first = TRAIN_SEEDS[(done * 2 + 1_000_000 * team.rank) % TRAIN_SEEDS.stop]
    store = Reservoir(Clip, style, range(first, TRAIN_SEEDS.stop), clips, workers)
    log = SummaryWriter(str(out / "log")) if team.leads else None
    try:
        store.fill(min(24, clips))
        if done == 0 and bundle is None:
            _standardise(learner.net, store.draw(rng, 64), team)
        while True:
            _phase(learner, schedule.of(learner.phase), store, batch, rng, log, team, style)
            if learner.phase == until:
                break
            learner.go_on()
    finally:
        store.close()
        if log is not None:
            log.close()
    return learner.path


def _standardise(net: Autoencoder, clips: list[Clip], team: Team) -> None:
    """Mean and spread of each number of a sub-frame, over the corpus."""
    targets = torch.cat([torch.from_numpy(c.targets).float() for c in clips])
    parts = [
        x.reshape(-1, size) for x, size in zip(targets.split(HEADS, dim=-1), SUB_HEADS, strict=True)
    ]
    mean = torch.cat([x.mean(0) for x in parts])
    spread = torch.cat([x.std(0) for x in parts]).clamp_min(0.02)
    net.decoder.inner.mean.copy_(team.agreed(mean.to(team.device)))
    net.decoder.inner.spread.copy_(team.agreed(spread.to(team.device)))


def _phase(
    learner: Learner,
    steps: int,
    store: Reservoir[Clip],
    batch: int,
    rng: np.random.Generator,
    log: SummaryWriter | None,
    team: Team,
    style: str,
) -> None:
    phase, saved = learner.phase, time.monotonic()
    with Progress(transient=True, disable=not team.leads) as bar:
        task = bar.add_task(phase, total=steps, completed=learner.step)
        while learner.step < steps:
            _set_rate(learner.optimiser, RATES[phase], learner.step, steps)
            size = min(batch, HEARING_BATCH) if learner.hearing else batch
            loss, terms, norm = _step(learner, store, size, rng, team)
            learner.step += 1
            step, total = learner.step, learner.before + learner.step
            learner.average.update(learner.net, step)
            if log is None:
                continue
            bar.update(task, completed=step)
            if step % 50 == 0:
                for name, term in terms.items():
                    log.add_scalar(f"{phase}/{name}", term, total)
                log.add_scalar(f"{phase}/gradient norm", norm, total)
                words = " ".join(f"{name} {term:.3f}" for name, term in terms.items())
                print(f"{phase} {step} {loss:.3f} {words} clips {store.made}", flush=True)
            last = step == steps
            if (total % EVERY_STEPS == 0 or last) and phase in HEARD:
                clip = reconstructed(copy.deepcopy(learner.average.module), style)
                write_preview(clip, "reconstructed", total, learner.path.parent, log)
            if time.monotonic() - saved > SAVE_SECONDS or last:
                saved = time.monotonic()
                learner.save()


def _set_rate(optimiser: torch.optim.Optimizer, rate: float, step: int, steps: int) -> None:
    """A short warm-up, then half a cosine down."""
    slowest = min(SLOWEST, rate)
    falling = slowest + (rate - slowest) * 0.5 * (1 + np.cos(np.pi * step / steps))
    for group in optimiser.param_groups:
        group["lr"] = min(1.0, (step + 1) / WARM_UP_STEPS) * falling


def _step(
    learner: Learner, store: Reservoir[Clip], batch: int, rng: np.random.Generator, team: Team
) -> tuple[float, dict[str, float], float]:
    net, phase = learner.net, learner.phase
    left, right = reach(net, phase)
    features, targets = crops(store.draw(rng, batch), CROP_FRAMES + left + right, rng)
    targets = targets[:, left : left + CROP_FRAMES].to(team.device)
    loss, found, decoded = loss_of(net, phase, features.to(team.device), targets)
    terms: Terms = dict(found)
    if learner.hearing and decoded is not None:
        heard = learner.hearing.terms(decoded, targets, rng, team)
        loss = loss + learner.hearing.loss(heard)
        terms |= heard
    learner.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    team.average_gradients(net)
    norm = torch.nn.utils.clip_grad_norm_([p for p in net.parameters() if p.requires_grad], 5.0)
    learner.optimiser.step()
    return loss.item(), {k: v.item() for k, v in terms.items()}, float(norm)

"""Checkpoints in safetensors only: nets, averages and optimiser moments, written atomically."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from rtgen.nets.checkpoint_file import open_checkpoint


def optimiser_tensors(optimiser: torch.optim.Optimizer, prefix: str) -> dict[str, Tensor]:
    """Moments of an Adam-like optimiser as named tensors."""
    out: dict[str, Tensor] = {}
    for index, state in optimiser.state_dict()["state"].items():
        for name, value in state.items():
            out[f"{prefix}.{index}.{name}"] = torch.as_tensor(value)
    return out


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put moments back; keys are `<index>.<name>`."""
    state = optimiser.state_dict()
    state["state"] = {}
    for key, value in tensors.items():
        index, name = key.split(".")
        state["state"].setdefault(int(index), {})[name] = value
    optimiser.load_state_dict(state)


def save_checkpoint(
    path: Path, modules: dict[str, nn.Module], extra: dict[str, Tensor], facts: dict[str, Any]
) -> None:
    """Write modules and extra tensors with JSON facts; a crash leaves the old file whole."""
    tensors = {
        f"{prefix}/{name}": value.detach().contiguous().cpu().clone()
        for prefix, module in modules.items()
        for name, value in module.state_dict().items()
    }
    tensors |= {f"extra/{name}": value.contiguous().cpu().clone() for name, value in extra.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata={"facts": json.dumps(facts)})
    partial.replace(path)


def load_checkpoint(
    path: Path, modules: dict[str, nn.Module]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Fill the modules; returns the extra tensors and the facts.

    Raises
    ------
    CheckpointError when it is no checkpoint, or one of other nets.
    """
    file = open_checkpoint(path)
    for name, module in modules.items():
        file.fill(module, name)
    return file.module("extra"), file.facts

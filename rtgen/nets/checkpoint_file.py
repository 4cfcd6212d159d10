"""A checkpoint as it lies on the disk: tensors by module, and facts. Nothing in it can run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from rtgen.errors import CheckpointError
from rtgen.nets.recipe import AutoencoderRecipe, GeneratorRecipe

Recipe = TypeVar("Recipe", AutoencoderRecipe, GeneratorRecipe)
HINT = "a file that `rtgen train` wrote, of this version"


@dataclass(frozen=True)
class CheckpointFile:
    """Tensors by name, `module/parameter`, and what the run said of itself."""

    path: Path
    tensors: dict[str, Tensor]
    facts: dict[str, Any]

    def module(self, name: str) -> dict[str, Tensor]:
        """The tensors of one module; empty where it is not there."""
        prefix = name + "/"
        return {k.removeprefix(prefix): t for k, t in self.tensors.items() if k.startswith(prefix)}

    def fill(self, net: nn.Module, name: str) -> None:
        """Put a module's tensors into a net.

        Raises
        ------
        CheckpointError when they do not fit.
        """
        try:
            net.load_state_dict(self.module(name))
        except RuntimeError as error:
            raise CheckpointError(
                f"{self.path.name} does not hold the net '{name}' of this version",
                value=str(self.path),
                hint=HINT,
            ) from error

    def recipe(self, kind: type[Recipe]) -> Recipe:
        """The sizes of its net.

        Raises
        ------
        CheckpointError when they are those of another net.
        """
        try:
            return kind(**self.facts["recipe"])
        except (KeyError, TypeError, ValidationError) as error:
            raise CheckpointError(
                f"{self.path.name} is a checkpoint of another net", value=str(self.path), hint=HINT
            ) from error


def open_checkpoint(path: Path) -> CheckpointFile:
    """Read a checkpoint.

    Raises
    ------
    CheckpointError when it is none, or damaged.
    """
    try:
        with safe_open(path, "pt") as file:
            facts = json.loads((file.metadata() or {})["facts"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise CheckpointError(
            f"{path} is no checkpoint, or a damaged one", value=str(path), hint=HINT
        ) from error
    if not isinstance(facts, dict) or not isinstance(facts.get("step"), int):
        raise CheckpointError(
            f"{path} does not say how far it was trained", value=str(path), hint=HINT
        )
    return CheckpointFile(path, tensors, facts)

"""The processes that train together, one to a device; Lightning Fabric starts and joins them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from rtgen.errors import RenderError

Result = TypeVar("Result")
DEVICE = re.compile(r"cpu|cuda(:(?P<index>[0-9]{1,4}))?")


@dataclass(frozen=True)
class Team:
    """One process's view: `rank` of `size`, and its device; alone it needs no Fabric."""

    device: str = "cpu"
    rank: int = 0
    size: int = 1
    fabric: Any = None

    @property
    def leads(self) -> bool:
        """Whether this process prints, logs and saves."""
        return self.rank == 0

    def average_gradients(self, module: nn.Module) -> None:
        """Replace each gradient by the mean over the team; between `backward` and `step`."""
        if self.size == 1:
            return
        gradients = [p.grad for p in module.parameters() if p.grad is not None]
        flat = self.fabric.all_reduce(
            torch.cat([g.reshape(-1) for g in gradients]), reduce_op="mean"
        )
        at = 0
        for gradient in gradients:
            gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
            at += gradient.numel()

    def agreed(self, tensor: Tensor) -> Tensor:
        """The leader's tensor, in every process."""
        return tensor if self.size == 1 else self.fabric.broadcast(tensor)

    def agrees(self, verdict: bool) -> bool:
        """The leader's verdict, in every process."""
        return verdict if self.size == 1 else bool(self.fabric.broadcast(verdict))


def check_device(device: str, devices: int) -> None:
    """Refuse a device that is not here.

    Raises
    ------
    RenderError that says what there is.
    """
    named = DEVICE.fullmatch(device)
    if named is None:
        raise RenderError(
            f"no device '{device}'", value=device, hint="--device cpu, cuda, or cuda:1 for one"
        )
    if device == "cpu":
        return
    here = torch.cuda.device_count()
    if devices > here:
        raise RenderError(
            f"there are {here} CUDA devices, not {devices}",
            value=devices,
            hint="--device cpu, or fewer --devices",
        )
    if int(named["index"] or 0) >= here:
        raise RenderError(
            f"no device '{device}'", value=device, hint=f"the last one is cuda:{here - 1}"
        )


def train_together(
    work: Callable[[Team], Result], device: str = "cpu", devices: int = 1
) -> Result:
    """Run the work in one process for each device; returns what the leader returns.

    `work` must be a function of a module, or a partial of one: it is sent to other processes.

    Raises
    ------
    RenderError when there is no such device, or there are not so many, or Lightning Fabric is
    missing.
    """
    check_device(device, devices)
    if devices == 1:
        return work(Team(device))
    try:
        from lightning_fabric import Fabric
    except ImportError as error:
        raise RenderError(
            "several devices need Lightning Fabric", hint="pip install 'rtgen[train]'"
        ) from error
    kind = "cuda" if device.startswith("cuda") else "cpu"
    fabric = Fabric(accelerator=kind, devices=devices, strategy="ddp_spawn")
    result: Result = fabric.launch(partial(_joined, work=work))
    return result


def _joined(fabric: Any, work: Callable[[Team], Result]) -> Result:
    if fabric.device.type == "cpu":
        torch.set_num_threads(1)
    team = Team(str(fabric.device), fabric.global_rank, fabric.world_size, fabric)
    result = work(team)
    fabric.barrier()
    return result

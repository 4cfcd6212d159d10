"""Musika's generator and decoders in torch, rebuilt from their weights.

All take a fixed length: they use statistics over their window and zeros at its ends, so a window
can only be made whole.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rtgen.musika.layers import (
    BatchNorm,
    Convolution,
    Doubling,
    Gate,
    Guided,
    Noise,
    NoiseTape,
    halved,
    swish,
    unfolded,
)
from rtgen.musika.matching import Net
from rtgen.musika.variants import Checkpoint

HALF_POWER = 0.5**0.5
EPSILON_44K, EPSILON_22K = 1e-5, 1e-7
DOUBLINGS_AFTER = {"0": 4, "1": 4, "2": 3, "3": 3, "4": 2, "5": 2, "6": 1, "7": 1, "8": 0}
"""How often the coordinates are halved before they guide a block."""
GATED_BY = {"4": "0", "5": "1", "6": "2", "7": "3"}
LONGEST_TAPE = 4096


class _Step(nn.Module):
    """A convolution or doubling, its noise and norm, then swish: one unit of a decoder."""

    def __init__(self, net: Net, role: str, stride: int = 1) -> None:
        super().__init__()
        weights = net.weights
        self.body = _body(net, role, stride)
        self.noise = Noise(weights[f"{role}.noise"])
        norm = weights.get(f"{role}.norm")
        self.norm = nn.Identity() if norm is None else BatchNorm(norm)

    def forward(self, x: Tensor, tape: NoiseTape) -> Tensor:
        return swish(self.norm(self.noise(self.body(x), tape)))


class _GuidedStep(nn.Module):
    """The same in the generator, with coordinates for a norm."""

    def __init__(self, net: Net, block: str, epsilon: float) -> None:
        super().__init__()
        weights = net.weights
        self.body = _body(net, f"{block}c")
        self.noise = Noise(weights[f"{block}r"])
        self.guided = Guided(weights[f"{block}ai"], epsilon)

    def forward(self, x: Tensor, tape: NoiseTape, coordinates: Tensor) -> Tensor:
        return swish(self.guided(self.noise(self.body(x), tape), coordinates))


class GeneratorNet(nn.Module):
    """Coordinates of one half-window to its latents.

    Inputs: coordinates (B, half, C), noise (B, N). Output: latents (B, half, 2 L), left channel's
    first.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        net, variant = checkpoint.generator, checkpoint.variant
        self.older, self.small = variant.is_older, variant.is_small
        epsilon = EPSILON_22K if self.older else EPSILON_44K
        self.seed = Convolution(net.weights["00d"])
        self.noise = Noise(net.weights["00n"])
        self.guided = Guided(net.weights["00ai"], epsilon)
        self.steps = nn.ModuleDict({k: _GuidedStep(net, k, epsilon) for k in DOUBLINGS_AFTER})
        self.gates = nn.ModuleDict()
        self.around = nn.ModuleList()
        if self.older:
            for block in GATED_BY:
                parts = (net.weights[f"{block}se{k}"] for k in (0, 1))
                self.gates[block] = Gate(*parts)
        else:
            self.around.extend(Convolution(net.weights[f"res{k}c"]) for k in range(1, 5))
        self.last = Convolution(net.weights["9c"])

    def forward(self, coordinates: Tensor, noise: Tensor) -> Tensor:
        tape = NoiseTape(noise)
        pooled = [coordinates]
        while pooled[-1].shape[1] > 2:
            pooled.append(halved(pooled[-1]))
        b = coordinates.shape[0]
        x = self.seed(pooled[-1].reshape(b, 1, -1)).reshape(b, 4, -1)
        x = swish(self.guided(self.noise(x, tape), pooled[-2]))
        x = self._gated(x, tape, pooled) if self.older else self._summed(x, tape, pooled)
        x = self.last(x)
        return torch.tanh(x) if self.older else x

    def _summed(self, x: Tensor, tape: NoiseTape, pooled: list[Tensor]) -> Tensor:
        """The newer net: two steps and what goes around them, at each length."""
        for index, around in enumerate(self.around):
            before = x
            for block in (str(2 * index), str(2 * index + 1)):
                x = self.steps[block](x, tape, pooled[DOUBLINGS_AFTER[block]]) * HALF_POWER
            x = x + around(before if self.small and index == 0 else unfolded(before))
        out: Tensor = self.steps["8"](x, tape, pooled[0])
        return out

    def _gated(self, x: Tensor, tape: NoiseTape, pooled: list[Tensor]) -> Tensor:
        """The older net: later steps are gated by earlier ones."""
        made: dict[str, Tensor] = {}
        for block, doublings in DOUBLINGS_AFTER.items():
            gate = self.gates[block](made[GATED_BY[block]]) if block in GATED_BY else None
            x = self.steps[block](x, tape, pooled[doublings])
            x = x if gate is None else x * gate
            made[block] = x
        return x


class _Outer(nn.Module):
    """Latents (B, g, L) of a group to 64 frames of the inner code (B, 64, I)."""

    def __init__(self, net: Net, older: bool) -> None:
        super().__init__()
        self.older = older
        roles = [role for role in net.weights if role.isdigit()]
        self.steps = nn.ModuleList(_Step(net, role) for role in roles)
        self.out = Convolution(net.weights["out"])

    def forward(self, x: Tensor, tape: NoiseTape) -> Tensor:
        for step in self.steps:
            x = step(x, tape)
        x = self.out(x)
        return torch.tanh(x) if self.older else x


class _Inner(nn.Module):
    """Frames of the inner code (B, 64, I) to magnitude and phase (B, 64, S), both in -1..1."""

    def __init__(self, net: Net, older: bool) -> None:
        super().__init__()
        self.older = older
        roles = [role for role in net.weights if f"{role}.noise" in net.weights]
        self.steps = nn.ModuleDict(
            {r: _Step(net, r, 2 if r in ("down1", "down2", "down3") else 1) for r in roles}
        )
        heads = ("both",) if older else ("magnitude", "phase")
        self.heads = nn.ModuleDict({head: Convolution(net.weights[head]) for head in heads})

    def forward(self, x: Tensor, tape: NoiseTape) -> tuple[Tensor, Tensor]:
        step = self.steps
        down0 = step["down0"](x, tape)
        down1 = step["down1"](down0, tape)
        down2 = step["down2"](down1, tape)
        up2 = step["up2"](step["down3"](down2, tape), tape)
        up1 = step["up1"](up2 + down2, tape)
        up0 = step["up0"](up1 + down1, tape)
        if self.older:
            both = self.heads["both"](step["wide"](up0 + down0, tape))
            magnitude, phase = both.chunk(2, dim=-1)
        else:
            magnitude = self.heads["magnitude"](up0 + down0)
            finer = step["phase0"](step["phase1"](up2, tape) + up1, tape)
            phase = self.heads["phase"](finer + up0)
        return magnitude.clamp(-1, 1), phase.clamp(-1, 1)


class DecoderNet(nn.Module):
    """Latents of a group to 64 frames of magnitude and phase; both audio channels as a batch.

    Inputs: latents (B, g, L), noise (B, N). Outputs: magnitude and phase (B, 64, 513) in -1..1.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        older = checkpoint.variant.is_older
        self.outer, self.inner = _Outer(checkpoint.outer, older), _Inner(checkpoint.inner, older)

    def forward(self, latents: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        tape = NoiseTape(noise)
        out: tuple[Tensor, Tensor] = self.inner(self.outer(latents, tape), tape)
        return out


@torch.no_grad()
def noise_numbers(net: GeneratorNet | DecoderNet, x: Tensor) -> int:
    """How many random numbers a net takes for each row of its input."""
    counts: list[int] = []
    hooks = [
        module.register_forward_hook(lambda _module, given, _made: counts.append(given[0].shape[1]))
        for module in net.modules()
        if isinstance(module, Noise)
    ]
    net(x, torch.zeros(x.shape[0], LONGEST_TAPE))
    for hook in hooks:
        hook.remove()
    return sum(counts)


def _body(net: Net, role: str, stride: int = 1) -> nn.Module:
    weights = net.weights[role]
    return Doubling(weights) if net.kinds[role] == "up" else Convolution(weights, stride)

"""A checkpoint to a bundle: whole, checked and moved into place, or nothing at all."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rtgen.bundle.half_windows import Condition, HalfWindowManifest
from rtgen.bundle.write import write_manifest
from rtgen.errors import CheckpointError
from rtgen.export.graphs import export_fixed
from rtgen.export.parity import max_abs_error
from rtgen.export.place import check_place, making
from rtgen.musika.card import write_card
from rtgen.musika.nets import DecoderNet, GeneratorNet, noise_numbers
from rtgen.musika.variants import INNER_FRAMES, STYLE_CHANNELS, Checkpoint, recognise
from rtgen.musika.weights import locate, read
from rtgen.timeline.controls import TABLE

CONTROLS = ("variation", "morph")
DEFAULT_CONDITION = Condition(control="density", low=0.0, high=1.0)
LARGEST_ERROR = 1e-3
"""What onnxruntime may differ from torch; outputs lie between -1 and 1, or somewhat beyond."""
_TRIES = 3


def run(
    folder: Path,
    out: Path,
    *,
    decoders: Path | None = None,
    licence: str = "unknown",
    condition: Condition | None = None,
    overwrite: bool = False,
    origin: str = "a Musika checkpoint",
) -> Path:
    """Write a bundle from a folder of weights; returns the bundle's folder.

    Parameters
    ----------
    decoders : where dec.h5 and dec2.h5 are; found in or beside the folder if not given.
    condition : what the channel of a conditional model means.
    origin : where the checkpoint came from, for the card.

    Raises
    ------
    CheckpointError for a checkpoint that cannot be read; BundleError for a target in the way.
    """
    check_place(out, overwrite)
    checkpoint = recognise(read(locate(folder, decoders)))
    if condition is not None and not checkpoint.conditional:
        raise CheckpointError(
            f"{folder.name} is not conditional", value=condition.control, hint="leave --condition"
        )
    if checkpoint.conditional and condition is None:
        condition = DEFAULT_CONDITION
    with making(out, overwrite) as made:
        write_bundle(checkpoint, made, licence, condition, origin)
    return out


def write_bundle(
    checkpoint: Checkpoint, made: Path, licence: str, condition: Condition | None, origin: str
) -> None:
    """Write graphs, card and manifest into a folder that is there and empty."""
    variant = checkpoint.variant
    channels = checkpoint.generator.sizes["c"]
    generator, decoder = GeneratorNet(checkpoint).eval(), DecoderNet(checkpoint).eval()
    coordinates = torch.randn(1, variant.half_latents, channels)
    latents = torch.randn(2, variant.group_latents, checkpoint.latent_channels)
    numbers = {"generator": noise_numbers(generator, coordinates)}
    numbers["decoder"] = noise_numbers(decoder, latents)
    _check("generator", generator, coordinates, numbers["generator"])
    _check("decoder", decoder, latents, numbers["decoder"])
    parity = {}
    for name, net, first, like, outputs in (
        ("generator", generator, "coordinates", coordinates, ["latents"]),
        ("decoder", decoder, "latents", latents, ["magnitude", "phase"]),
    ):
        file = f"{name}.onnx"
        parity[file] = _export(net, {first: like}, numbers[name], outputs, made / file)
    facts: dict[str, Any] = {
        "kind": "half-windows",
        "name": made.name,
        "style": variant.name,
        "version": "0.1.0",
        "licence": licence,
        "rate": variant.rate,
        "half_latents": variant.half_latents,
        "group_latents": variant.group_latents,
        "group_spectra": INNER_FRAMES,
        "latent_channels": checkpoint.latent_channels,
        "anchor_channels": channels - checkpoint.conditional - STYLE_CHANNELS,
        "style_channels": STYLE_CHANNELS,
        "anchor_latents": variant.anchor_latents,
        "first_coordinate": variant.first_coordinate,
        "anchor_bound": variant.anchor_bound,
        "style_bound": variant.style_bound,
        "generator_noise": numbers["generator"],
        "decoder_noise": numbers["decoder"],
        "condition": condition,
        "controls": _controls(condition),
        "parity_max_abs_error": parity,
        "training": {
            "imported from": origin,
            "base channels": checkpoint.base_channels,
            "generator parameters": sum(p.numel() for p in generator.parameters()),
            "decoder parameters": sum(p.numel() for p in decoder.parameters()),
        },
    }
    write_card(made, facts)
    write_manifest(made, facts)


@torch.no_grad()
def _check(name: str, net: GeneratorNet | DecoderNet, x: Tensor, numbers: int) -> None:
    """Refuse what no bundle can hold, and what makes no numbers, before the long work."""
    size, limit = 4 * sum(p.numel() for p in net.parameters()), HalfWindowManifest.file_limit
    if size > limit:
        raise CheckpointError(
            f"the {name} holds {size >> 20} MiB, and a file of a bundle {limit >> 20} at most",
            value=size,
        )
    made = net(x, torch.randn(x.shape[0], numbers))
    if not all(
        torch.isfinite(part).all() for part in (made if isinstance(made, tuple) else (made,))
    ):
        raise CheckpointError(
            f"the {name} makes numbers that are not finite",
            value=name,
            hint="its training diverged, or the file is damaged",
        )


def _export(
    net: nn.Module, like: dict[str, Tensor], numbers: int, outputs: list[str], path: Path
) -> float:
    """Write a graph; how far it is from torch on random inputs."""

    def inputs() -> dict[str, Tensor]:
        given = {name: torch.randn_like(x) for name, x in like.items()}
        rows = next(iter(given.values())).shape[0]
        return given | {"noise": torch.randn(rows, numbers)}

    with _quietly():
        export_fixed(net, inputs(), outputs, path)
    torch.manual_seed(1)
    error = max_abs_error(net, path.read_bytes(), {k: inputs() for k in range(_TRIES)})
    if not error < LARGEST_ERROR:
        raise CheckpointError(
            f"{path.stem} does not compute the same in onnxruntime: off by {error:.2g}", value=error
        )
    return error


@contextmanager
def _quietly() -> Iterator[None]:
    """The exporter warns of packages that we do not need, and traces every step for who listens."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _controls(condition: Condition | None) -> dict[str, dict[str, float | str]]:
    names = [*CONTROLS, *([condition.control] if condition else [])]
    table = ((name, TABLE[name]) for name in names)
    return {
        name: {"low": c.low, "high": c.high, "default": c.default, "unit": c.unit}
        for name, c in table
    }

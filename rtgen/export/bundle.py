"""Checkpoints to a bundle, in order: graphs, parity, int8, card, checksums."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rtgen.corpus.stream import TEMPO_RANGES
from rtgen.export.describe import describe
from rtgen.export.distil import taught_guidance
from rtgen.export.graphs import (
    DECODED,
    DecoderGraph,
    EncoderGraph,
    decoder_inputs,
    encoder_inputs,
    generator_inputs,
    round_to_half,
)
from rtgen.export.parity import export_measured
from rtgen.export.place import check_place, making
from rtgen.export.weights import write_weights
from rtgen.nets.autoencoder import Autoencoder
from rtgen.nets.checkpoint_file import open_checkpoint
from rtgen.nets.generator import Generator
from rtgen.nets.recipe import AutoencoderRecipe, GeneratorRecipe
from rtgen.timeline.conditioning import GUIDED_SLOTS
from rtgen.timeline.controls import TABLE


def run(
    autoencoder: Path,
    gan: Path,
    out: Path,
    *,
    style: str | None = None,
    version: str = "0.1.0",
    beat_lead_ms: float = 0.0,
    guidance: float = 1.0,
    distil_steps: int = 0,
    taught_slots: tuple[int, ...] = GUIDED_SLOTS,
    weights: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write a bundle folder from two checkpoints; returns the folder.

    `style` and tempo are what the checkpoint says of its training, where it does. With
    `distil_steps` the guidance is taught to the generator (of `taught_slots`), else the bundle asks
    players for it. With `weights` the bundle also holds what `rtgen finetune` goes on from, in half
    precision. A bundle that is there already stays whole until the new one is.

    Raises
    ------
    BundleError when something is in the way; CheckpointError when a checkpoint is none, or of
    other nets.
    """
    check_place(out, overwrite)
    coder, player = open_checkpoint(autoencoder), open_checkpoint(gan)
    learnt = {"style": style or "techno"} | player.facts
    corpus = f"procedural {learnt['style']}, rendered while training"
    net = Autoencoder(coder.recipe(AutoencoderRecipe)).eval()
    generator = Generator(player.recipe(GeneratorRecipe)).eval()
    coder.fill(net, "average")
    player.fill(generator, "best")
    scale = player.module("extra")
    controls = controls_of(learnt.get("tempo", TEMPO_RANGES.get(learnt["style"])))
    taught: dict[str, float] = {}
    if distil_steps and guidance > 1:
        generator, taught = taught_guidance(
            generator, controls.get("tempo"), beat_lead_ms, guidance, distil_steps, taught_slots
        )
        guidance = 1.0
    decoder = DecoderGraph(net.decoder, scale["mean"], scale["spread"]).eval()
    encoder = EncoderGraph(net.encoder, scale["mean"], scale["spread"]).eval()
    for module in (decoder, encoder, generator):
        round_to_half(module)
    with making(out, overwrite) as made:
        parity = {
            name: export_measured(module, inputs, outputs, made / name)
            for name, module, inputs, outputs in (
                ("generator.onnx", generator, partial(generator_inputs, generator), ["latents"]),
                ("decoder.onnx", decoder, partial(decoder_inputs, net.decoder), DECODED),
                ("encoder.onnx", encoder, partial(encoder_inputs, net.encoder), ["latents"]),
            )
        }
        if weights:
            write_weights(gan, made)
        r = generator.recipe
        facts: dict[str, Any] = {
            "style": learnt["style"],
            "version": version,
            "licence": "Apache-2.0" if learnt.get("procedural", True) else "other",
            "rate": 44100,
            "hop": 2048,
            "latent_channels": r.latent_channels,
            "anchor_channels": r.anchor_channels,
            "style_channels": r.style_channels,
            "control_channels": r.control_channels,
            "margins": {
                "trunk_left": r.trunk_left,
                "trunk_right": r.trunk_right,
                "head_left": r.head_left,
                "decoder_left": net.decoder.left,
                "decoder_right": net.decoder.right,
            },
            "controls": controls,
            "beat_lead_ms": beat_lead_ms,
            "guidance": guidance,
            "parity_max_abs_error": parity,
            "training": {
                "corpus": learnt.get("corpus", corpus),
                "autoencoder steps": coder.facts["step"],
                "generator steps": learnt["step"],
                "autoencoder parameters": sum(p.numel() for p in net.parameters()),
                "generator parameters": sum(p.numel() for p in generator.parameters()),
                **taught,
            },
        }
        describe(made, facts)
    return out


def controls_of(tempo_range: Sequence[float] | None) -> dict[str, Any]:
    """The manifest's controls: those of the table, with a tempo only where there is a beat."""
    controls: dict[str, Any] = {
        name: {"low": c.low, "high": c.high, "default": c.default, "unit": c.unit}
        for name, c in TABLE.items()
    }
    tempo = controls.pop("tempo")
    if tempo_range is None:
        return controls
    low, high = (round(float(bpm), 1) for bpm in tempo_range)
    default = min(max(tempo["default"], low), high)
    return {"tempo": tempo | {"low": low, "high": high, "default": default}} | controls

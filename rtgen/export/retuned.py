"""A bundle with another generator: the decoder and the encoder stay as they are."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

import torch

from rtgen.bundle.load import Bundle, load_bundle
from rtgen.errors import BundleError
from rtgen.export.bundle import controls_of
from rtgen.export.describe import describe
from rtgen.export.distil import taught_guidance
from rtgen.export.graphs import generator_inputs, round_to_half
from rtgen.export.parity import export_measured
from rtgen.export.place import check_place, making
from rtgen.nets.checkpoint_file import CheckpointFile, open_checkpoint
from rtgen.nets.generator import Generator
from rtgen.nets.recipe import GeneratorRecipe
from rtgen.timeline.conditioning import GUIDED_SLOTS

KEPT = ("decoder.onnx", "encoder.onnx")


def run(
    base: Path,
    gan: Path,
    out: Path,
    *,
    beat_lead_ms: float | None = None,
    guidance: float | None = None,
    distil_steps: int = 0,
    taught_slots: tuple[int, ...] = GUIDED_SLOTS,
    overwrite: bool = False,
) -> Path:
    """Write a bundle of a checkpoint that was trained on latents of the bundle `base`.

    What is not said of beat and guidance is as in `base`. With `distil_steps` the guidance is
    taught to the generator (of `taught_slots`), else the bundle asks players for it. A bundle that
    is there already stays whole until the new one is.

    Raises
    ------
    BundleError when `out` is `base` or something is in the way, or `base` is of another kind.
    """
    bundle = load_bundle(base)
    manifest = bundle.frames
    refuse_itself(bundle, out)
    check_place(out, overwrite)
    learnt = open_checkpoint(gan)
    facts = learnt.facts
    generator = Generator(learnt.recipe(GeneratorRecipe)).eval()
    _load(generator, learnt)
    said = manifest.model_dump(exclude={"files", "quantised"})
    said["controls"] = controls_of(facts["tempo"])
    if beat_lead_ms is not None:
        said["beat_lead_ms"] = beat_lead_ms
    if guidance is not None:
        said["guidance"] = guidance
    taught: dict[str, float] = {}
    if distil_steps and said["guidance"] > 1:
        tempo, lead = said["controls"].get("tempo"), said["beat_lead_ms"]
        generator, taught = taught_guidance(
            generator, tempo, lead, said["guidance"], distil_steps, taught_slots
        )
        said["guidance"] = 1.0
    said["style"] = facts["style"]
    said["licence"] = manifest.licence if facts["procedural"] else "other"
    said["training"] = {
        "corpus": facts["corpus"],
        "latents of": manifest.name,
        "generator steps": facts["step"],
        "generator parameters": sum(p.numel() for p in generator.parameters()),
        **taught,
    }
    return write_with(generator, bundle, said, out, overwrite)


def write_with(
    generator: Generator, base: Bundle, said: dict[str, Any], out: Path, overwrite: bool
) -> Path:
    """Write a bundle of a generator that speaks the latents of `base`; returns its folder.

    Parameters
    ----------
    generator : is rounded to half precision.
    said : the fields of its manifest, those that follow from the files and the name excepted.
    """
    round_to_half(generator)
    with making(out, overwrite) as made:
        for name in KEPT:
            if name in base.manifest.files:
                shutil.copyfile(base.folder / name, made / name)
        error = export_measured(
            generator, partial(generator_inputs, generator), ["latents"], made / "generator.onnx"
        )
        said["parity_max_abs_error"] |= {"generator.onnx": error}
        recipe = generator.recipe
        said["margins"] |= {
            "trunk_left": recipe.trunk_left,
            "trunk_right": recipe.trunk_right,
            "head_left": recipe.head_left,
        }
        describe(made, said)
    return out


def refuse_itself(bundle: Bundle, out: Path) -> None:
    """Refuse to write over the bundle that is built upon."""
    if out.resolve() == bundle.folder.resolve():
        raise BundleError(
            f"{out} is the bundle itself", value=str(out), hint="choose another folder"
        )


@torch.no_grad()
def _load(generator: Generator, learnt: CheckpointFile) -> None:
    """The best weights, speaking the bundle's latents: the run's own scale is folded in."""
    learnt.fill(generator, "best")
    scale = learnt.module("extra")
    mean, spread = scale["mean"], scale["spread"]
    write = generator.write
    write.weight.mul_(spread[:, None])
    write.bias.mul_(spread).add_(mean)

"""A bundle with another generator: the decoder and the encoder stay as they are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch

from rtgen.bundle.load import Bundle, load_bundle
from rtgen.bundle.manifest import FrameManifest
from rtgen.bundle.write import write_manifest
from rtgen.errors import BundleError
from rtgen.export.bundle import controls_of
from rtgen.export.card import model_card
from rtgen.export.graphs import EXAMPLE_FRAMES, export_graph, generator_inputs, round_to_half
from rtgen.export.int8 import write_int8
from rtgen.export.parity import LENGTHS, max_abs_error
from rtgen.nets.checkpoint_file import CheckpointFile, open_checkpoint
from rtgen.nets.generator import Generator
from rtgen.nets.recipe import GeneratorRecipe

KEPT = ("decoder.onnx", "encoder.onnx")


def run(base: Path, gan: Path, out: Path) -> Path:
    """Write a bundle of a checkpoint that was trained on latents of the bundle `base`.

    Raises
    ------
    BundleError when `out` is `base`, or `base` is of another kind.
    """
    bundle = load_bundle(base)
    manifest = bundle.frames
    refuse_itself(bundle, out)
    learnt = open_checkpoint(gan)
    facts = learnt.facts
    generator = Generator(learnt.recipe(GeneratorRecipe)).eval()
    _load(generator, learnt)
    round_to_half(generator)
    out.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        if name in manifest.files:
            shutil.copyfile(bundle.folder / name, out / name)
    path = out / "generator.onnx"
    export_graph(generator, generator_inputs(generator, EXAMPLE_FRAMES), ["latents"], path)
    error = max_abs_error(
        generator, path.read_bytes(), {n: generator_inputs(generator, n) for n in LENGTHS}
    )
    return _describe(manifest, facts, error, generator, out)


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


def _describe(
    base: FrameManifest, facts: dict[str, Any], error: float, generator: Generator, out: Path
) -> Path:
    r = generator.recipe
    said = base.model_dump(exclude={"files", "quantised"})
    said["name"], said["style"] = out.name, facts["style"]
    said["licence"] = base.licence if facts["procedural"] else "other"
    said["margins"] |= {
        "trunk_left": r.trunk_left,
        "trunk_right": r.trunk_right,
        "head_left": r.head_left,
    }
    said["controls"] = controls_of(facts["tempo"])
    said["parity_max_abs_error"] = dict(base.parity_max_abs_error) | {"generator.onnx": error}
    said["training"] = {
        "corpus": facts["corpus"],
        "latents of": base.name,
        "generator steps": facts["step"],
        "generator parameters": sum(p.numel() for p in generator.parameters()),
    }
    manifest = write_manifest(out, said)
    assert isinstance(manifest, FrameManifest)
    said["quantised"] = write_int8(out, manifest)
    (out / "README.md").write_text(model_card(manifest))
    write_manifest(out, said)
    return out

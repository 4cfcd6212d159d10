"""A bundle with another decoder: the generator and the encoder stay as they are."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from rtgen.bundle.load import load_bundle
from rtgen.export.describe import describe
from rtgen.export.graphs import DECODED, DecoderGraph, decoder_inputs, round_to_half
from rtgen.export.parity import export_measured
from rtgen.export.place import check_place, making
from rtgen.export.retuned import refuse_itself
from rtgen.nets.autoencoder import Autoencoder
from rtgen.nets.checkpoint_file import open_checkpoint
from rtgen.nets.recipe import AutoencoderRecipe
from rtgen.nets.recovered import check_same_encoder, recovered_autoencoder

KEPT = ("generator.onnx", "encoder.onnx")


def run(base: Path, autoencoder: Path, out: Path, *, overwrite: bool = False) -> Path:
    """Write the bundle `base` with the decoder of a checkpoint; returns the folder.

    A bundle that is there already stays whole until the new one is.

    Raises
    ------
    BundleError when `out` is `base`, something is in the way, or `base` has no encoder;
    CheckpointError when the checkpoint is of another autoencoder.
    """
    bundle = load_bundle(base)
    manifest = bundle.frames
    refuse_itself(bundle, out)
    check_place(out, overwrite)
    known, mean, spread = recovered_autoencoder(
        bundle.graph("encoder.onnx"), bundle.graph("decoder.onnx")
    )
    learnt = open_checkpoint(autoencoder)
    net = Autoencoder(learnt.recipe(AutoencoderRecipe)).eval()
    learnt.fill(net, "average")
    check_same_encoder(known, net, autoencoder)
    decoder = DecoderGraph(net.decoder, mean, spread).eval()
    round_to_half(decoder)
    said = manifest.model_dump(exclude={"files", "quantised"})
    said["training"] |= {"autoencoder steps": learnt.facts["step"]}
    with making(out, overwrite) as made:
        for name in KEPT:
            shutil.copyfile(bundle.folder / name, made / name)
        error = export_measured(
            decoder, partial(decoder_inputs, net.decoder), DECODED, made / "decoder.onnx"
        )
        said["parity_max_abs_error"] |= {"decoder.onnx": error}
        describe(made, said)
    return out

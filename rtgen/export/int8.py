"""The int8 graphs of a bundle, made from the others in its folder, and what they lose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rtgen.bundle.load import read_manifest
from rtgen.bundle.manifest import FrameManifest, Quantised, QuantisedGenerator
from rtgen.bundle.write import write_manifest
from rtgen.errors import BundleError
from rtgen.export.card import model_card
from rtgen.export.passages import Asker, settings
from rtgen.export.quantise import Feed, log_spectral_distance_db, quantise, session
from rtgen.timeline.conditioning import left_free
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.voice import Voice

PASSAGES, PASSAGE_FRAMES = 24, 128
"""Half of the passages calibrate, the others measure."""
FIRST_SEED = 910_000
"""Seeds that neither training nor evaluation uses."""
AMPLITUDES = ["tones", "noise"]
Floats = npt.NDArray[np.float32]


def requantise(folder: Path) -> FrameManifest:
    """Make the int8 graphs of a bundle again; write its card and its manifest anew.

    Raises
    ------
    BundleError when the folder is none of ours.
    """
    manifest = read_manifest(folder)
    if not isinstance(manifest, FrameManifest):
        raise BundleError(f"{folder.name} is not a bundle of frames", value=manifest.kind)
    facts = manifest.model_dump(exclude={"files"})
    facts["quantised"] = write_int8(folder, manifest)
    (folder / "README.md").write_text(model_card(manifest))
    written = write_manifest(folder, facts)
    assert isinstance(written, FrameManifest)
    return written


def write_int8(folder: Path, manifest: FrameManifest) -> Quantised:
    """Write decoder.int8.onnx and generator.int8.onnx beside the graphs that they stand for.

    Parameters
    ----------
    folder : holds generator.onnx and decoder.onnx.
    manifest : what they are told and asked; its files and its `quantised` do not matter.
    """
    generator, decoder = (
        (folder / name).read_bytes() for name in ("generator.onnx", "decoder.onnx")
    )
    guidance, _ = manifest.guided
    passages = list(_passages(manifest))
    half = PASSAGES // 2
    known, fresh = passages[:half], passages[half:]
    plain = _latents(generator, passages, guidance)
    int8_generator = quantise(generator, [feed for pair in known for feed in pair])
    int8_decoder = quantise(decoder, [{"latents": x} for x in plain[:half]])
    (folder / "generator.int8.onnx").write_bytes(int8_generator)
    (folder / "decoder.int8.onnx").write_bytes(int8_decoder)
    latents, heard = _latents(int8_generator, fresh, guidance), plain[half:]
    error = [x - y for x, y in zip(latents, heard, strict=True)]
    wanted = _amplitudes(decoder, heard)
    return Quantised(
        file="decoder.int8.onnx",
        log_spectral_distance_db=log_spectral_distance_db(wanted, _amplitudes(int8_decoder, heard)),
        calibration_frames=half * PASSAGE_FRAMES,
        generator=QuantisedGenerator(
            file="generator.int8.onnx",
            latent_rms_error=float(np.sqrt(np.mean(np.square(error)))),
            log_spectral_distance_db=log_spectral_distance_db(
                wanted, _amplitudes(int8_decoder, latents)
            ),
        ),
    )


def _passages(manifest: FrameManifest) -> Iterator[tuple[Feed, Feed]]:
    """The generator's inputs for music of all kinds, as asked and with what is guided left free."""
    (_, guided), chance, asker = manifest.guided, np.random.default_rng(1), Asker.of(manifest)
    for k in range(PASSAGES):
        voice = Voice(FIRST_SEED + k, style_b=FIRST_SEED + PASSAGES + k)
        timeline = ControlTimeline(settings(chance, k, asker.tempo))
        feed = asker.feed(voice, timeline, int(chance.integers(10_000)), PASSAGE_FRAMES)
        yield feed, feed | {"controls": left_free(feed["controls"], guided)}


def _latents(generator: bytes, passages: list[tuple[Feed, Feed]], guidance: float) -> list[Floats]:
    """Latents (1, T, 64) of each passage, guided as the renderer does it."""
    run, share = session(generator).run, np.float32(guidance)
    out = []
    for pair in passages:
        asked, free = (run(["latents"], feed)[0] for feed in pair)
        out.append(free + share * (asked - free))
    return out


def _amplitudes(decoder: bytes, latents: list[Floats]) -> list[Floats]:
    run = session(decoder).run
    return [said for x in latents for said in run(AMPLITUDES, {"latents": x})]

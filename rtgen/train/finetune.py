"""Trains a bundle's generator on, with music of your own; minutes to a first result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rtgen.bundle.load import Bundle, load_bundle
from rtgen.corpus.stream import STYLES
from rtgen.errors import RenderError
from rtgen.train import gan
from rtgen.train.dataset import Data
from rtgen.train.encoding import bundle_encoder
from rtgen.train.plan import Plan

WEIGHTS, GRAPH = "gan.safetensors", "generator.onnx"
RATE = 5e-5
CRITIC_STEPS = 150
"""Steps of a critic that knows nothing yet, before the generator listens to it."""
PREVIEW_EVERY = 200


def weights_of(bundle: Bundle, given: Path | None) -> Path | None:
    """The checkpoint to go on from: the one given, else the bundle's own, if it has one.

    Raises
    ------
    RenderError when what was given is not there.
    """
    if given is not None and not given.is_file():
        raise RenderError(f"no checkpoint {given}", value=str(given), hint="--from gan.safetensors")
    if given is None and WEIGHTS in bundle.manifest.files:
        return bundle.folder / WEIGHTS
    return given


def fitting(data: Data, bundle: Bundle) -> Data:
    """The data as the bundle's generator can learn from it.

    Its tempi join those that the bundle knows; where the bundle has no beat, nothing is said of it.

    Raises
    ------
    RenderError when it is not in the bundle's latents.
    """
    if data.encoder_sha256 != bundle_encoder(bundle.folder).sha256:
        raise RenderError(
            f"this data is not in the latents of {bundle.manifest.name}",
            value=str(data.encoder),
            hint=f"rtgen encode FOLDER --model {bundle.manifest.name} -o DATA",
        )
    if not bundle.manifest.has_beat:
        return data.without_beat()
    if data.tempo is None:
        return data
    known = bundle.manifest.span("tempo")
    return replace(data, tempo=(min(data.tempo[0], known.low), max(data.tempo[1], known.high)))


def run(
    name_or_folder: str,
    data: Data | None,
    out: Path,
    *,
    start: Path | None = None,
    steps: int = 600,
    batch: int = 16,
    rate: float = RATE,
    clips: int = 1500,
    workers: int = 1,
    device: str = "cpu",
    devices: int = 1,
) -> Path:
    """Train on from a bundle's weights; returns the new checkpoint, to be exported with the bundle.

    Without a checkpoint it goes on from the generator's graph, with a critic and readers that begin
    anew. Without data it goes on with the corpus of the bundle's style: `clips` of it are kept in
    memory, made by `workers`. Stops and resumes at any step, as every run does.

    Raises
    ------
    RenderError when there is neither data nor a corpus of that style.
    """
    bundle = load_bundle(name_or_folder)
    style = bundle.manifest.style
    if data is None and style not in STYLES:
        raise RenderError(
            f"there is no corpus of {style}", value=style, hint="give --data, from `rtgen encode`"
        )
    weights = weights_of(bundle, start)
    plan = Plan(
        out,
        bundle=bundle.folder.resolve(),
        style=style,
        start=weights,
        graph=bundle.folder.resolve() / GRAPH if weights is None else None,
        critic_first=CRITIC_STEPS if weights is None else 0,
        data=None if data is None else fitting(data, bundle),
        steps=steps,
        batch=batch,
        rate=rate,
        clips=clips,
        workers=workers,
        preview_every=PREVIEW_EVERY,
    )
    return gan.run(plan, device, devices)

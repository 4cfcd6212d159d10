"""What a run of the latent GAN is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rtgen.bundle.load import load_bundle
from rtgen.corpus.stream import TEMPO_RANGES, TRAIN_SEEDS
from rtgen.nets.decoding import Decode, graph_decoder
from rtgen.train.batches import Reservoir
from rtgen.train.dataset import Data, Shelf, describe
from rtgen.train.encoding import EncoderSource, bundle_encoder, checkpoint_encoder
from rtgen.train.gan_inputs import Source
from rtgen.train.hearing import compile_ears
from rtgen.train.latent_clip import LatentClip
from rtgen.train.latents import frozen_autoencoder
from rtgen.train.previews import EVERY_STEPS, net_decoder


@dataclass(frozen=True)
class Plan:
    """One run: what is learnt from, where to begin, how long.

    Clips of `style`, or `data`; its latents are those of `autoencoder` or of `bundle`. `start` is a
    checkpoint to begin from, whose nets speak the latents of `bundle`. Where there is none, `graph`
    may be the generator alone, as exported: then readers learn first, and a new critic gets
    `critic_first` steps before the generator moves.
    """

    out: Path
    autoencoder: Path | None = None
    bundle: Path | None = None
    style: str = "techno"
    data: Data | None = None
    start: Path | None = None
    graph: Path | None = None
    critic_first: int = 0
    steps: int = 10_000
    batch: int = 16
    rate: float = 2e-4
    clips: int = 1500
    workers: int = 1
    seed: int = 0
    preview_every: int = EVERY_STEPS
    save_seconds: float = 60.0

    @property
    def tempo(self) -> tuple[float, float] | None:
        """Range of tempi that are learnt from; None where there is no beat."""
        return self.data.tempo if self.data else TEMPO_RANGES.get(self.style)

    def facts(self) -> dict[str, Any]:
        """What an export must know of the run."""
        corpus = f"procedural {self.style}, rendered while training"
        if self.data:
            corpus = describe(len(self.data.recordings), self.data.minutes)
        return {
            "style": self.style,
            "tempo": self.tempo,
            "corpus": corpus,
            "procedural": self.data is None,
            "autoencoder": str(self.autoencoder) if self.autoencoder else None,
            "bundle": str(self.bundle) if self.bundle else None,
        }

    def source(self, rank: int, step: int) -> Source:
        """Where clips come from."""
        if self.data:
            return Shelf(self.data.recordings)
        first = (1_000_000 * (1 + rank) + step) % TRAIN_SEEDS.stop
        seeds = range(first, TRAIN_SEEDS.stop)
        make = partial(LatentClip, self._encoder())
        compile_ears()
        return Reservoir(make, self.style, seeds, self.clips, self.workers)

    def _encoder(self) -> EncoderSource:
        if self.bundle:
            return bundle_encoder(self.bundle)
        assert self.autoencoder is not None
        return checkpoint_encoder(self.autoencoder)

    def decoder(self) -> Decode:
        """What previews are decoded with."""
        if self.bundle:
            return graph_decoder(load_bundle(self.bundle).graph("decoder.onnx"))
        assert self.autoencoder is not None
        return net_decoder(frozen_autoencoder(self.autoencoder).decoder)

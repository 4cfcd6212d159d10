"""Encoded recordings as training reads them: a drop-in for the endless corpus."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from rtgen.corpus.track import HOP, RATE
from rtgen.errors import BundleError, RenderError
from rtgen.timeline.conditioning import BEAT_SLOTS, build_conditioning
from rtgen.train.encoding import bundle_encoder, checkpoint_encoder

TEMPO_SHARES = (0.01, 0.99)


@dataclass(frozen=True)
class Recording:
    """One recording: latents (T, 64) and conditioning (T, 32), float32."""

    latents: np.ndarray
    controls: np.ndarray


@dataclass(frozen=True)
class Data:
    """What `rtgen encode` made of a folder.

    `encoder` is a bundle's folder or an autoencoder's checkpoint; `encoder_sha256` is of its file;
    `standardised` says that its latents are those a
    bundle's nets speak; `tempo` is the range of tempi heard, None where no beat was.
    """

    recordings: list[Recording]
    encoder: Path
    encoder_sha256: str
    standardised: bool
    tempo: tuple[float, float] | None

    @property
    def minutes(self) -> float:
        """Length of it all."""
        return sum(len(r.latents) for r in self.recordings) * HOP / RATE / 60

    def without_beat(self) -> Data:
        """The same with nothing said of beat and tempo, for a model that has none."""
        quiet = []
        for r in self.recordings:
            controls = r.controls.copy()
            controls[:, :BEAT_SLOTS] = 0.0
            quiet.append(Recording(r.latents, controls))
        return replace(self, recordings=quiet, tempo=None)


def describe(recordings: int, minutes: float) -> str:
    """How much music it is, in words."""
    return f"{recordings} recording{'s' if recordings != 1 else ''}, {minutes:.1f} minutes"


def read_data(folder: Path) -> Data:
    """Read what `rtgen encode` wrote.

    Raises
    ------
    RenderError when it is not there, not whole, or empty.
    """
    facts = _facts(folder / "data.json")
    recordings, tempi = [], []
    for path in sorted((folder / "clips").glob("*.safetensors")):
        try:
            found = load_file(path)
            recordings.append(_recording(found))
        except (SafetensorError, KeyError) as error:
            raise RenderError(
                f"{path.name} of {folder} is damaged",
                value=str(path),
                hint="delete it and run `rtgen encode` again",
            ) from error
        tempi.append(found["tempo_bpm"][np.isfinite(found["tempo_bpm"])])
    if not recordings:
        raise RenderError(f"{folder} holds no recordings", value=str(folder), hint="rtgen encode")
    every = np.concatenate(tempi)
    tempo = tuple(float(t) for t in np.quantile(every, TEMPO_SHARES)) if len(every) else None
    encoder = facts["encoder"]
    return Data(
        recordings,
        Path(encoder["path"]),
        encoder["sha256"],
        encoder["standardised"],
        None if tempo is None else (tempo[0], tempo[1]),
    )


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise RenderError(
            f"{path.parent} is not a folder of encoded music",
            value=str(path.parent),
            hint="rtgen encode FOLDER -o DATA",
        ) from error
    return facts


def _recording(found: dict[str, np.ndarray]) -> Recording:
    given = np.ones(len(found["latents"]), bool)
    controls = build_conditioning(
        found["beat_position"],
        found["tempo_bpm"],
        found["density"],
        found["energy"],
        found["chroma"],
        given,
        given,
        given,
    )
    return Recording(found["latents"].astype(np.float32), controls)


def encoder_of(data: Data, autoencoder: Path | None) -> tuple[Path | None, Path | None]:
    """The autoencoder's checkpoint or the bundle's folder that the latents were made with.

    `autoencoder` is where the checkpoint lies now, if it was moved.

    Raises
    ------
    RenderError when it is gone or another.
    """
    path = data.encoder
    if not data.standardised and autoencoder is not None:
        path = autoencoder
    try:
        found = bundle_encoder(path) if data.standardised else checkpoint_encoder(path)
    except (OSError, BundleError) as error:
        raise RenderError(
            f"the encoder of this data, {path}, is gone",
            value=str(path),
            hint="put it back, or run `rtgen encode` with another one",
        ) from error
    if found.sha256 != data.encoder_sha256:
        raise RenderError(
            f"{path} is not the encoder that this data was made with",
            value=str(path),
            hint="run `rtgen encode` again, to another folder",
        )
    return (None, found.path) if data.standardised else (found.path, None)


class Shelf:
    """Recordings to draw from, in place of a reservoir of fresh clips: long ones more often."""

    def __init__(self, recordings: list[Recording]) -> None:
        self.items = recordings
        self.made = len(recordings)
        lengths = np.array([len(r.latents) for r in recordings], float)
        self._shares = lengths / lengths.sum()

    def fill(self, count: int) -> None:
        """All is there."""

    def draw(self, rng: np.random.Generator, count: int) -> list[Recording]:
        """`count` recordings, with replacement."""
        return [self.items[i] for i in rng.choice(len(self.items), count, p=self._shares)]

    def close(self) -> None:
        """Nothing to stop."""

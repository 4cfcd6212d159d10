"""Stretches made on request: a sound file and its picture, kept in memory until newer ones come.

They are made faster than real time beside the live stream, so the maker rests as long as it works.
"""

from __future__ import annotations

import io
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from rtgen.audio.log_mel import BANDS, WINDOW, LogMel
from rtgen.errors import RemoteError
from rtgen.stream.offline import pieces
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.controls import NAMES, Value
from rtgen.timeline.events import ControlTimeline
from rtgen.timeline.seeds import DRAWN_SEEDS
from rtgen.timeline.units import RATE
from rtgen.web.stage import Stage

LONGEST_SECONDS = 120.0
KEPT_CLIPS = 4
MOST_COLUMNS = 1000


class Wish(BaseModel):
    """What clip is wanted.

    Attributes
    ----------
    truncation : see `rtgen.stream.renderer.Voice`.
    steered : with the controls as they are now, else with the model's defaults.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    seconds: Annotated[float, Field(ge=1.0, le=LONGEST_SECONDS)]
    seed: Annotated[int, Field(ge=0, lt=DRAWN_SEEDS)]
    truncation: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    steered: bool = True


@dataclass(frozen=True)
class Clip:
    """A clip that was made: a WAV file of 24 bits, a picture of columns by bands."""

    name: str
    sound: bytes
    picture: bytes

    @property
    def columns(self) -> int:
        """Width of the picture."""
        return len(self.picture) // BANDS


class ClipMaker:
    """Makes clips of the model that plays, one at a time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._renderer: Renderer | None = None
        self._made: OrderedDict[str, Clip] = OrderedDict()

    def find(self, name: str) -> Clip | None:
        """A clip that is still kept."""
        return self._made.get(name)

    def close(self) -> None:
        """Leave off what is in the making; twice is harmless."""
        self._closed.set()

    def make(self, wish: Wish) -> Clip:
        """Make a clip; waits for the one before. [any thread but the event loop's]

        Raises
        ------
        RemoteError when the maker is closed before it is done.
        """
        import soundfile

        with self._lock:
            voice = Voice(wish.seed, truncation=wish.truncation)
            timeline = ControlTimeline(self._controls(wish.steered))
            sound = io.BytesIO()
            mel = LogMel(RATE, max(WINDOW // 2, round(wish.seconds * RATE / MOST_COLUMNS)))
            columns = []
            with soundfile.SoundFile(sound, "w", RATE, 2, "PCM_24", format="WAV") as file:
                begun = time.thread_time()
                made = pieces(self._ready(), voice, timeline, 0.0, wish.seconds, RATE)
                for piece in made:
                    file.write(piece)
                    columns.append(mel.columns(piece))
                    if self._closed.wait(time.thread_time() - begun):
                        raise RemoteError("the page is closed", value=wish.seconds)
                    begun = time.thread_time()
            clip = Clip(secrets.token_hex(8), sound.getvalue(), np.concatenate(columns).tobytes())
            self._made[clip.name] = clip
            while len(self._made) > KEPT_CLIPS:
                self._made.popitem(last=False)
            return clip

    def _ready(self) -> Renderer:
        bundle = self._stage.bundle
        if self._renderer is None or self._renderer.bundle is not bundle:
            self._renderer = Renderer(bundle)
        return self._renderer

    def _controls(self, steered: bool) -> dict[str, Value]:
        if steered:
            return {name: self._stage.value(name) for name in NAMES}
        return {name: c.default for name, c in self._stage.bundle.manifest.controls.items()}

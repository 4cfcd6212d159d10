"""rtgen: an endless, steerable neural music generator, played like an instrument.

By task: `load_bundle` opens a model, `Renderer` makes any stretch of its stream, `Player` plays it
live and takes controls. Everything is imported when first used, so `import rtgen` is light.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtgen.bundle.load import load_bundle
    from rtgen.stream.player import Player
    from rtgen.stream.renderer import Renderer
    from rtgen.timeline.events import ControlTimeline

# Since 1.29, onnxruntime's builds tell its makers what models are opened, by a thread and a
# database of their own, unless this is set before it is imported. An instrument tells nobody.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
__all__ = ["ControlTimeline", "Player", "Renderer", "__version__", "load_bundle"]

_HOMES = {
    "ControlTimeline": "rtgen.timeline.events",
    "Player": "rtgen.stream.player",
    "Renderer": "rtgen.stream.renderer",
    "load_bundle": "rtgen.bundle.load",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'rtgen' has no attribute {name!r}")

"""The kinds of bundles, and which one a manifest is of."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from rtgen.bundle.half_windows import HalfWindowManifest
from rtgen.bundle.manifest import FrameManifest, Manifest

KINDS: dict[str, type[Manifest]] = {
    "frames": FrameManifest,
    "half-windows": HalfWindowManifest,
}


class _Named(BaseModel):
    model_config = ConfigDict(extra="ignore")
    kind: Literal["frames", "half-windows"] = "frames"


def manifest_of(data: bytes) -> Manifest:
    """A manifest from its JSON; one that names no kind is of frames.

    Raises
    ------
    ValidationError of pydantic when it fits none.
    """
    return KINDS[_Named.model_validate_json(data).kind].model_validate_json(data)

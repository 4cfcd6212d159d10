"""Where files of the user live, by the platform's custom."""

from __future__ import annotations

import os
from pathlib import Path


def model_folders() -> list[Path]:
    """Folders searched for bundles, first wins: RTGEN_MODELS, the source tree, the user's data."""
    from platformdirs import user_data_path

    named = [Path(p) for p in os.environ.get("RTGEN_MODELS", "").split(os.pathsep) if p]
    here = Path(__file__).resolve().parent
    return [*named, here.parent / "models", here / "models", user_data_path("rtgen") / "models"]

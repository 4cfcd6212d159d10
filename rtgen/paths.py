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


def runtime_folder() -> Path:
    """Where the engine's socket lies: RTGEN_RUNTIME, the user's runtime folder, or one in /tmp."""
    named = os.environ.get("RTGEN_RUNTIME")
    if named:
        return Path(named)
    session = os.environ.get("XDG_RUNTIME_DIR")
    return Path(session) / "rtgen" if session else Path(f"/tmp/rtgen-{os.getuid()}")


def trials_folder() -> Path:
    """Which bundles passed a trial here."""
    from platformdirs import user_data_path

    return user_data_path("rtgen") / "trials"


def log_file() -> Path:
    """Where the background engine writes what it did."""
    from platformdirs import user_log_path

    return user_log_path("rtgen") / "serve.log"


def presets_file() -> Path:
    """The user's own presets."""
    from platformdirs import user_config_path

    return user_config_path("rtgen") / "presets.toml"


def learnt_file() -> Path:
    """Which knob of which MIDI device the user taught to move what."""
    from platformdirs import user_config_path

    return user_config_path("rtgen") / "midi.toml"


def performances_folder() -> Path:
    """Where live performances are kept."""
    from platformdirs import user_data_path

    return user_data_path("rtgen") / "performances"

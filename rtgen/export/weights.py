"""The nets that training goes on from, as a file of a bundle: half precision, no optimiser."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file

WEIGHTS = "gan.safetensors"
_KEPT = ("best", "critic", "reader", "track_reader")


def write_weights(gan: Path, folder: Path) -> Path:
    """Copy the best generator, the critic and the readers of a checkpoint to a folder."""
    with safe_open(gan, "pt") as file:
        facts = json.loads(file.metadata()["facts"])
        tensors = {
            key: file.get_tensor(key).half()
            for key in file.keys()  # noqa: SIM118
            if key.split("/", 1)[0] in _KEPT
        }
    out = folder / WEIGHTS
    kept = {name: facts[name] for name in ("step", "recipe")}
    save_file(tensors, out, metadata={"facts": json.dumps(kept)})
    return out

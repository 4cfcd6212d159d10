"""Writes a bundle's manifest over the files that are in its folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from rtgen.bundle.kinds import KINDS
from rtgen.bundle.manifest import FileFacts, Manifest
from rtgen.errors import BundleError


def write_manifest(folder: Path, facts: dict[str, Any]) -> Manifest:
    """Add sizes and checksums of all files that are not hidden to the facts; write manifest.json.

    Raises
    ------
    BundleError when a file is too large to travel.
    """
    kind = KINDS[facts.get("kind", "frames")]
    files = {}
    for path in sorted(folder.iterdir()):
        if path.name == "manifest.json" or path.name.startswith(".") or not path.is_file():
            continue
        data = path.read_bytes()
        if len(data) > kind.file_limit:
            limit = kind.file_limit >> 20
            raise BundleError(f"{path.name} is over {limit} MiB", value=str(path))
        files[path.name] = FileFacts(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    manifest = kind(**facts, files=files)
    (folder / "manifest.json").write_text(manifest.model_dump_json(indent=2) + "\n")
    return manifest

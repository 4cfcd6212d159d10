"""What a bundle says of itself, once its graphs are there: int8 graphs, card, manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rtgen.bundle.manifest import FrameManifest
from rtgen.bundle.write import write_manifest
from rtgen.export.card import model_card
from rtgen.export.int8 import write_int8


def describe(made: Path, said: dict[str, Any]) -> None:
    """Write all of it.

    Parameters
    ----------
    made : a folder with the graphs; the bundle gets its name.
    said : the fields of the manifest, those that follow from the files and the name excepted.
    """
    said["name"] = made.name
    manifest = write_manifest(made, said)
    assert isinstance(manifest, FrameManifest)
    said["quantised"] = write_int8(made, manifest)
    (made / "README.md").write_text(model_card(manifest))
    write_manifest(made, said)

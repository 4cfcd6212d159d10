"""The manifest of a bundle from a stranger."""

from __future__ import annotations

from rtgen.bundle.kinds import KINDS
from rtgen.bundle.load import read_manifest
from rtgen.timeline.controls import TABLE
from tests.fuzz.walls import allowed, scratch, walled

_FOLDER = scratch()
WORDS = tuple({*TABLE, *KINDS, *(f for kind in KINDS.values() for f in kind.model_fields)})


def one_input(data: bytes) -> None:
    """Read it as a bundle's, and ask it all that the engine asks."""
    (_FOLDER / "manifest.json").write_bytes(data)
    with walled():
        manifest = allowed(read_manifest, _FOLDER)
        if manifest is None:
            return
        for name in TABLE:
            span = manifest.span(name)
            assert span.low <= span.default <= span.high
        for inputs, outputs in manifest.signatures().values():
            assert all(len(shape) <= 4 for shape in (*inputs.values(), *outputs.values()))
        assert set(manifest.control_names) >= set(manifest.controls)
        assert all("/" not in name and name not in ("", "..") for name in manifest.files)
        manifest.has_beat  # noqa: B018

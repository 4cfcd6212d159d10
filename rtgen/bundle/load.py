"""Opens a bundle: everything is checked before anything is used."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from rtgen.bundle.formats import check_content, printable
from rtgen.bundle.kinds import manifest_of
from rtgen.bundle.library import find
from rtgen.bundle.manifest import FrameManifest, Manifest
from rtgen.bundle.onnx_guard import check_graph
from rtgen.bundle.trial import stand_trial
from rtgen.errors import BundleError

REQUIRED = ("generator.onnx", "decoder.onnx")
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 256 * 1024


@dataclass(frozen=True)
class Bundle:
    """A checked bundle; `graphs` holds the bytes that were checked, so nothing can change after.

    Attributes
    ----------
    checksum : SHA-256 of its manifest, which holds those of all its files; empty if made in memory.
    """

    folder: Path
    manifest: Manifest
    graphs: dict[str, bytes]
    checksum: str = ""

    @property
    def frames(self) -> FrameManifest:
        """The manifest of a bundle of frames.

        Raises
        ------
        BundleError when it is of another kind.
        """
        if not isinstance(self.manifest, FrameManifest):
            raise BundleError(
                f"{self.manifest.name} is a bundle of {self.manifest.kind}, not of frames",
                value=self.manifest.kind,
                hint="only rendering and playing take every kind",
            )
        return self.manifest

    def graph(self, name: str) -> bytes:
        """Bytes of an ONNX file.

        Raises
        ------
        BundleError when the bundle has none of that name.
        """
        if name not in self.graphs:
            raise BundleError(f"the bundle {self.manifest.name} has no {name}", value=name)
        return self.graphs[name]


def load_bundle(name_or_folder: str | Path) -> Bundle:
    """Open a bundle by name or folder.

    Raises
    ------
    BundleError when it is missing, damaged or foreign, or fails its trial.
    """
    folder = find(name_or_folder)
    told = read_file(folder / MANIFEST, MAX_MANIFEST_BYTES)
    manifest = manifest_from(told, folder.name)
    missing = [name for name in REQUIRED if name not in manifest.files]
    if missing:
        raise BundleError(f"{folder.name} lists no {missing[0]}", value=str(folder))
    graphs, contracts = {}, manifest.signatures()
    for name, facts in manifest.files.items():
        data = read_file(folder / name, manifest.file_limit)
        if len(data) != facts.bytes or hashlib.sha256(data).hexdigest() != facts.sha256:
            raise BundleError(
                f"{name} of {folder.name} does not match its checksum",
                value=name,
                hint="the bundle is damaged or was changed; get it again",
            )
        if name.endswith(".onnx"):
            check_graph(data, name, contracts.get(name))
            graphs[name] = data
        else:
            check_content(data, name)
    stand_trial(folder.name, told, graphs)
    return Bundle(folder, manifest, graphs, hashlib.sha256(told).hexdigest())


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone, checked against the schema."""
    return manifest_from(read_file(folder / MANIFEST, MAX_MANIFEST_BYTES), folder.name)


def manifest_from(data: bytes, whose: str) -> Manifest:
    """A manifest from its bytes, checked against the schema.

    Raises
    ------
    BundleError that says whose it is and what is wrong first.
    """
    try:
        return manifest_of(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BundleError(
            f"the manifest of {whose} is not one of ours: "
            f"{printable(where)}: {printable(first['msg'])}",
            value=whose,
            hint="a bundle is a folder made by `rtgen export`",
        ) from error


def read_file(path: Path, limit: int) -> bytes:
    """A plain file of a bundle, whole.

    Raises
    ------
    BundleError when it is a link, not there, or larger than `limit` bytes.
    """
    if path.is_symlink():
        raise BundleError(
            f"{path.name} of {path.parent.name} is a link",
            value=str(path),
            hint="a bundle is a folder of plain files; copy them",
        )
    if not path.is_file():
        raise BundleError(
            f"{path.parent.name} has no file {path.name}",
            value=str(path),
            hint="a bundle is a folder with manifest.json, generator.onnx and decoder.onnx",
        )
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise BundleError(
            f"cannot read {path.name} of {path.parent.name}: {error.strerror}", value=str(path)
        ) from error
    if len(data) > limit:
        raise BundleError(f"{path.name} is larger than a bundle may hold", value=str(path))
    return data

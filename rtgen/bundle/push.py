"""Puts a bundle where others find it: on a hub, or in a folder that a web server hands out.

What goes is a copy of what the manifest lists, with a card that says licence, tags and facts of
training. If the card lacked something, or the licence is given anew, the copy has a manifest of its
own; else it is the same to the byte. The bundle itself is never touched.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rtgen.bundle import hub
from rtgen.bundle.card import CARD, UNKNOWN, completed
from rtgen.bundle.library import check_free, settle
from rtgen.bundle.load import MANIFEST, load_bundle
from rtgen.bundle.manifest import Manifest
from rtgen.bundle.mirror import write_index
from rtgen.bundle.origin import digest
from rtgen.bundle.places import FolderPlace, HubPlace, Place
from rtgen.bundle.pull import checked_name, making
from rtgen.bundle.write import write_manifest
from rtgen.errors import BundleError, LibraryError

LONGEST_LICENCE = 80


@dataclass(frozen=True)
class Pushed:
    """What was put where.

    Attributes
    ----------
    where : as `rtgen models pull` takes it.
    commit : on a hub.
    card_changed : whether the copy's card says more than the bundle's.
    """

    where: str
    manifest: Manifest
    commit: str | None
    card_changed: bool


def push(
    model: str | Path,
    place: Place,
    *,
    licence: str | None = None,
    message: str | None = None,
    private: bool = False,
    overwrite: bool = False,
    bars: bool = False,
) -> Pushed:
    """Publish a bundle.

    Parameters
    ----------
    model : name or folder.
    place : a repository, or the folder of a library, in which the bundle gets its own name.
    licence : what may be done with it, if not what the manifest says.
    bars : whether the hub's library may draw its progress.

    Raises
    ------
    BundleError for a bundle that is damaged or says no licence; LibraryError when it is not taken.
    """
    if not isinstance(place, HubPlace | FolderPlace) or (
        isinstance(place, HubPlace) and place.folder
    ):
        raise LibraryError(
            f"cannot push to {place}",
            value=str(place),
            hint="owner/name on a hub, or a folder; a mirror is such a folder on a web server",
        )
    with tempfile.TemporaryDirectory(prefix="rtgen-push-") as temporary:
        made = Path(temporary) / "bundle"
        made.mkdir()
        manifest, changed = prepare(model, made, licence)
        names = [MANIFEST, *manifest.files]
        if isinstance(place, HubPlace):
            text = message or f"{manifest.name} {manifest.version}"
            commit = hub.push(made, names, place, message=text, private=private, bars=bars)
            return Pushed(str(place), manifest, commit, changed)
        target = place.path / checked_name(manifest.name)
        if not ((target / MANIFEST).is_file() and digest(target) == digest(made)):
            check_free(target, overwrite)
            with making(place.path, digest(made)) as here:
                shutil.copytree(made, here, dirs_exist_ok=True)
                settle(here, target)
        write_index(place.path)
        return Pushed(str(target), manifest, None, changed)


def prepare(model: str | Path, made: Path, licence: str | None) -> tuple[Manifest, bool]:
    """Copy a bundle as it is to be published; whether that changed its card.

    Raises
    ------
    BundleError as for `push`.
    """
    bundle = load_bundle(model)
    manifest = bundle.manifest
    licence = _checked(licence or manifest.licence, manifest)
    for name in (MANIFEST, *manifest.files):
        shutil.copyfile(bundle.folder / name, made / name)
    card = (made / CARD).read_text("utf-8") if (made / CARD).exists() else ""
    wanted = manifest.model_copy(update={"licence": licence})
    text = completed(card, wanted)
    if text != card or wanted != manifest:
        (made / CARD).write_text(text, "utf-8")
        wanted = write_manifest(made, wanted.model_dump(exclude={"files"}))
    load_bundle(made)
    return wanted, text != card


def _checked(licence: str, manifest: Manifest) -> str:
    if licence.lower() == UNKNOWN:
        raise BundleError(
            f"{manifest.name} says no licence, so nobody may use it",
            value=licence,
            hint="--licence CC-BY-4.0, or whatever its training allows",
        )
    if not licence.isprintable() or not 0 < len(licence.strip()) <= LONGEST_LICENCE:
        raise BundleError("that is no name of a licence", value=licence, hint="one line of text")
    return licence

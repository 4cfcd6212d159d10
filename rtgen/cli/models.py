"""`rtgen models`: those that are here, and those that others share."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from rtgen.cli.models_view import described, list_here, progress, tell, tell_damaged

if TYPE_CHECKING:
    from rtgen.bundle.places import Place

LIBRARY_VARIABLE = "RTGEN_LIBRARY"
Json = Annotated[bool, typer.Option("--json", help="Machine readable")]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        envvar=LIBRARY_VARIABLE,
        help="Library: hf://owner, an https address, or a folder",
    ),
]
Revision = Annotated[
    str | None,
    typer.Option("--revision", help="Branch, tag or commit; of a mirror, its manifest's SHA-256"),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Overwrite")]


class ModelsGroup(typer.core.TyperGroup):
    """Verbs; and `rtgen models NAME`, which is short for `rtgen models info --json NAME`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """See click."""
        if args[0] not in self.commands and all(a.startswith("-") for a in args[1:]):
            args = ["info", "--json", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(cls=ModelsGroup, invoke_without_command=True, help="Models, here and elsewhere")


@app.callback()
def models(ctx: typer.Context, as_json: Json = False) -> None:
    """List the models that are here; with a verb, fetch, share and check them."""
    if ctx.invoked_subcommand is None:
        list_here(as_json)


@app.command("list")
def list_models(
    library: From = None,
    search: Annotated[str | None, typer.Option("--search", help="Part of a name")] = None,
    as_json: Json = False,
) -> None:
    """List the models that are here, or those of a library elsewhere."""
    from rtgen.bundle import hub, mirror
    from rtgen.bundle.library import bundles_in
    from rtgen.bundle.places import FolderPlace, HubOwner, library_of
    from rtgen.errors import LibraryError

    if library is None:
        list_here(as_json, search or "")
        return
    place = library_of(library)
    if isinstance(place, HubOwner):
        found = [
            {"name": m.repo, "licence": m.licence, "changed": m.changed}
            for m in hub.published(place, search)
        ]
    else:
        if isinstance(place, FolderPlace):
            if not place.path.is_dir():
                raise LibraryError(f"there is no folder {place}", value=str(place))
            entries, damaged = mirror.entries_in(bundles_in(place.path))
            tell_damaged(damaged)
        else:
            entries = mirror.read_index(place)
        found = [e.model_dump() for e in entries if (search or "") in e.name]
    tell(found, as_json)


@app.command("pull")
def pull_model(
    model: Annotated[str, typer.Argument(help="owner/name, an address, a folder; see --from")],
    library: From = None,
    revision: Revision = None,
    name: Annotated[str | None, typer.Option("--as", help="Name to have here")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Folder to lie in")] = None,
    yes: Yes = False,
) -> None:
    """Fetch a model, check all of it, and keep it under its name."""
    from rtgen.bundle.formats import printable
    from rtgen.bundle.library import find, home
    from rtgen.bundle.pull import pull
    from rtgen.bundle.source import look

    place = _place(model, library, revision)
    source = look(place, revision)
    if source.ignored:
        names = ", ".join(printable(n, 60) for n in source.ignored[:4])
        more = "" if len(source.ignored) <= 4 else f" and {len(source.ignored) - 4} more"
        typer.echo(f"left there, being no part of the model: {names}{more}", err=True)
    with progress(source.manifest.name, source.manifest.total_bytes) as told:
        got = pull(
            source,
            to or home(),
            name=name,
            revision=revision or getattr(place, "revision", None),
            overwrite=yes,
            told=told,
        )
    if not got.fresh:
        typer.echo("it is here already, and all checksums match", err=True)
    typer.echo(got.folder)
    if to is None and find(got.folder.name).resolve() != got.folder.resolve():
        first = find(got.folder.name)
        typer.echo(f"{first} is found first under that name; --as gives another", err=True)


@app.command("push")
def push_model(
    model: Annotated[str, typer.Argument(help="Name or folder of a model")],
    destination: Annotated[str, typer.Argument(help="owner/name on the hub, or a folder")],
    licence: Annotated[
        str | None, typer.Option("--licence", help="What may be done with it: CC-BY-4.0")
    ] = None,
    revision: Annotated[str | None, typer.Option("--revision", help="Branch of the hub")] = None,
    message: Annotated[str | None, typer.Option("--message", "-m", help="Of the commit")] = None,
    private: Annotated[bool, typer.Option("--private", help="If it is new on the hub")] = False,
    yes: Yes = False,
) -> None:
    """Publish a model, with a card that says licence and training."""
    from rtgen.bundle.places import place_of
    from rtgen.bundle.push import push

    done = push(
        model,
        place_of(destination, revision),
        licence=licence,
        message=message,
        private=private,
        overwrite=yes,
        bars=sys.stderr.isatty(),
    )
    if done.card_changed:
        typer.echo("the card lacked something; what was pushed says it", err=True)
    typer.echo(f"{done.where}@{done.commit}" if done.commit else done.where)


@app.command("info")
def info(
    model: Annotated[str, typer.Argument(help="Name, folder, owner/name or address")],
    library: From = None,
    revision: Revision = None,
    as_json: Json = False,
) -> None:
    """Describe a model: one that is here is checked, of another only the manifest is read."""
    from rtgen.bundle.library import find
    from rtgen.bundle.load import load_bundle
    from rtgen.bundle.origin import digest, read_origin
    from rtgen.bundle.source import look
    from rtgen.errors import BundleError

    facts: dict[str, Any]
    try:
        folder = find(model) if library is None and revision is None else None
    except BundleError:
        if "/" not in model:
            raise
        folder = None
    if folder is not None:
        manifest = load_bundle(folder).manifest
        origin = read_origin(folder)
        facts = {"folder": str(folder), "manifest_sha256": digest(folder)}
        facts["origin"] = origin.model_dump(exclude={"format"}) if origin else None
    else:
        source = look(_place(model, library, revision), revision)
        manifest = source.manifest
        facts = {"place": str(source.place), "manifest_sha256": source.sha256}
        facts["commit"] = source.commit
    if as_json:
        typer.echo(json.dumps(manifest.model_dump(mode="json") | facts, indent=2))
        return
    for key, value in described(manifest, facts):
        typer.echo(f"{key:10} {value}")


@app.command("verify")
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Names or folders; all if none")] = None,
) -> None:
    """Check every file against its checksum, and every graph against what it may hold."""
    from rtgen.bundle.library import find, installed
    from rtgen.bundle.load import load_bundle
    from rtgen.bundle.origin import digest, read_origin
    from rtgen.errors import BundleError

    wrong = 0
    for name in names or [str(folder) for folder in installed()]:
        try:
            bundle = load_bundle(name)
            origin = read_origin(bundle.folder)
            if origin is not None and origin.manifest_sha256 != digest(bundle.folder):
                raise BundleError(
                    f"{bundle.folder.name} is not what was pulled from {origin.place}", value=name
                )
        except BundleError as error:
            if names and len(names) == 1:
                raise
            wrong += 1
            typer.echo(f"{Path(name).name:16} wrong: {error}")
            continue
        count, size = len(bundle.manifest.files), bundle.manifest.total_bytes / 2**20
        said = f"{count} files, {size:.1f} MiB, all checksums match"
        typer.echo(f"{find(name).name:16} {said}")
    if wrong:
        raise BundleError(f"{wrong} of the models are damaged", value=wrong, hint="pull them again")


def _place(model: str, library: str | None, revision: str | None) -> Place:
    """Where a model is: in the library, if a bare name was given."""
    from rtgen.bundle.places import library_of, place_of, within
    from rtgen.errors import LibraryError

    if library is not None and "/" not in model:
        return within(library_of(library), model, revision)
    if "/" not in model and not Path(model).is_dir():
        raise LibraryError(
            f"where is '{model}' to come from?",
            value=model,
            hint="owner/name, an https address, a folder, or a name with --from LIBRARY",
        )
    return place_of(model, revision)

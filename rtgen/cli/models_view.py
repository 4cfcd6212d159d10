"""What `rtgen models` shows: lists, a description, and how a download goes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rtgen.bundle.fetch import Told
    from rtgen.bundle.manifest import Manifest


def list_here(as_json: bool, search: str = "") -> None:
    """Print what is installed."""
    from rtgen.bundle.formats import printable
    from rtgen.bundle.library import installed
    from rtgen.bundle.load import read_manifest
    from rtgen.errors import BundleError

    found, damaged = [], []
    for folder in installed():
        if search not in folder.name:
            continue
        try:
            found.append((folder, read_manifest(folder)))
        except BundleError as error:
            damaged.append(str(error))
    if as_json:
        rows = [
            {"name": f.name, "folder": str(f), "style": m.style, "licence": m.licence}
            for f, m in found
        ]
        typer.echo(json.dumps(rows))
    else:
        for folder, m in found:
            told = printable(f"{m.style}, {m.licence}")
            typer.echo(f"{folder.name:16} {told}, {m.total_bytes / 2**20:.1f} MiB")
    tell_damaged(damaged)
    if not found:
        typer.echo("no model found", err=True)


def tell(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print models of a library elsewhere."""
    from rtgen.bundle.formats import printable

    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        facts = {key: value for key, value in row.items() if key != "name"}
        if "bytes" in facts:
            facts["bytes"] = f"{facts['bytes'] / 2**20:.1f} MiB"
        told = ", ".join(printable(str(value)) for value in facts.values() if value)
        typer.echo(f"{row['name']:16} {told}")
    if not rows:
        typer.echo("no model found", err=True)


def tell_damaged(damaged: list[str]) -> None:
    """Say which models are not listed, and why."""
    for sentence in damaged:
        typer.echo(f"left out: {sentence}", err=True)


def described(manifest: Manifest, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Lines about a model: what it is called, and what that is."""
    from rtgen.bundle.formats import printable
    from rtgen.timeline.controls import CHROMA, PITCH_CLASSES

    yield "name", manifest.name
    yield "style", printable(manifest.style)
    yield "version", printable(manifest.version)
    yield "licence", printable(manifest.licence)
    yield "kind", manifest.kind
    yield "size", f"{manifest.total_bytes / 2**20:.1f} MiB in {len(manifest.files)} files"
    for name in manifest.control_names:
        if name == CHROMA:
            yield name, "any of " + " ".join(PITCH_CLASSES) + ", default any"
            continue
        c = manifest.controls[name]
        span = f"{c.low:g} to {c.high:g} {printable(c.unit, 20)}".rstrip()
        yield name, f"{span}, default {c.default:g}"
    for key, value in manifest.training.items():
        yield "training", printable(f"{key}: {value}")
    origin = facts.get("origin") or {}
    for key, value in {**facts, **origin}.items():
        if value and key not in ("origin", "manifest_sha256"):
            yield key, printable(str(value))
    yield "manifest", facts["manifest_sha256"]


@contextmanager
def progress(name: str, total: int) -> Iterator[Told]:
    """A bar on standard error while files come; none where that is no terminal.

    Parameters
    ----------
    total : bytes, as far as they are known before.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    bar = Progress(
        *columns,
        TransferSpeedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    here: dict[str, tuple[int, int]] = {}
    with bar:
        task = bar.add_task(name, total=total, visible=total > 0)

        def told(file: str, done: int, whole: int) -> None:
            here[file] = done, whole
            came, known = (sum(column) for column in zip(*here.values(), strict=True))
            bar.update(task, completed=came, total=max(total, known), visible=True)

        yield told

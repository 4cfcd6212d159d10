"""The page on sharing names the verbs, the kinds of files and the switches that there are."""

from __future__ import annotations

import re
from pathlib import Path

from typer.main import get_command

from rtgen.bundle.formats import ALLOWED
from rtgen.cli.models import LIBRARY_VARIABLE, app
from rtgen.musika.fetching import PUBLISHED_DECODERS

PAGE = (Path(__file__).resolve().parents[2] / "docs/sharing.md").read_text()


def test_every_verb_has_its_line() -> None:
    told = re.findall(r"^\| `rtgen models (\w+)` \|", PAGE, re.MULTILINE)
    assert told == list(get_command(app).commands)  # type: ignore[attr-defined]


def test_every_kind_of_file_is_named() -> None:
    section = PAGE.split("## What a bundle may hold\n")[1].split("\n## ")[0]
    assert sorted(re.findall(r"`(\.\w+)`", section)) == sorted(ALLOWED)


def test_variables_and_places_are_the_codes() -> None:
    assert f"`{LIBRARY_VARIABLE}`" in PAGE
    assert f"--decoders {PUBLISHED_DECODERS}" in PAGE

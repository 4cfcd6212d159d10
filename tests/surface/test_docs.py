"""What the pages say is so: tables are the code's, commands, options and links exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from rtgen.cli.main import app
from rtgen.control.keyboard import NUDGES
from rtgen.control.midi_map import DEFAULT_MAPPINGS, FINE, PANIC_CCS, SUSTAIN_CC
from rtgen.control.osc import FEEDBACK
from rtgen.control.osc_addresses import ADDRESSES, ROOT
from rtgen.timeline.controls import CHROMA, PITCH_CLASSES, TABLE

ROOT_FOLDER = Path(__file__).resolve().parents[2]
DOCS = ROOT_FOLDER / "docs"
README = ROOT_FOLDER / "README.md"
PAGES = sorted(DOCS.rglob("*.md"))
STEER = (DOCS / "steer.md").read_text()
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^    (rtgen (?:.*\\\n)*.*)", re.MULTILINE)
QUOTED = re.compile(r"`(rtgen [^`\n]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
KEYS = f"{ROOT}/key/"
Row = tuple[str, ...]


def rows(heading: str) -> list[Row]:
    """Cells of the first table under a heading of the steer page, without its head."""
    section = STEER.split(f"\n## {heading}\n")[1]
    lines = re.findall(r"(?:^\|.*\|\n)+", section, re.MULTILINE)[0].splitlines()
    return [tuple(cell.strip().strip("`") for cell in line[1:-1].split("|")) for line in lines[2:]]


def commands(text: str) -> Iterator[str]:
    """Every command line of ours in a page, in one piece."""
    for block in FENCED.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("rtgen "):
                yield line.partition("#")[0]
    yield from (line.replace("\\\n", " ").partition("#")[0] for line in INDENTED.findall(text))
    yield from QUOTED.findall(text)


COMMANDS = [(page.name, line) for page in [*PAGES, README] for line in commands(page.read_text())]


def test_the_table_of_controls_is_the_codes() -> None:
    assert rows("Controls") == [
        (
            c.name,
            f"{c.low:g} to {c.high:g} {c.unit}".rstrip(),
            f"{c.default:g}",
            "yes" if c.auto else "no",
            c.says,
        )
        for c in TABLE.values()
    ]
    assert f"`{CHROMA}`" in STEER


def test_the_table_of_controllers_is_the_codes() -> None:
    knobs = [m for m in DEFAULT_MAPPINGS if not m.nrpn]
    assert rows("MIDI") == [
        (
            str(m.number),
            str(m.number + FINE) if m.number < FINE else "none",
            m.control,
            f"{m.low:g} to {m.high:g}",
        )
        for m in knobs
    ]
    parameters = {(m.number, m.control) for m in DEFAULT_MAPPINGS if m.nrpn}
    assert parameters == {(m.number, m.control) for m in knobs}, "the page says: the same numbers"
    for number in (SUSTAIN_CC, *PANIC_CCS):
        assert f"CC {number}" in STEER


def test_the_table_of_addresses_is_the_codes() -> None:
    first, *others = PITCH_CLASSES
    wanted = [
        (row.path, row.takes, row.says)
        for row in ADDRESSES.values()
        if not row.path.startswith(KEYS)
    ]
    hold = f"hold {first}; likewise {', '.join(others)}"
    key = (KEYS + first, ADDRESSES[KEYS + first].takes, hold)
    assert sorted(rows("OSC")) == sorted([*wanted, key])
    assert {row.path for row in ADDRESSES.values() if row.path.startswith(KEYS)} == {
        KEYS + name for name in PITCH_CLASSES
    }
    assert f"`{FEEDBACK}`" in STEER


def test_the_table_of_keys_is_the_codes() -> None:
    steps = {key: (name, step) for key, (name, step) in NUDGES.items()}
    told: dict[str, tuple[str, float]] = {}
    for keys, says in rows("Keys"):
        moved = re.fullmatch(r"(\w+), down and up by ([\d.]+)", says)
        if moved:
            down, up = re.findall(r"\w", keys)
            told[down] = (moved[1], -float(moved[2]))
            told[up] = (moved[1], float(moved[2]))
    assert told == steps


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_every_command_exists_with_its_options(page: str, line: str) -> None:
    words = shlex.split(line)[1:]
    command: Any = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert command.name != "rtgen", f"{page}: there is no `rtgen {words[0]}`"
    if hasattr(command, "commands"):
        assert not words or words[0].startswith("-"), f"{page}: no verb {words[0]} in `{line}`"
    options = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    options.add("--help")
    for word in words:
        if re.match(r"--?[a-z]", word):
            assert word.partition("=")[0] in options, f"{page}: {word} in `{line}`"


def test_commands_are_found_in_the_pages() -> None:
    assert len(COMMANDS) > 40
    assert any("--set chroma=C,Eb,G" in line and "-o x.wav" in line for _page, line in COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if "://" not in target:
            path = target.partition("#")[0]
            assert not path or (page.parent / path).is_file(), target


def test_every_page_is_on_the_site_once() -> None:
    nav = (ROOT_FOLDER / "mkdocs.yml").read_text().split("\nnav:\n")[1]
    named = re.findall(r": (\S+\.md)$", nav, re.MULTILINE)
    assert sorted(named) == sorted(page.relative_to(DOCS).as_posix() for page in PAGES)

"""The page on security names tests that there are, and proves every row of its tables."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from rtgen.bundle.load import MAX_MANIFEST_BYTES
from rtgen.bundle.trial import Limits
from rtgen.control.midi_file import MOST_BYTES
from rtgen.control.midi_framing import MOST_EVENTS
from rtgen.train.recordings import LONGEST_DECODE_SECONDS
from rtgen.web.server import TOKEN_BYTES
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
IN_PYTHON = re.compile(r"`([\w/]+\.py)::(\w+)`")
IN_CPP = re.compile(r"`(plugin_bridge/[\w/]+\.cpp): ([^`]+)`")
ROWS = [
    line
    for line in PAGE.splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| they try |"))
]


@pytest.mark.parametrize("file", sorted({file for file, _ in IN_PYTHON.findall(PAGE)}))
def test_every_test_that_is_named_exists(file: str) -> None:
    tree = ast.parse((ROOT / "tests" / file).read_text())
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    named = {name for where, name in IN_PYTHON.findall(PAGE) if where == file}
    assert named <= there


def test_every_sentence_of_the_bridge_is_a_test_there() -> None:
    named = IN_CPP.findall(PAGE)
    assert named
    for file, sentence in named:
        assert f'TEST_CASE("{sentence}")' in (ROOT / file).read_text()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_every_row_is_proven(row: str) -> None:
    *_, proof = row.strip("|").split(" | ")
    assert IN_PYTHON.search(proof) or IN_CPP.search(proof)


def test_nothing_that_looks_like_a_test_is_overlooked() -> None:
    found = len(IN_PYTHON.findall(PAGE)) + len(IN_CPP.findall(PAGE))
    assert found == len(re.findall(r"::test_|\.cpp: ", PAGE)) > 50


def test_the_numbers_are_the_codes() -> None:
    limits = Limits()
    assert (limits.memory_bytes, limits.seconds) == (1 << 30, 15)
    assert MAX_MANIFEST_BYTES == 256 << 10
    assert TOKEN_BYTES * 8 == 128
    assert (MOST_BYTES, MOST_EVENTS) == (16 << 20, 1 << 20)
    assert LONGEST_DECODE_SECONDS == 600
    assert len(TARGETS) == 12

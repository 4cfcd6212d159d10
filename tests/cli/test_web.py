"""`rtgen play --web`: where the page is, said in a line, and refused in one."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rtgen.cli.optional_value import filled
from rtgen.cli.play import WEB_PLACE
from tests.cli.conftest import Rtgen

SHORT = ("--null", "--no-midi", "--seconds", 0.2)
IMPORTED = """
import sys
from rtgen.cli.main import main
try:
    main()
except SystemExit:
    print([name for name in ("starlette", "uvicorn", "websockets") if name in sys.modules])
"""


def test_the_page_says_where_it_is(rtgen: Rtgen, tiny_folder: Path) -> None:
    outcome = rtgen("play", "--model", tiny_folder, *SHORT, "--web", "127.0.0.1:0")
    assert outcome.code == 0
    assert re.fullmatch(r"page at http://127\.0\.0\.1:\d+/", outcome.err.splitlines()[0])


def test_bound_wide_it_tells_the_token_and_what_it_is_good_for(
    rtgen: Rtgen, tiny_folder: Path
) -> None:
    outcome = rtgen("play", "--model", tiny_folder, *SHORT, "--web", "0.0.0.0:0")
    assert outcome.code == 0
    said, warned = outcome.err.splitlines()[:2]
    assert re.fullmatch(r"page at http://[^/]+:\d+/#[\w-]{20,}", said)
    assert warned == "whoever has this address can steer and listen"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--web"], [f"--web={WEB_PLACE}"]),
        (["--web", "--null"], [f"--web={WEB_PLACE}", "--null"]),
        (["--web", "8080", "--null"], ["--web", "8080", "--null"]),
        (["--web=8080"], ["--web=8080"]),
        (["--null", "--web"], ["--null", f"--web={WEB_PLACE}"]),
    ],
)
def test_the_place_may_be_left_out(typed: list[str], meant: list[str]) -> None:
    assert filled(typed, {"--web": WEB_PLACE}) == meant


@pytest.mark.parametrize("place", ["studio", "99999", ":9000"])
def test_what_is_no_place_is_refused(rtgen: Rtgen, tiny_folder: Path, place: str) -> None:
    outcome = rtgen("play", "--model", tiny_folder, *SHORT, "--web", place)
    assert outcome.code == 2
    assert outcome.err.splitlines()[0] == f"error: '{place}' is no place to listen"


def test_a_place_that_is_taken_is_refused(rtgen: Rtgen, tiny_folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        place = f"127.0.0.1:{other.getsockname()[1]}"
        outcome = rtgen("play", "--model", tiny_folder, *SHORT, "--web", place)
    assert outcome.code == 2
    assert outcome.err.splitlines()[-2:] == [
        f"error: cannot serve the page at {place}: address already in use",
        "hint: does something else listen there? try another --web port",
    ]


def test_without_the_extra_it_says_which(
    rtgen: Rtgen, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    outcome = rtgen("play", "--model", tiny_folder, *SHORT, "--web", "127.0.0.1:0")
    assert outcome.code == 2
    assert outcome.err.splitlines()[-2:] == [
        "error: the page needs uvicorn",
        "hint: pip install 'rtgen[web]'",
    ]


def test_who_does_not_ask_for_the_page_does_not_load_it(tiny_folder: Path) -> None:
    arguments = ["play", "--model", str(tiny_folder), *map(str, SHORT)]
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"

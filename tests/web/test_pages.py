"""What is served: the page with its headers, and nothing else of this machine's files."""

from __future__ import annotations

import re

from rtgen.web.app import STATIC
from tests.web.conftest import Place

TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


def policy_of(header: str) -> dict[str, list[str]]:
    """Sources by directive of a content security policy."""
    directives = (part.split() for part in header.split(";"))
    return {name: sources for name, *sources in directives}


def test_every_file_comes_with_its_type_and_may_do_little(place: Place) -> None:
    paths = ["/", *(f"/static/{path.name}" for path in STATIC.iterdir())]
    assert len(paths) > 10
    for path in paths:
        file = STATIC / (path.removeprefix("/static/") if path != "/" else "index.html")
        status, headers, body = place.ask(path)
        assert status == 200, path
        assert headers["content-type"].split(";")[0] == TYPES[file.suffix], path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert "server" not in headers, path
        policy = policy_of(headers["content-security-policy"])
        assert policy["default-src"] == ["'none'"], path
        assert policy["script-src"] == ["'self'"], path
        assert policy["style-src"] == ["'self'"], path
        assert policy["frame-ancestors"] == ["'none'"], path
        assert body == file.read_bytes(), path


def test_refusals_carry_the_headers_too(place: Place) -> None:
    for status, headers, _ in (place.ask("/nowhere"), place.ask("/", host="evil.example")):
        assert status in (404, 421)
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]


def test_the_page_asks_nobody_else_and_has_no_script_inside() -> None:
    for path in STATIC.iterdir():
        text = path.read_text()
        elsewhere = re.findall(r"(?:https?|wss?)://(?!www\.w3\.org/2000/svg|\$)[^\s\"'`]+", text)
        assert elsewhere == [], path.name
    page = (STATIC / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []


def test_no_path_leads_out_of_the_page(place: Place) -> None:
    for path in (
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/errors.py",
        "/static//etc/passwd",
        "/static/..%5capp.py",
        "/static/%00",
        "/static/",
        "/clips/../model/sound",
        "/openapi.json",
        "/docs",
    ):
        status, _, body = place.ask(path)
        assert status == 404, path
        assert len(body) < 200, path
    place.plays_on()

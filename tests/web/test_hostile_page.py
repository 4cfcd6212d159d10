"""Pages of somebody else in a real browser: of other origins, and under a name that was rebound."""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browser import chromium
from tests.web.conftest import Place

EVIL = "evil.example"
ATTACK = """async (place) => {
  const tried = {};
  for (const path of ["control", "listen"]) {
    const socket = new WebSocket(`ws://${place}/${path}`);
    tried[path] = await new Promise((resolve) => {
      socket.onopen = () => { socket.send('{}'); socket.send('["/rtgen/seed", 99]'); };
      socket.onmessage = () => resolve("told");
      socket.onclose = () => resolve("closed");
    });
  }
  const read = async (path, more) => {
    try {
      return (await fetch(`http://${place}${path}`, more)).status;
    } catch {
      return "failed";
    }
  };
  const json = { "content-type": "application/json" };
  const body = '{"name": "techno"}';
  tried.page = await read("/");
  tried.script = await read("/static/main.js");
  tried.model = await read("/model", { method: "POST", headers: json, body });
  tried.simple = await read("/model", { method: "POST", mode: "no-cors", body });
  tried.clip = await read("/clips", { method: "POST", headers: json, body: '{"seconds": 1}' });
  const shown = (tag, set) => new Promise((resolve) => {
    const one = document.createElement(tag);
    one.onload = () => resolve("shown");
    one.onerror = () => resolve("failed");
    set(one);
    document.body.append(one);
  });
  tried.icon = await shown("img", (one) => { one.src = `http://${place}/static/icon.svg`; });
  tried.module = await shown("script", (one) => { one.src = `http://${place}/static/main.js`; });
  return tried;
}"""
SUBMIT = """(place) => {
  document.body.innerHTML = `<form method="post" enctype="text/plain" action="http://${place}/model">
    <input name='{"name": "techno", "x": "' value='"}'></form>`;
  document.forms[0].submit();
}"""
FRAME = """(url) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.onload = () => resolve();
  frame.src = url;
  document.body.append(frame);
})"""
NOTHING = ("failed", 0, 403, 421)
"""A status of 0 is that of an answer whose content a page may not see."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for which the attacker's name is this machine."""
    with chromium(f"--host-resolver-rules=MAP {EVIL} 127.0.0.1") as browser:
        yield browser


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[int]:
    """The port of an attacker's web server."""
    (tmp_path / "index.html").write_text("<!doctype html><title>harmless</title><body></body>")
    handler = functools.partial(Silent, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class Silent(http.server.SimpleHTTPRequestHandler):
    """Keeps no log."""

    def log_message(self, format: str, *args: object) -> None:
        """See http.server."""


@contextlib.contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    with contextlib.closing(browser.new_page()) as page:
        page.goto(url)
        yield page


def untouched(place: Place) -> None:
    """Fails if anything was changed, or the stream disturbed."""
    assert place.hands.bundle.manifest.name == "tiny"
    assert place.hands.seed == 7
    place.plays_on()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", EVIL])
def test_a_page_of_another_origin_neither_steers_nor_hears_nor_looks(
    browser: Browser, place: Place, theirs: int, host: str
) -> None:
    with opened(browser, f"http://{host}:{theirs}/") as page:
        tried = page.evaluate(ATTACK, place.host)
        assert tried.pop("control") == tried.pop("listen") == "closed"
        assert tried.pop("icon") == tried.pop("module") == "failed"
        assert all(status in NOTHING for status in tried.values()), tried
    untouched(place)


@pytest.mark.parametrize("host", ["localhost", EVIL])
def test_a_form_of_another_origin_is_refused(
    browser: Browser, place: Place, theirs: int, host: str
) -> None:
    with opened(browser, f"http://{host}:{theirs}/") as page:
        with page.expect_response(f"**{place.host}/model") as answer:
            page.evaluate(SUBMIT, place.host)
        assert answer.value.status == 403
    untouched(place)


def test_the_page_cannot_be_framed_and_clicked_through(
    browser: Browser, place: Place, theirs: int
) -> None:
    with opened(browser, f"http://localhost:{theirs}/") as page:
        with page.expect_event("framenavigated", lambda moved: moved.parent_frame) as moved:
            page.evaluate(FRAME, place.server.url)
        assert moved.value.url.startswith("chrome-error:"), "it was shown"
    untouched(place)


def test_a_name_that_was_rebound_to_this_machine_gets_nothing(
    browser: Browser, place: Place
) -> None:
    with contextlib.closing(browser.new_page()) as page:
        rebound = f"{EVIL}:{place.port}"
        answer = page.goto(f"http://{rebound}/")
        assert answer is not None
        assert answer.status == 421
        tried = page.evaluate(ATTACK, rebound)  # of the same origin, as the browser sees it
        assert tried.pop("control") == tried.pop("listen") == "closed"
        assert tried.pop("icon") == tried.pop("module") == "failed"
        assert set(tried.values()) == {421}, tried
    untouched(place)

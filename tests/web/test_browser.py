"""The page in a real browser: heard, steered by keys alone, on a phone, without barriers."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.conftest import MODELS
from tests.fakes.listener import onset_rate
from tests.web.browser import (
    CONTROLS,
    DESK,
    NAME,
    PHONE,
    chromium,
    page_at,
    tab_to,
    take_heard,
    walk,
)
from tests.web.conftest import Place, until

COMMAND = [sys.executable, "-m", "rtgen.cli.main", "play", "--null", "--no-midi"]
SETTLED_SECONDS, HEARD_SECONDS = 0.5, 3.0
SMALLEST_PIXELS = 40
HEARS = "document.getElementById('own').value > 0.05"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def desk(browser: Browser, place: Place) -> Iterator[Page]:
    """The page of `place` on a desk."""
    with page_at(browser, place.server.url, DESK) as page:
        yield page


@pytest.fixture
def phone(browser: Browser, place: Place) -> Iterator[Page]:
    """The page of `place` on a phone."""
    with page_at(browser, place.server.url, PHONE) as page:
        yield page


def press(page: Page, *keys: str) -> None:
    """Press keys on what has the focus."""
    for key in keys:
        page.keyboard.press(key)


def test_the_density_dial_changes_how_busy_what_the_browser_plays_is(browser: Browser) -> None:
    arguments = ["--model", str(MODELS / "techno"), "--seed", "3", "--web", "127.0.0.1:0"]
    with subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        said = re.fullmatch(r"page at (http://127\.0\.0\.1:\d+/)\n", program.stderr.readline())
        assert said is not None
        try:
            with page_at(browser, said.group(1), DESK) as page:
                tab_to(page, "listen")
                page.keyboard.press("Enter")
                until(lambda: page.evaluate(HEARS), "no sound comes")
                tab_to(page, "dial-density")
                press(page, "Home", *["ArrowUp"] * 4)
                assert page.inner_text("#dial-density .number span") == "2.0"
                take_heard(page, SETTLED_SECONDS)
                sparse, rate = take_heard(page, HEARD_SECONDS)
                press(page, "End", *["ArrowDown"] * 6)
                assert page.inner_text("#dial-density .number span") == "15.0"
                take_heard(page, SETTLED_SECONDS)
                busy, _ = take_heard(page, HEARD_SECONDS)
                assert page.get_attribute("#listen", "aria-pressed") == "true"
        finally:
            program.send_signal(signal.SIGTERM)
            assert program.wait(20) == 0
    assert np.abs(sparse).max() > 0.05
    assert onset_rate(busy, rate) > 1.5 * onset_rate(sparse, rate)


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_axe_finds_nothing_serious(desk: Page, phone: Page) -> None:
    for page in (desk, phone):
        assert serious(page) == []
        page.fill("#clip-seconds", "1")
        page.click("#clip-make")
        page.wait_for_selector("#clips audio")
        page.click("#keys button")
        assert serious(page) == []


def test_tab_leads_to_every_control_and_shows_where_it_is(desk: Page) -> None:
    shown = desk.evaluate(
        f"""() => [...document.querySelectorAll("{CONTROLS}")]
          .filter((one) => one.checkVisibility() && !one.disabled).map({NAME})"""
    )
    assert len(shown) > 30
    assert len(set(shown)) == len(shown), "two controls have one name"
    assert walk(desk) == shown
    for name in ("play", "dial-density", "seed", "latch", "morph"):
        tab_to(desk, name)
        ring = desk.evaluate(
            """() => { const s = getComputedStyle(document.activeElement);
              return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2; }"""
        )
        assert ring, f"{name} does not show that it has the focus"


def test_every_control_obeys_the_keyboard(desk: Page, place: Place) -> None:
    hands = place.hands

    def at(name: str, *keys: str) -> None:
        tab_to(desk, name)
        press(desk, *keys)

    def held() -> list[int]:
        chroma = hands.value("chroma")
        assert isinstance(chroma, tuple)
        return [k for k, weight in enumerate(chroma) if weight > 0]

    def at_end(name: str, end: int) -> bool:
        value = hands.gain_db if name == "gain" else hands.value(name)
        return value == hands.span(name)[end]

    for name in ("density", "energy", "tempo", "gain"):
        for key, end in (("Home", 0), ("End", 1)):
            at(f"dial-{name}", key)
            until(lambda name=name, end=end: at_end(name, end), f"{name} does not obey {key}")
    at("dial-gain", "Home", "ArrowUp", "PageUp")
    until(lambda: -60 < hands.gain_db < 0, "gain does not obey arrows")
    at("density left to the model", "Space")
    until(lambda: np.isnan(hands.value("density")), "density is not left to the model")
    at("morph", "End")
    until(lambda: hands.value("morph") == 1.0, "morph does not obey")
    at("variation", "Home")
    until(lambda: hands.value("variation") == 0.0, "variation does not obey")
    at("freeze", "Space")
    until(lambda: hands.value("variation") == 1.0, "it stays frozen")
    at("seed", "Control+a", "4", "2", "Enter")
    until(lambda: hands.seed == 42, "the seed does not obey")
    at("style-a", "Control+a", "5", "Enter")
    until(lambda: hands.styles[0] == 5, "style A does not obey")
    at("style-b", "Control+a", "6", "Enter")
    until(lambda: hands.styles == (5, 6), "style B does not obey")
    at("new-b", "Enter")
    until(lambda: hands.styles[1] not in (None, 6), "there is no new B")
    at("new-seed", "Enter")
    until(lambda: hands.seed != 42, "there is no new seed")
    at("C", "Space")
    at("E flat", "Enter")
    until(lambda: held() == [0, 3], "keys do not obey")
    at("free", "Enter")
    until(lambda: held() == [], "keys are not let go")
    at("latch", "Space")
    assert not desk.is_checked("#latch")
    at("G", "Space")
    until(lambda: held() == [7], "without latch a key does not obey")
    at("play", "Space")
    until(lambda: hands.paused, "it does not pause")
    at("play", "Space")
    until(lambda: not hands.paused, "it does not go on")
    at("panic", "Enter")
    until(lambda: hands.paused and held() == [], "panic does nothing")
    at("play", "Space")
    for _ in range(5):
        at("tap", "Enter")
        desk.wait_for_timeout(400)
    until(lambda: 120 < float(hands.value("tempo")) < 160, "taps set no tempo")
    at("clip-seconds", "Control+a", "1", "Enter")
    desk.wait_for_selector("#clips audio")
    assert {"Clip of seed 1, 1 s, style variation 100 %", "Download WAV"} <= set(walk(desk))


def test_another_model_is_chosen_by_keys(desk: Page, place: Place) -> None:
    tab_to(desk, "model")
    desk.keyboard.type("techno")
    until(lambda: place.hands.bundle.manifest.name == "techno", "the model stays")
    until(lambda: desk.inner_text("#status") == "techno plays", "it does not say so")


def test_a_dial_is_dragged_and_the_pad_is_touched(desk: Page, place: Place) -> None:
    box = desk.locator("#dial-density").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = float(place.hands.value("density"))
    desk.mouse.move(x, y)
    desk.mouse.down()
    desk.mouse.move(x, y - 60, steps=5)
    desk.mouse.up()
    until(lambda: float(place.hands.value("density")) > before + 3, "the dial does not turn")
    pad = desk.locator("#pad")
    pad.scroll_into_view_if_needed()
    size = pad.bounding_box()
    assert size is not None
    pad.click(position={"x": size["width"] / 2, "y": size["height"] / 2})
    until(lambda: abs(float(place.hands.value("morph")) - 0.5) < 0.02, "the pad does not morph")
    until(lambda: abs(float(place.hands.value("variation")) - 0.5) < 0.02, "it still wanders")
    pad.click(position={"x": size["width"] - 12, "y": 12})
    until(lambda: place.hands.value("morph") == 1.0, "a corner is not style B")
    until(lambda: place.hands.value("variation") == 1.0, "a corner does not wander fully")


def test_on_a_phone_nothing_is_cut_off_and_fingers_find_every_control(phone: Page) -> None:
    phone.fill("#clip-seconds", "1")
    phone.click("#clip-make")
    phone.wait_for_selector("#clips audio")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    sizes = phone.evaluate(
        f"""() => [...document.querySelectorAll("{CONTROLS}")]
          .filter((one) => one.checkVisibility()).map((one) => {{
            const box = (one.closest("label.switch") ?? one).getBoundingClientRect();
            return [({NAME})(one), box.width, box.height, box.left, box.right];
          }})"""
    )
    assert len(sizes) > 30
    for name, width, height, left, right in sizes:
        assert min(width, height) >= SMALLEST_PIXELS, f"{name}: {width} x {height}"
        assert left >= 0, name
        assert right <= PHONE["width"], name


def test_a_browser_without_worklets_is_served_as_well(browser: Browser, place: Place) -> None:
    with page_at(browser, place.server.url, DESK) as page:
        page.evaluate("delete BaseAudioContext.prototype.audioWorklet")
        page.click("#listen")
        until(lambda: page.evaluate(HEARS), "no sound comes")
        heard, _ = take_heard(page, 1.0)
        assert np.abs(heard).max() > 0.01


def test_the_page_says_that_nobody_answers(browser: Browser, place: Place) -> None:
    with page_at(browser, place.server.url, DESK) as page:
        place.server.close()
        until(lambda: "trying again" in page.inner_text("#status"), "it says nothing")
        page.goto("about:blank")
    place.plays_on()


def test_a_page_of_somebody_else_reaches_nothing(browser: Browser, place: Place) -> None:
    with contextlib.closing(browser.new_page()) as page:
        page.goto("about:blank")
        opened, answered = page.evaluate(
            """async (place) => {
              const socket = new WebSocket(`ws://${place}/control`);
              const opened = await new Promise((resolve) => {
                socket.onopen = () => resolve(true);
                socket.onerror = () => resolve(false);
              });
              const wish = { method: "POST", mode: "no-cors", body: '{"name": "techno"}' };
              const asked = fetch(`http://${place}/model`, wish);
              return [opened, await asked.then(() => true, () => false)];
            }""",
            place.host,
        )
    assert (opened, answered) == (False, False)
    assert place.hands.bundle.manifest.name == "tiny"
    place.plays_on()

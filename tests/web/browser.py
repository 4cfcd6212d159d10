"""A real browser that opens the page, and what it heard."""

from __future__ import annotations

import base64
import contextlib
import shutil
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.conftest import until

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
CONTROLS = "button, input, select, a[href], audio, [role=slider], [tabindex]"

# Whatever the page connects to its loudspeakers is kept as well, as samples of 16 bits.
KEEP_WHAT_IS_HEARD = """
  const connect = AudioNode.prototype.connect;
  window.heard = [];
  window.heardRate = 0;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to === this.context.destination) {
      const ear = this.context.createScriptProcessor(4096, 2, 1);
      ear.onaudioprocess = ({ inputBuffer }) => {
        const [left, right] = [inputBuffer.getChannelData(0), inputBuffer.getChannelData(1)];
        window.heard.push(Int16Array.from(left, (x, k) => (x + right[k]) * 16383));
      };
      window.heardRate = this.context.sampleRate;
      connect.call(this, ear);
      connect.call(ear, to);
    }
    return connect.call(this, to, ...rest);
  };
"""
TAKE_WHAT_WAS_HEARD = """() => {
  const bytes = new Uint8Array(window.heard.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of window.heard) {
    bytes.set(new Uint8Array(part.buffer), at);
    at += part.byteLength;
  }
  window.heard = [];
  let text = "";
  for (let k = 0; k < bytes.length; k += 8192) {
    text += String.fromCharCode(...bytes.subarray(k, k + 8192));
  }
  return [window.heardRate, btoa(text)];
}"""


@contextlib.contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Debian's Chromium, without a window; `more` are arguments of its own."""
    path = shutil.which("chromium")
    assert path, "the tests need chromium: run `make test`, which installs it"
    arguments = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
    arguments += more
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=arguments)
        with contextlib.closing(browser):
            yield browser


@contextlib.contextmanager
def page_at(browser: Browser, url: str, size: dict[str, int]) -> Iterator[Page]:
    """The page, opened and connected; fails if the browser had anything to complain about."""
    complaints: list[str] = []
    with contextlib.closing(
        browser.new_context(viewport=size, has_touch=size is PHONE)
    ) as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.add_init_script(KEEP_WHAT_IS_HEARD)
        page.goto(url)
        page.wait_for_selector("#dial-density")
        yield page
        assert complaints == []


def take_heard(page: Page, seconds: float) -> tuple[npt.NDArray[np.float32], int]:
    """What the browser plays in the next seconds (n, 1), and its rate."""
    page.evaluate("window.heard = []")
    wanted = f"window.heard.length * 4096 > {seconds} * window.heardRate"
    until(lambda: page.evaluate(wanted), "the browser plays nothing")
    rate, text = page.evaluate(TAKE_WHAT_WAS_HEARD)
    samples = np.frombuffer(base64.b64decode(text), "<i2").astype(np.float32) / 32767
    return samples[:, None], int(rate)


def walk(page: Page, most: int = 120) -> list[str]:
    """Names of what Tab leads to, in order, once around."""
    page.evaluate("document.activeElement?.blur?.()")
    names: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate(f"() => ({NAME})(document.activeElement)")
        if name == "body":
            break
        if names[-1:] != [name]:  # a player has buttons of its own inside
            names.append(name)
    return names


def tab_to(page: Page, name: str, most: int = 120) -> None:
    """Press Tab until something has the focus."""
    for _ in range(most):
        if page.evaluate(f"() => ({NAME})(document.activeElement)") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name}")


NAME = """(one) => one === document.body ? "body"
  : one.id || one.getAttribute("aria-label") || one.textContent.trim()"""
"""How a control is called here: by its id, else by what a screen reader says."""

"""What the page received and has not yet played, in a real browser."""

from __future__ import annotations

import numpy as np

from tests.web.browser import DESK, chromium, page_at
from tests.web.conftest import Place

# A sound that is held up until the ring is empty, then comes all at once: what is played next.
HELD_UP = """async () => {
  const { Ring } = await import("/static/ring.js");
  const ring = new Ring(44100);
  let sent = 0;
  const send = (frames) => {
    const packet = new DataView(new ArrayBuffer(4 + 4 * frames));
    packet.setUint32(0, sent, true);
    for (let k = 0; k < 2 * frames; k += 1) packet.setInt16(4 + 2 * k, 16384, true);
    sent += frames;
    ring.push(packet.buffer);
  };
  const hear = (blocks) => {
    const heard = [];
    for (let k = 0; k < blocks; k += 1) {
      const [left, right] = [new Float32Array(128), new Float32Array(128)];
      ring.pull(left, right);
      heard.push(...left);
    }
    return heard;
  };
  send(6000);
  const before = hear(60);
  send(40000);
  return { before, after: hear(50), ...ring.report() };
}"""


def test_a_sound_that_was_held_up_is_heard_again(place: Place) -> None:
    with chromium() as browser, page_at(browser, place.server.url, DESK) as page:
        found = page.evaluate(HELD_UP)
    assert found["underruns"] == 1
    assert found["skipped"] > 0
    before, after = np.array(found["before"]), np.array(found["after"])
    assert before[3000] == before.max()
    assert not before[-128:].any(), "the ring was to be empty"
    np.testing.assert_allclose(after[1000:], before[3000])

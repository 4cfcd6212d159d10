"""The clip maker: sound of the length that was asked for, the same each time, and its picture."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import threading
import time
from typing import Any

import numpy as np
import soundfile

from rtgen.audio.log_mel import BANDS
from rtgen.bundle.load import Bundle
from rtgen.timeline.units import RATE
from tests.web.conftest import Place, Serve, until

WISH = {"seconds": 1.5, "seed": 3}
UNMET: tuple[dict[str, Any], ...] = (
    {"seconds": 0.5},
    {"seconds": 1e9},
    {"seconds": "long"},
    {"seed": -1},
    {"seed": 2**31},
    {"truncation": 1.5},
    {"path": "/tmp/x"},
)


def made(place: Place, **changes: Any) -> tuple[bytes, np.ndarray]:
    """A clip's file and its samples (n, 2)."""
    status, _, body = place.ask("/clips", method="POST", body=WISH | changes)
    assert status == 200, body
    clip = json.loads(body)
    status, headers, sound = place.ask(f"/clips/{clip['name']}/sound")
    assert (status, headers["content-type"]) == (200, "audio/wav")
    status, _, picture = place.ask(f"/clips/{clip['name']}/picture")
    assert status == 200
    assert len(picture) == clip["columns"] * BANDS
    samples, rate = soundfile.read(io.BytesIO(sound))
    assert rate == RATE
    return sound, samples


def test_a_clip_is_as_long_as_was_asked_for_and_holds_sound(place: Place) -> None:
    for seconds in (1.0, 1.5):
        _, samples = made(place, seconds=seconds)
        assert samples.shape == (round(seconds * RATE), 2)
        assert np.abs(samples).max() > 0.01
    place.plays_on()


def test_a_clip_is_the_same_again_and_another_with_each_wish(place: Place) -> None:
    first, _ = made(place)
    assert made(place)[0] == first
    assert made(place, seed=4)[0] != first
    assert made(place, truncation=0.2)[0] != first
    unsteered = made(place, steered=False)[0]
    place.hands.set("density", 15.0)
    until(lambda: place.hands.value("density") == 15.0, "the density stays")
    place.plays_on()
    assert made(place)[0] != first
    assert made(place, steered=False)[0] == unsteered


def test_a_wish_that_cannot_be_met_is_refused_by_name(place: Place) -> None:
    for changes in UNMET:
        status, _, body = place.ask("/clips", method="POST", body=WISH | changes)
        assert status == 422, changes
        assert json.loads(body)["refused"].startswith(next(iter(changes)))


def test_no_number_is_no_length(place: Place) -> None:
    for body in (b'{"seconds": NaN, "seed": 1}', b'{"seconds": 1e999, "seed": 1}'):
        assert place.ask("/clips", method="POST", body=body)[0] == 422


def test_old_clips_are_forgotten(place: Place) -> None:
    names = []
    for _ in range(5):
        _, _, body = place.ask("/clips", method="POST", body=WISH | {"seconds": 1})
        names.append(json.loads(body)["name"])
    assert place.ask(f"/clips/{names[0]}/sound")[0] == 404
    assert place.ask(f"/clips/{names[1]}/sound")[0] == 200


def test_a_clip_in_the_making_does_not_keep_the_server(serve: Serve, techno: Bundle) -> None:
    place = serve(bundle=techno)
    others = set(threading.enumerate())

    def ask() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            place.ask("/clips", method="POST", body=WISH | {"seconds": 120})

    threading.Thread(target=ask).start()
    time.sleep(0.3)
    place.server.close()
    left = set(threading.enumerate()) - others
    deadline = time.monotonic() + 3
    for thread in left:
        thread.join(max(deadline - time.monotonic(), 0))
    assert not [thread.name for thread in left if thread.is_alive()]

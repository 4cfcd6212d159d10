"""The control socket and the choice of a model change what plays, and tell what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtgen.bundle.load import Bundle
from tests.fakes.tiny_bundle import write_tiny
from tests.web.conftest import Place, told, until

NO_MODELS: tuple[tuple[object, int], ...] = (
    ({"name": "nowhere"}, 404),
    ({"name": "../techno"}, 422),
    ({"name": "/etc"}, 422),
    ({"name": "techno\n"}, 422),
    ({"name": 5}, 422),
    ({"name": "techno", "more": 1}, 422),
    ([], 422),
    (b"no JSON", 400),
    (b"[" * 4000, 400),
    (b'{"name": "\\ud800"}', 422),
    (b'"' + b"x" * 5000 + b'"', 413),
)


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a model that is installed beside the one that plays."""
    write_tiny(tmp_path / "models" / "other", "other")
    monkeypatch.setenv("RTGEN_MODELS", str(tmp_path / "models"))
    return "other"


def test_it_introduces_the_model_and_its_controls(place: Place, tiny: Bundle) -> None:
    with place.talk() as opened:
        hello = told(opened, "hello")
        values = told(opened, "values")
    assert hello["model"] == "tiny"
    assert {"tiny", "techno"} <= set(hello["models"])
    tempo = next(control for control in hello["controls"] if control["name"] == "tempo")
    assert (tempo["low"], tempo["high"], tempo["unit"]) == (100.0, 180.0, "bpm")
    assert values["/rtgen/seed"] == 7
    assert values["/rtgen/tempo"] == tiny.manifest.span("tempo").default


def test_what_is_said_changes_what_plays(place: Place) -> None:
    hands = place.hands
    with place.talk() as opened, place.talk() as other:
        for message in (
            '["/rtgen/density", 12.5]',
            '["/rtgen/tempo", 140]',
            '["/rtgen/gain", -6]',
            '["/rtgen/seed", 4711]',
            '["/rtgen/energy", "auto"]',
        ):
            opened.send(message)
        until(lambda: hands.seed == 4711, "the seed stays")
        opened.send('["/rtgen/style/a", 5]')
        until(lambda: hands.styles == (5, None), "style A stays")
        opened.send('["/rtgen/style/b", 6]')
        until(lambda: hands.styles == (5, 6), "style B stays")
        until(lambda: hands.value("density") == 12.5, "the density stays")
        until(lambda: hands.value("tempo") == 140.0, "the tempo stays")
        assert hands.gain_db == -6.0
        opened.send('["/rtgen/transport/pause"]')
        until(lambda: hands.paused, "it plays on")
        heard: dict[str, object] = {}
        while heard.get("/rtgen/transport/play") != 0 or heard.get("/rtgen/seed") != 4711:
            heard |= told(other, "values")
        assert heard["/rtgen/density"] == 12.5
        assert heard["/rtgen/energy"] == "auto"
        opened.send('["/rtgen/transport/play"]')
        until(lambda: not hands.paused, "it stays silent")
    place.plays_on()


def test_a_value_out_of_range_goes_as_far_as_it_can(place: Place) -> None:
    with place.talk() as opened:
        opened.send('["/rtgen/tempo", 9000]')
        until(lambda: place.hands.value("tempo") == 180.0, "the tempo is not at its highest")


def test_keys_that_are_held_are_let_go_when_who_held_them_is_gone(place: Place) -> None:
    def held() -> int:
        chroma = place.hands.value("chroma")
        assert isinstance(chroma, tuple)
        return sum(weight > 0 for weight in chroma)

    with place.talk() as opened:
        opened.send('["/rtgen/key/C", 1]')
        opened.send('["/rtgen/key/G", 1]')
        until(lambda: held() == 2, "no keys are held")
    until(lambda: held() == 0, "the keys are held for ever")


def test_the_picture_grows_with_what_is_heard(place: Place) -> None:
    with place.talk() as opened:
        bands = told(opened, "hello")["bands"]
        columns = b""
        while len(columns) < 20 * bands:
            message = opened.recv(10)
            columns += message if isinstance(message, bytes) else b""
    assert len(columns) % bands == 0
    assert max(columns) > min(columns)


def test_another_model_goes_on_where_the_first_was(place: Place, other: str) -> None:
    place.hands.set("density", 11.0)
    at = place.buffer.playhead()
    with place.talk() as opened:
        assert other in told(opened, "hello")["models"]
        status, _, body = place.ask("/model", method="POST", body={"name": other})
        assert (status, body) == (200, b'{"model":"other"}')
        assert told(opened, "hello")["model"] == other
    assert place.hands.bundle.manifest.name == other
    assert place.hands.value("density") == 11.0
    assert place.hands.seed == 7
    assert place.buffer.playhead() >= at
    place.plays_on()


def test_what_is_no_model_is_refused(place: Place) -> None:
    for body, status in NO_MODELS:
        assert place.ask("/model", method="POST", body=body)[0] == status, body
    assert place.hands.bundle.manifest.name == "tiny"


def test_only_json_is_taken(place: Place) -> None:
    body = b'{"name": "techno"}'
    for kind in (None, "text/plain", "application/x-www-form-urlencoded"):
        status = place.ask("/model", method="POST", body=body, content_type=kind)[0]
        assert status == 415, kind


def test_a_model_that_is_damaged_is_refused_and_the_first_plays_on(
    place: Place, other: str, tmp_path: Path
) -> None:
    (tmp_path / "models" / other / "generator.onnx").write_bytes(b"no model")
    status, _, body = place.ask("/model", method="POST", body={"name": other})
    assert status == 409
    assert b"refused" in body
    assert place.hands.bundle.manifest.name == "tiny"
    place.plays_on()

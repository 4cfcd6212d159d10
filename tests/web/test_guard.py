"""Who may ask: other hosts, other origins and strangers are refused, and the stream plays on."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection

from rtgen.web.app import MOST_SOCKETS
from tests.web.conftest import Place, Serve, told, until

CLOSED_FOR_WHAT_IT_DID, TOO_BIG, TOO_MANY = 1008, 1009, 1013
SOCKETS = ("/control", "/listen")
DAWDLERS = 200
WRONG_TOKENS = (
    '{"token": "guess"}',
    '{"token": null}',
    '{"token": 7}',
    '{"token": "\\ud800"}',
    "[]",
    "null",
    "no JSON",
    "[" * 2000,
    b"\x00\xff",
)
MALFORMED: tuple[str | bytes, ...] = (
    "no JSON",
    "null",
    "{}",
    "[]",
    "[1]",
    '["/rtgen/nothing", 1]',
    '["/rtgen/\\ud800", 1]',
    '["/rtgen/density"]',
    '["/rtgen/density", "busy"]',
    '["/rtgen/density", NaN]',
    '["/rtgen/density", 1e999]',
    '["/rtgen/density", null]',
    '["/rtgen/density", [1]]',
    '["/rtgen/density", 1, 2]',
    '["/rtgen/seed", -1]',
    '["/rtgen/seed", 4294967296]',
    '["/rtgen/chroma", "H"]',
    '["/rtgen/chroma", "\\udfff"]',
    '["/rtgen/density", ' + "9" * 3900 + "]",
    "[" * 4000,
    json.dumps(["/rtgen/key/C", *range(500)]),
    b"\x00\x01\xfe",
)


def foreign_hosts(port: int) -> list[str]:
    """Names under which a page of somebody else's could have this machine asked."""
    return [
        f"evil.example:{port}",
        f"localhost.evil.example:{port}",
        f"127.0.0.1.evil.example:{port}",
        f"localhost:{port + 1}",
        "localhost",
        f"192.0.2.7:{port}",
        f"localhost:{port}:{port}",
        "",
    ]


def foreign_origins(place: Place) -> list[str | None]:
    """Pages that are not ours."""
    return [
        None,
        "null",
        "http://evil.example",
        f"http://localhost.evil.example:{place.port}",
        f"https://{place.host}",
        f"http://127.0.0.1:{place.port + 1}",
        f"http://localhost:{place.port}",
        f"{place.origin}.evil.example",
    ]


def say_and_hear_out(opened: ClientConnection, message: str) -> None:
    """Until the socket is closed, which is not long."""
    opened.send(message)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        opened.recv(5)


def test_a_foreign_host_gets_nothing(place: Place) -> None:
    for host in foreign_hosts(place.port):
        for path in ("/", "/static/main.js"):
            assert place.ask(path, host=host)[0] == 421, host
        status = place.ask("/clips", method="POST", body={}, host=host, origin=f"http://{host}")[0]
        assert status == 421, host
    evil = f"evil.example:{place.port}"
    for path in SOCKETS:
        with pytest.raises(InvalidHandshake), place.open(path, host=evil):
            pass
    place.plays_on()


def test_our_own_names_are_known(place: Place) -> None:
    for name in ("localhost", "127.0.0.1", "LOCALHOST", "[::1]"):
        assert place.ask("/", host=f"{name}:{place.port}")[0] == 200, name


def test_a_name_that_was_given_is_known(serve: Serve) -> None:
    place = serve(names=("Studio.example",))
    assert place.ask("/", host=f"studio.example:{place.port}")[0] == 200
    assert place.ask("/", host=f"stud.example:{place.port}")[0] == 421


def test_a_foreign_origin_cannot_act(place: Place) -> None:
    wish = {"seconds": 1, "seed": 1}
    for origin in foreign_origins(place):
        assert place.ask("/clips", method="POST", body=wish, origin=origin)[0] == 403, origin
        for path in SOCKETS:
            with pytest.raises(InvalidHandshake), place.open(path, origin=origin):
                pass
    place.plays_on()


def test_another_page_cannot_even_look(place: Place) -> None:
    for site in ("cross-site", "same-site"):
        assert place.ask("/static/main.js", sec_fetch_site=site, sec_fetch_mode="no-cors")[0] == 403
        assert place.ask("/", sec_fetch_site=site, sec_fetch_mode="navigate")[0] == 200


def test_no_preflight_is_granted(place: Place) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        status, headers, _ = place.ask("/clips", method=method, origin="http://evil.example")
        assert status == 403, method
        assert not [name for name in headers if name.lower().startswith("access-control")]


def test_bound_wide_it_asks_for_the_token(serve: Serve) -> None:
    place = serve("0.0.0.0")
    said = re.fullmatch(r"http://[^/]+/#([\w-]{20,})", place.server.url)
    assert said is not None
    token = said.group(1)
    assert place.ask("/")[0] == 200  # it holds no secret and asks for the token itself
    bearer = f"Bearer {token}"
    for given in (None, "", "Bearer ", f"Bearer {token[:-1]}", f"Bearer {token}x", "Bearer \xff"):
        assert place.ask("/clips/x/sound", authorization=given)[0] == 401, given
        status = place.ask("/model", method="POST", body={"name": "x"}, authorization=given)[0]
        assert status == 401, given
    assert place.ask("/clips/x/sound", authorization=bearer)[0] == 404
    with place.talk(token=token) as opened:
        assert told(opened, "hello")["model"] == "tiny"
    before = place.hands.seed
    for path in SOCKETS:
        for first in WRONG_TOKENS:
            with place.open(path) as opened:
                opened.send(first)
                with pytest.raises(ConnectionClosed) as closed:
                    say_and_hear_out(opened, '["/rtgen/seed", 99]')
                assert closed.value.rcvd is not None, first
                assert closed.value.rcvd.code == CLOSED_FOR_WHAT_IT_DID, first
    assert place.hands.seed == before
    place.plays_on()


def test_each_start_has_another_token(serve: Serve) -> None:
    assert serve("0.0.0.0").server.token != serve("0.0.0.0").server.token


def test_what_is_malformed_is_refused_in_words_and_the_socket_lives(place: Place) -> None:
    hands = place.hands
    before = repr((hands.value("density"), hands.value("chroma"), hands.seed))
    with place.talk() as opened:
        for message in MALFORMED:
            opened.send(message)
            assert told(opened, "refused"), message
        assert repr((hands.value("density"), hands.value("chroma"), hands.seed)) == before
        opened.send('["/rtgen/density", 5]')
        while told(opened, "values").get("/rtgen/density") != 5.0:
            pass
    place.plays_on()


def test_what_is_too_long_closes_the_socket_of_who_sent_it(place: Place) -> None:
    with place.talk() as other:
        for long in ('["/rtgen/density", ' + " " * 5000 + "9]", "x" * (20 << 20)):
            with place.talk() as opened:
                with pytest.raises(ConnectionClosed) as closed:
                    say_and_hear_out(opened, long)
                if closed.value.rcvd is not None:
                    assert closed.value.rcvd.code == TOO_BIG
        assert told(other, "meters")
    assert place.hands.value("density") != 9.0
    place.plays_on()


def test_a_flood_is_heeded_to_the_last_and_disturbs_nobody(place: Place) -> None:
    underruns = place.hands.underruns
    with place.talk() as flood, place.talk() as other:
        for k in range(2000):
            flood.send(f'["/rtgen/energy", {k % 100 / 100}]')
        flood.send('["/rtgen/energy", 0.625]')
        assert told(other, "meters")
        while told(flood, "values").get("/rtgen/energy") != 0.625:
            pass
    assert place.hands.underruns == underruns


def test_no_more_sockets_than_can_be_served(place: Place) -> None:
    with contextlib.ExitStack() as kept:
        for _ in range(MOST_SOCKETS):
            told(kept.enter_context(place.talk()), "hello")
        with place.open("/control") as one_more:
            with pytest.raises(ConnectionClosed) as closed:
                one_more.recv(5)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == TOO_MANY
        place.plays_on()
    with place.talk() as later:
        assert told(later, "hello")


def test_hundreds_that_dawdle_keep_others_out_at_most_while_they_are_there(place: Place) -> None:
    with contextlib.ExitStack() as kept:
        for _ in range(DAWDLERS):
            plug = kept.enter_context(socket.create_connection(("127.0.0.1", place.port), 10))
            plug.sendall(b"GET / HTTP/1.1\r\nHost: ")  # and never the rest
        assert place.ask("/")[0] in (200, 503)
        place.plays_on()
    until(lambda: place.ask("/")[0] == 200, "the page does not come back")
    with place.talk() as later:
        assert told(later, "hello")

"""Datagrams are taken apart, or refused; nothing they hold takes long."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import build_msg

from rtgen.control.osc_datagram import (
    DEEPEST_BUNDLE,
    LARGEST_BYTES,
    MOST_MESSAGES,
    Refused,
    messages,
)

HEAD = b"#bundle\0" + bytes(7) + b"\1"
DENSITY = build_msg("/rtgen/density", 3.0).dgram


def element(data: bytes) -> bytes:
    return struct.pack(">i", len(data)) + data


def nested(depth: int) -> bytes:
    data = DENSITY
    for _ in range(depth):
        data = HEAD + element(data)
    return data


def test_a_message_is_an_address_and_its_arguments() -> None:
    datagram = build_msg("/rtgen/x", [1, 0.5, "word", True]).dgram
    assert messages(datagram) == [("/rtgen/x", [1, 0.5, "word", True])]


@pytest.mark.parametrize("address", ["/abc", "/abcd", "/abcde", "/abcdef", "/abcdefg"])
def test_addresses_of_any_length_are_framed(address: str) -> None:
    assert messages(build_msg(address, 1).dgram) == [(address, [1])]


def test_a_message_may_have_no_arguments_and_even_no_type_tags() -> None:
    assert messages(b"/rtgen/panic\0\0\0\0") == [("/rtgen/panic", [])]
    assert messages(b"/rtgen/panic\0\0\0\0,\0\0\0") == [("/rtgen/panic", [])]


def test_a_bundle_is_opened_in_order_whatever_its_time() -> None:
    for when in (IMMEDIATELY, 2e9):
        builder = OscBundleBuilder(when)
        builder.add_content(build_msg("/a", 1))
        builder.add_content(build_msg("/b", 2))
        assert messages(builder.build().dgram) == [("/a", [1]), ("/b", [2])]


def test_bundles_nest_a_little() -> None:
    assert messages(nested(DEEPEST_BUNDLE)) == [("/rtgen/density", [3.0])]
    with pytest.raises(Refused, match="bundles in bundles"):
        messages(nested(DEEPEST_BUNDLE + 1))


MALFORMED = {
    "empty": b"",
    "words": b"GET / HTTP/1.1\r\n\r\n",
    "no end": b"/rtgen/density",
    "too large": build_msg("/rtgen/chroma", "C" * LARGEST_BYTES).dgram,
    "pattern": build_msg("/rtgen/*", 1).dgram,
    "long pattern": build_msg("/" + "{a,b}*" * 9 + "?[a-z]", 1).dgram,
    "deep": nested(100),
    "half a bundle": HEAD[:12],
    "half a size": HEAD + b"\0\0",
    "size 0": HEAD + struct.pack(">i", 0),
    "size under 0": HEAD + struct.pack(">i", -4),
    "size beyond": HEAD + struct.pack(">i", 400) + DENSITY,
    "odd size": HEAD + struct.pack(">i", 5) + b"/abc\0",
    "many messages": HEAD + (MOST_MESSAGES + 1) * element(b"/a\0\0"),
    "argument missing": b"/rtgen/density\0\0,f\0\0",
    "no comma": b"/rtgen/density\0\0f\0\0\0\0\0\0\0",
    "blob that reads itself": b"/a\0\0,bsbs\0\0\0" + struct.pack(">i", -8) + b"aaa\0",
    "many arguments": b"/a\0\0," + b"T" * 400 + bytes(4),
    "array": b"/a\0\0,[i]\0\0\0\0" + bytes(4),
    "not text": b"/\xff\xfe\0,i\0\0" + bytes(4),
}


@pytest.mark.parametrize("datagram", MALFORMED.values(), ids=MALFORMED)
def test_malformed_datagrams_are_refused(datagram: bytes) -> None:
    with pytest.raises(Refused):
        messages(datagram)


@given(st.binary(max_size=200), st.sampled_from([b"", HEAD, b"/a\0\0,", b"/rtgen/density\0\0,"]))
def test_noise_is_refused_or_understood_but_nothing_else(noise: bytes, head: bytes) -> None:
    try:
        found = messages(head + noise)
    except Refused:
        return
    assert all(path.startswith("/") for path, _ in found)


@given(st.integers(0, len(nested(3)) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_understood(at: int, byte: int) -> None:
    data = bytearray(nested(3))
    data[at] = byte
    try:
        assert len(messages(bytes(data))) <= 1
    except Refused:
        return

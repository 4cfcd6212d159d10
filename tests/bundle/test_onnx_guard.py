"""The reader of ONNX files stands whatever bytes it is given."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtgen.bundle.onnx_guard import check_graph
from rtgen.errors import BundleError
from tests.fakes.tiny_bundle import decoder, generator


@given(st.binary(max_size=4096))
def test_noise_is_refused_or_harmless(data: bytes) -> None:
    with pytest.raises(BundleError):
        check_graph(data, "generator.onnx")


def test_a_graph_with_one_byte_changed_is_read_to_its_end_or_refused() -> None:
    data, chance = generator(), random.Random(4)
    for _ in range(300):
        mutant = bytearray(data)
        mutant[chance.randrange(len(data))] = chance.randrange(256)
        try:
            check_graph(bytes(mutant), "generator.onnx")
        except BundleError as error:
            assert len(str(error)) < 600  # noqa: PT017  both ends are right


def test_every_truncation_is_refused() -> None:
    data, chance = decoder(), random.Random(5)
    for _ in range(100):
        with pytest.raises(BundleError):
            check_graph(data[: chance.randrange(len(data))], "decoder.onnx")


def test_our_own_graphs_pass() -> None:
    check_graph(generator(), "generator.onnx")
    check_graph(decoder(), "decoder.onnx")
    shipped = list((Path(__file__).parents[2] / "models").glob("*/*.onnx"))
    assert len(shipped) >= 4
    for path in shipped:
        check_graph(path.read_bytes(), path.name)

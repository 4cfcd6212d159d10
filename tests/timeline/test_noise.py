"""Keyed noise: published vectors, order, statistics."""

import numpy as np
import pytest

from rtgen.timeline.noise import normal, normal_at, philox


@pytest.mark.parametrize(
    ("counter", "key", "wanted"),
    [
        ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (
            (0xFFFFFFFF,) * 4,
            0xFFFFFFFFFFFFFFFF,
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            0x299F31D0A4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_vectors(counter, key, wanted):
    out = philox(tuple(np.array([c], np.uint64) for c in counter), key)
    assert tuple(int(word[0]) for word in out) == wanted


def test_a_row_depends_on_its_own_index_only():
    whole = normal(3, 1, -50, 100, 7)
    some = normal_at(3, 1, np.array([20, -50, 3], np.int64), 7)
    assert np.array_equal(some, whole[[70, 0, 53]])


def test_streams_and_seeds_are_independent_and_normal():
    a, b, c = normal(1, 1, 0, 20_000, 2), normal(1, 2, 0, 20_000, 2), normal(2, 1, 0, 20_000, 2)
    for x in (a, b, c):
        assert abs(x.mean()) < 0.03
        assert abs(x.std() - 1) < 0.03
    for x, y in ((a, b), (a, c)):
        assert abs(np.mean(x * y)) < 0.03


def test_far_indices_work():
    assert np.isfinite(normal(1, 1, 10**12, 4, 8)).all()

"""The picture of the speeds comes from the results, and only from them."""

from benchmarks.draw import drawn

REPORT = {
    "median": {"techno, int8": 400.0, "musika, tensorflow": 20.0},
    "real_time_factor": {"techno, int8": [390.0, 400.0, 420.0], "musika, tensorflow": [20.0] * 3},
    "cores": 2,
}


def test_each_median_is_a_bar_and_each_round_a_dot():
    (axis,) = drawn(REPORT).axes
    assert [bar.get_width() for bar in axis.patches] == [20.0, 400.0]
    dots = {tuple(line.get_xdata()) for line in axis.lines}
    assert dots == {tuple(rounds) for rounds in REPORT["real_time_factor"].values()}

"""The guard over the cost of reader and synthesis: what it counts, and when it complains."""

import json

from benchmarks.speed_guard import BASELINE, complaints, counts, ratios

DUMP = """# callgrind format
desc: Trigger: Client Request: {}
events: Ir
summary: {}
totals: {}
"""


def test_work_is_told_in_copies():
    dumps = [DUMP.format(kind, n, n) for kind, n in (("copy", 50), ("steady", 150))]
    ended = "desc: Trigger: Program termination\ntotals: 7\n"
    assert ratios(counts([*dumps, ended])) == {"steady": 3.0}


def test_a_fifth_worse_is_a_failure_and_less_is_not():
    held = {"steady": 10.0, "fading": 50.0}
    assert complaints({"steady": 11.9, "fading": 20.0}, held) == []
    (said,) = complaints({"steady": 12.1, "fading": 50.0}, held)
    assert "steady costs 12.10 copies, and did 10.00" in said


def test_work_that_is_no_longer_counted_is_a_failure():
    assert complaints({"steady": 10.0}, {"steady": 10.0, "fading": 50.0})


def test_all_kinds_of_work_are_held():
    kinds = {"steady", "fading", "hosted"} | {"noise", "tones", "steadying", "mixing", "bending"}
    assert json.loads(BASELINE.read_text()).keys() == kinds

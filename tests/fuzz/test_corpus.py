"""Every input that is kept is read once: those that once broke something break nothing now."""

from __future__ import annotations

import importlib
import os
import subprocess

import pytest

from tests.fuzz.campaign import MEGABYTES
from tests.fuzz.reached import reached
from tests.fuzz.targets import CORPUS, TARGETS

MOST_BYTES = 1 << 20
LEAST_REACHED = 0.6
"""Lines of a reader in Python; some are for its other users."""


@pytest.mark.parametrize("name", [t.name for t in TARGETS.values() if t.code == "python"])
def test_kept_inputs_are_refused_in_a_sentence_or_understood(name: str) -> None:
    one_input = importlib.import_module(f"tests.fuzz.{name}").one_input
    kept = TARGETS[name].kept()
    assert kept
    for path in kept:
        try:
            one_input(path.read_bytes())
        except BaseException as error:
            error.add_note(f"with {path.name}")
            raise


@pytest.mark.parametrize("name", [t.name for t in TARGETS.values() if t.code == "python"])
def test_kept_inputs_reach_most_of_their_reader(name: str) -> None:
    hit, of = reached(TARGETS[name])
    assert hit >= LEAST_REACHED * of, f"{hit} lines of {of}"


@pytest.mark.parametrize("name", [t.name for t in TARGETS.values() if t.code == "c++"])
def test_kept_inputs_break_nothing_under_sanitizers(name: str) -> None:
    target = TARGETS[name]
    kept = target.kept()
    assert kept
    assert target.program.exists(), f"{target.program} is not built: run `make bridge-test`"
    # A child begins with the peak memory of its parent, so libFuzzer's own limit would measure us.
    done = subprocess.run(
        [target.program, "-rss_limit_mb=0", *kept],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"ASAN_OPTIONS": f"hard_rss_limit_mb={MEGABYTES}"},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stderr.count("Executed ") == len(kept)


def test_the_corpus_is_small_and_all_of_it_is_somebodys() -> None:
    folders = {path.name for path in CORPUS.iterdir()}
    assert folders == set(TARGETS)
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < MOST_BYTES

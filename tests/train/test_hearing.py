"""The ears of worker processes."""

import os
import subprocess
import sys

HEAR = """
import os
from pathlib import Path
from rtgen.corpus.techno import render_techno
from rtgen.train.hearing import compile_ears, labels_heard
kept = Path(os.environ["NUMBA_CACHE_DIR"])
compile_ears()
before = {path.name for path in kept.rglob("*.nbc")}
labels_heard(render_techno(3, 200).mix)
print(len(before), len({path.name for path in kept.rglob("*.nbc")} - before))
"""


def test_workers_find_nothing_left_to_compile(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", HEAR], env=environment, capture_output=True, text=True, check=True
    )
    compiled, left = map(int, said.stdout.split())
    assert compiled > 0
    assert left == 0

"""A knob that moves faster than a host of large blocks asks for sound."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from rtgen.stream.pace import COALESCE_SECONDS
from rtgen.stream.renderer import Renderer
from tests.fakes.tiny_bundle import tiny_bundle
from tests.serve.rig import ends, said, worked

BLOCK = 4096
BLOCKS = 50
"""Longer than a stream is ahead, so that what was made before the sweep cannot last."""


def test_it_never_runs_ahead_of_what_is_heard(tmp_path: Path) -> None:
    host, stream = ends(Renderer(tiny_bundle(tmp_path / "tiny")))
    host.publish(said(BLOCK))
    worked(stream)
    for block in range(BLOCKS):
        position = block * BLOCK
        for turn in range(2):
            host.publish(said(BLOCK, position, density=1.0 + (2 * block + turn) % 12))
            time.sleep(2 * COALESCE_SECONDS)
            worked(stream)
        heard = host.read_at(position, BLOCK)
        assert np.abs(heard[-BLOCK // 2 :]).max() > 0
    assert host.underruns() == 0

"""The plugin in our small host, both built under a sanitizer, with a real engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.hosts import clap
from tests.hosts.conftest import EngineProcess

RATE = 44100
BUSY = f"""
0 tempo 120
0 play
{RATE // 2} param density 14
{RATE // 2 + 300} cc 1 100
{RATE} note 60 100
{RATE} note 64 100
{RATE + 100} param seed 9
{RATE + RATE // 2} seek 12345678
{2 * RATE} tempo 137.5
{2 * RATE} meter 7 8
{2 * RATE + RATE // 4} loop 12400000 12440000
{3 * RATE} stop
{3 * RATE + 1000} play
{3 * RATE + RATE // 2} restart 48000
{4 * RATE} param dpf_bypass 1
{4 * RATE + RATE // 4} param dpf_bypass 0
{5 * RATE} render offline
{5 * RATE} seek 0
"""


@pytest.mark.parametrize("variant", ["asan", "tsan", "rtsan"])
def test_a_busy_session_breaks_no_rule(
    engine: EngineProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variant: str
) -> None:
    monkeypatch.setenv("RTSAN_OPTIONS", "symbolize=0")
    heard = clap.play(
        clap.binary(variant, "rtgen.clap"), tmp_path / "x.wav", BUSY, 7.0, "--live",
        variant=variant, block=256,
    )  # fmt: skip
    assert "Sanitizer" not in heard.complaints
    assert heard.report["not_finite"] == 0
    assert np.abs(heard.sound[-RATE:]).max() > 0.05


def test_an_allocation_on_the_audio_thread_would_be_caught(
    engine: EngineProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTSAN_OPTIONS", "symbolize=0")
    out = tmp_path / "x.wav"
    plugin = clap.binary("rtsan", "rtgen.clap")
    heard = clap.end(clap.begin(plugin, out, "", 0.1, "--violate", variant="rtsan"), out)
    assert heard.code != 0
    assert "RealtimeSanitizer: unsafe-library-call" in heard.complaints

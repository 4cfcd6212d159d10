"""The compiled take buffer from Python: its stub, its callback, its samples."""

import ast
import ctypes
from pathlib import Path

import numpy as np
import pytest

import rtgen
from rtgen import _bridge
from rtgen._bridge import TakeBuffer, callback_address


def coded(first, n):
    x = ((np.arange(first, first + n) % 65536) / 131072).astype(np.float32)
    return np.stack([x, -x], axis=1)


def test_what_is_written_is_read_frame_for_frame():
    buffer = TakeBuffer(44100, 1 << 16)
    buffer.begin_take(0)
    assert buffer.write(coded(0, 20_000)) == 20_000
    heard = np.concatenate([buffer.read(n) for n in (64, 256, 1000, 4096)])
    assert np.array_equal(heard[300:], coded(300, len(heard) - 300))
    assert buffer.playhead() == len(heard)
    assert buffer.stats()["underruns"] == 0


def test_a_full_take_accepts_no_more_than_it_holds():
    buffer = TakeBuffer(44100, 1 << 14)
    buffer.begin_take(0)
    assert buffer.write(coded(0, 30_000)) == 1 << 14
    assert buffer.space() == 0
    assert buffer.write(coded(0, 10)) == 0


def test_the_callback_gives_what_read_gives():
    signature = ctypes.CFUNCTYPE(
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.c_void_p,
    )
    callback = signature(callback_address())
    one, two = TakeBuffer(44100, 1 << 16), TakeBuffer(44100, 1 << 16)
    for buffer in (one, two):
        buffer.begin_take(500)
        buffer.write(coded(500, 8000))
    for _ in range(10):
        out = np.full((512, 2), np.nan, np.float32)
        result = callback(None, out.ctypes.data, 512, None, 0, one.user_data_address())
        assert result == 0
        assert np.array_equal(out, two.read(512))


def test_gain_pause_and_tap():
    buffer = TakeBuffer(44100, 1 << 16)
    buffer.begin_take(0)
    buffer.write(np.full((40_000, 2), 0.5, np.float32))
    buffer.set_tapped(True)
    buffer.read(1024)
    buffer.set_gain(0.5)
    buffer.read(1024)
    assert buffer.read(10)[0, 0] == pytest.approx(0.25)
    buffer.set_paused(True)
    assert buffer.paused
    at = [buffer.read(512) is not None and buffer.playhead() for _ in range(4)]
    assert at[-1] == at[-2]
    assert not buffer.read(256).any()
    assert len(buffer.read_tap()) == 1024 + 1024 + 10 + 4 * 512 + 256
    assert len(buffer.read_tap()) == 0


def test_nonsense_is_refused():
    for rate, capacity in ((44100, 1000), (10, 1 << 16), (44100, 1 << 4)):
        with pytest.raises(ValueError, match="must be"):
            TakeBuffer(rate, capacity)
    with pytest.raises(ValueError, match="shape"):
        TakeBuffer(44100).write(np.zeros((5, 3), np.float32))


def test_the_stub_says_what_the_module_has():
    stub = ast.parse((Path(rtgen.__file__).parent / "_bridge.pyi").read_text())
    classes = {n.name: n for n in stub.body if isinstance(n, ast.ClassDef)}
    functions = {n.name for n in stub.body if isinstance(n, ast.FunctionDef)}
    said = {n.name for n in classes["TakeBuffer"].body if isinstance(n, ast.FunctionDef)}
    has = {name for name in vars(TakeBuffer) if not name.startswith("_")} | {"__init__"}
    assert said == has
    assert functions == {"callback_address"}
    fields = {n.target.id for n in classes["Stats"].body if isinstance(n, ast.AnnAssign)}
    assert fields == set(TakeBuffer(44100).stats())
    assert _bridge.__doc__

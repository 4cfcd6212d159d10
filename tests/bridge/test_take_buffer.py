"""The compiled take buffer from Python: its stub, its callback, its samples."""

import ast
import ctypes
import threading
from pathlib import Path

import cffi
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


def test_the_callback_works_through_cffi_as_sounddevice_calls_it():
    ffi = cffi.FFI()
    call = ffi.cast(
        "int (*)(const void *, void *, unsigned long, const void *, unsigned long, void *)",
        callback_address(),
    )
    buffer = TakeBuffer(48000, 1 << 16)
    buffer.begin_take(0)
    buffer.write(coded(0, 8000))
    out = np.zeros((1024, 2), np.float32)
    for _ in range(2):
        pointer = ffi.cast("void *", out.ctypes.data)
        user = ffi.cast("void *", buffer.user_data_address())
        assert call(ffi.NULL, pointer, 1024, ffi.NULL, 0, user) == 0
    assert np.array_equal(out, coded(1024, 1024))


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
    for rate, capacity in ((44100, 1000), (10, 1 << 16), (44100, 1 << 4), (44100, 1 << 31)):
        with pytest.raises(ValueError, match="must be"):
            TakeBuffer(rate, capacity)
    buffer = TakeBuffer(44100)
    with pytest.raises(ValueError, match="shape"):
        buffer.write(np.zeros((5, 3), np.float32))
    for gain in (float("nan"), float("inf"), -0.1, 4.5):
        with pytest.raises(ValueError, match="gain must be"):
            buffer.set_gain(gain)
    for start in (1 << 61, -(1 << 61)):
        with pytest.raises(ValueError, match="start must be"):
            buffer.begin_take(start)


def test_nothing_can_be_written_before_a_take_is_begun():
    buffer = TakeBuffer(44100)
    assert buffer.space() == 0
    assert buffer.write(coded(0, 100)) == 0


def test_a_jump_is_told_before_it_is_heard_and_outlives_the_take_after_it():
    buffer = TakeBuffer(44100, 1 << 16)
    buffer.begin_take(0)
    buffer.write(coded(0, 20_000))
    buffer.read(1024)
    buffer.begin_take(10**12, jump=True)
    assert buffer.playhead() == 10**12
    buffer.begin_take(buffer.playhead() + 300)
    buffer.write(coded(10**12 + 300, 20_000))
    buffer.read(1024)
    assert np.array_equal(buffer.read(256), coded(10**12 + 1324, 256))


def test_four_takes_of_one_second_are_heard_in_one_piece_by_a_reader_thread():
    buffer = TakeBuffer(44100, 1 << 14)
    total = 4 * 44_100
    heard = []

    def read():
        while sum(map(len, heard)) < total:
            count = min(441, total - sum(map(len, heard)))
            if written[0] - buffer.playhead() >= count:
                heard.append(buffer.read(count))

    written = [0]
    reader = threading.Thread(target=read)
    buffer.begin_take(0)
    reader.start()
    while written[0] < total:
        written[0] += buffer.write(coded(written[0], min(3000, total - written[0])))
    reader.join()
    assert np.array_equal(np.concatenate(heard)[300:], coded(300, total - 300))
    assert buffer.stats()["missing_frames"] == 0


def test_meters_show_peak_and_power():
    buffer = TakeBuffer(44100, 1 << 17)
    buffer.begin_take(0)
    buffer.write(np.tile(np.array([0.5, 0.25], np.float32), (100_000, 1)))
    buffer.read(100_000)
    stats = buffer.stats()
    assert (stats["peak_left"], stats["peak_right"]) == (0.5, 0.25)
    assert stats["rms_left"] == pytest.approx(0.5, rel=0.01)


def test_the_stub_says_what_the_module_has():
    stub = ast.parse((Path(rtgen.__file__).parent / "_bridge.pyi").read_text())
    classes = {n.name: n for n in stub.body if isinstance(n, ast.ClassDef)}
    functions = {n.name for n in stub.body if isinstance(n, ast.FunctionDef)}
    methods = [n for n in classes["TakeBuffer"].body if isinstance(n, ast.FunctionDef)]
    said = {n.name for n in methods}
    has = {name for name in vars(TakeBuffer) if not name.startswith("_")} | {"__init__"}
    assert said == has
    for method in methods:  # pybind11 opens a docstring with the names of the arguments
        compiled = getattr(TakeBuffer, method.name).__doc__ or ""
        for argument in method.args.args[1:]:
            assert f"{argument.arg}:" in compiled, f"{method.name}({argument.arg})"
    assert "callback_address" in functions
    fields = {n.target.id for n in classes["Stats"].body if isinstance(n, ast.AnnAssign)}
    assert fields == set(TakeBuffer(44100).stats())
    assert _bridge.__doc__

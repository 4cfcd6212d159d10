"""A recording holds what was heard, and outlives the program and the disk."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from rtgen._bridge import TakeBuffer
from rtgen.errors import DeviceError
from rtgen.output.recorder import Recorder
from rtgen.output.tap import Tap

RATE = 44100
Floats = npt.NDArray[np.float32]

PROGRAM = """
import resource, signal, sys, time
from pathlib import Path
import numpy as np
from rtgen._bridge import TakeBuffer
from rtgen.output.recorder import Recorder
from rtgen.output.tap import Tap

limit = int(sys.argv[2])
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
buffer = TakeBuffer(44100, 1 << 18)
buffer.begin_take(0, True)
samples = np.full((1 << 17, 2), 0.25, np.float32)
buffer.write(samples)
with Recorder(Tap(buffer).ear(60), Path(sys.argv[1])) as recorder:
    for _ in range(128):
        buffer.read(1024)
    while recorder.frames < 1 << 17 and recorder.problem is None:
        time.sleep(0.02)
    print(recorder.problem or "whole", flush=True)
    if not limit:
        time.sleep(60)
"""


def filled(frames: int) -> TakeBuffer:
    buffer = TakeBuffer(RATE, 1 << 18)
    ramp = np.arange(frames, dtype=np.float32) / 2**20
    buffer.begin_take(0, True)
    buffer.write(np.stack([ramp, -ramp], axis=1))
    return buffer


def hear(buffer: TakeBuffer, blocks: int) -> Floats:
    return np.concatenate([buffer.read(512) for _ in range(blocks)])


def test_a_recording_is_what_was_heard_to_the_bit(tmp_path: Path) -> None:
    buffer = filled(1 << 16)
    with Recorder(Tap(buffer).ear(60), tmp_path / "x.wav") as recorder:
        heard = hear(buffer, 100)
    recorded, rate = soundfile.read(tmp_path / "x.wav", dtype="float32")
    assert rate == RATE
    assert np.array_equal(recorded, heard)
    assert recorder.frames == len(heard)
    assert recorder.problem is None


def test_what_is_heard_before_and_after_is_not_recorded(tmp_path: Path) -> None:
    buffer = filled(1 << 16)
    hear(buffer, 10)
    with Recorder(Tap(buffer).ear(60), tmp_path / "x.wav") as recorder:
        heard = hear(buffer, 10)
    hear(buffer, 10)
    recorder.close()
    assert np.array_equal(soundfile.read(tmp_path / "x.wav", dtype="float32")[0], heard)


def test_a_long_recording_goes_on_in_a_new_file_without_losing_a_frame(tmp_path: Path) -> None:
    buffer = filled(1 << 16)
    with Recorder(Tap(buffer).ear(60), tmp_path / "x.wav", segment_frames=20_000):
        heard = hear(buffer, 100)
    names = ["x.wav", "x-2.wav", "x-3.wav"]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names)
    parts = [soundfile.read(tmp_path / name, dtype="float32")[0] for name in names]
    assert np.array_equal(np.concatenate(parts), heard)


def test_a_file_that_cannot_be_made_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="cannot record"):
        Recorder(Tap(filled(1024)).ear(60), tmp_path / "nowhere" / "x.wav")


def test_a_recording_outlives_a_killed_program(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), "0"], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline().strip() == "whole"
        program.send_signal(signal.SIGKILL)
        program.wait(10)
    assert soundfile.info(path).frames == 1 << 17
    header = path.read_bytes()[:88]
    # Programs that trust the header see all of it too.
    assert int.from_bytes(header[84:88], "little") == (1 << 17) * 8


def test_a_full_disk_is_told_in_one_sentence_and_leaves_a_readable_file(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), "400000"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("recording stopped after")
    assert len(done.stdout.splitlines()) == 1
    recorded, _ = soundfile.read(path, dtype="float32")
    assert len(recorded) > 40_000
    assert np.allclose(recorded[1000:], 0.25)

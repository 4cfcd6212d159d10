"""Keeps what was heard: drains the tap of a take buffer into a WAV file.

The header is brought up to date about once a second, so the file is readable up to then whatever
happens to the process. A WAV ends at 4 GiB; before that a new segment is begun.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Self

from rtgen._bridge import TakeBuffer
from rtgen.errors import DeviceError

DRAIN_SECONDS = 0.1
FLUSH_EVERY = 10
SEGMENT_FRAMES = 500_000_000  # 8 bytes each: 4.0e9 of the 4.29e9 bytes a WAV can hold


class Recorder:
    """Writes float WAV at the buffer's rate.

    Raises
    ------
    DeviceError when the file cannot be made.
    """

    def __init__(self, buffer: TakeBuffer, path: Path, segment_frames: int = SEGMENT_FRAMES) -> None:
        self._buffer, self._path, self._segment_frames = buffer, path, segment_frames
        self.frames = 0
        self.problem: str | None = None
        self._segment = 0
        self._in_segment = 0
        self._file = self._open()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtgen recorder", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start to keep what is heard from now on."""
        self._buffer.set_tapped(True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left and close the file; twice is harmless."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._buffer.set_tapped(False)

    def _open(self) -> Any:
        import soundfile

        path = self._path
        if self._segment:
            path = path.with_stem(f"{path.stem}-{self._segment + 1}")
        try:
            return soundfile.SoundFile(path, "w", self._buffer.rate, 2, "FLOAT", format="WAV")
        except (OSError, RuntimeError) as error:
            raise DeviceError(
                f"cannot record to {path}", value=str(path), hint="is the folder there and writable?"
            ) from error

    def _run(self) -> None:
        import soundfile

        turn = 0
        try:
            while not self._stop.wait(DRAIN_SECONDS):
                self._drain()
                turn += 1
                if turn % FLUSH_EVERY == 0:
                    self._file.flush()
            self._drain()
            self._file.close()
        except (OSError, soundfile.SoundFileError, DeviceError) as error:
            self.problem = f"recording stopped after {self.frames} frames: {error}"
            self._buffer.set_tapped(False)

    def _drain(self) -> None:
        samples = self._buffer.read_tap()
        while len(samples):
            room = self._segment_frames - self._in_segment
            part, samples = samples[:room], samples[room:]
            self._file.write(part)
            self.frames += len(part)
            self._in_segment += len(part)
            if self._in_segment >= self._segment_frames:
                self._file.close()
                self._segment, self._in_segment = self._segment + 1, 0
                self._file = self._open()

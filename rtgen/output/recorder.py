"""Keeps what was heard, in a WAV file.

The header is brought up to date with every write, so what was heard up to a tenth of a second ago
is readable whatever happens to the process. A WAV ends at 4 GiB; a new segment is begun before.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Any, Protocol, Self

from rtgen.errors import DeviceError
from rtgen.output.disk import is_full
from rtgen.stream.sink import Floats

DRAIN_SECONDS = 0.1
FLUSH_EVERY = 10
UPDATE_HEADER_AUTO = 0x1061  # SFC_SET_UPDATE_HEADER_AUTO of sndfile.h; soundfile has no name for it
SEGMENT_FRAMES = 500_000_000  # 8 bytes each: 4.0e9 of the 4.29e9 bytes a WAV can hold


class Tapped(Protocol):
    """What is heard; an ear of a `Tap` is one."""

    @property
    def rate(self) -> int:
        """Samples per second."""
        ...

    @property
    def lost(self) -> int:
        """Frames that were not fetched in time."""
        ...

    def set_tapped(self, tapped: bool) -> None:
        """Listen from now on, or no more."""
        ...

    def read_tap(self) -> Floats:
        """What was heard since the last call (n, 2)."""
        ...


class Recorder:
    """Writes float WAV at the source's rate.

    Raises
    ------
    DeviceError when the file cannot be made.
    """

    def __init__(
        self, source: Tapped, path: Path, segment_frames: int = SEGMENT_FRAMES
    ) -> None:
        self._source, self._path, self._segment_frames = source, path, segment_frames
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

    @property
    def lost_frames(self) -> int:
        """Frames that the disk was too slow for."""
        return self._source.lost

    def start(self) -> None:
        """Start to keep what is heard from now on."""
        self._source.set_tapped(True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left and close the file; twice is harmless."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._source.set_tapped(False)

    def _open(self) -> Any:
        import soundfile

        path = self._path
        if self._segment:
            path = path.with_stem(f"{path.stem}-{self._segment + 1}")
        try:
            file = soundfile.SoundFile(path, "w", self._source.rate, 2, "FLOAT", format="WAV")
            soundfile._snd.sf_command(file._file, UPDATE_HEADER_AUTO, soundfile._ffi.NULL, 1)
            return file
        except (OSError, RuntimeError) as error:
            raise DeviceError(
                f"cannot record to {path}",
                value=str(path),
                hint="is the folder there and writable?",
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
        except (OSError, soundfile.SoundFileError, DeviceError) as error:
            self._source.set_tapped(False)
            self.problem = f"recording stopped after {self._seconds():.1f} s: {self._why(error)}"
        with contextlib.suppress(OSError, soundfile.SoundFileError):  # the disk is still full
            self._file.close()

    def _seconds(self) -> float:
        return self.frames / self._source.rate

    def _why(self, error: Exception) -> str:
        return "the disk is full" if is_full(self._path.parent) else str(error).rstrip(".")

    def _drain(self) -> None:
        samples = self._source.read_tap()
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

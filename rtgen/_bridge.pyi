"""The compiled take buffer and the sound card's callback.

PortAudio is handed both addresses through sounddevice's cffi layer, so that no Python runs on the
audio thread::

    ffi = sounddevice._ffi
    sounddevice._StreamBase(
        kind="output", samplerate=buffer.rate, channels=2, dtype="float32",
        callback=ffi.cast("PaStreamCallback*", callback_address()),
        userdata=ffi.cast("void*", buffer.user_data_address()), ...)

The buffer must outlive the stream.
"""

from typing import TypedDict

import numpy as np
import numpy.typing as npt

class Stats(TypedDict):
    underruns: int
    missing_frames: int
    not_finite: int
    takes: int
    frames: int
    tap_lost: int
    peak_left: float
    peak_right: float
    rms_left: float
    rms_right: float

class TakeBuffer:
    """Takes of stereo frames at absolute positions, in samples at `rate`.

    One engine thread calls `begin_take`, `write` and `space`; one audio thread (or, instead of it,
    `read`) reads; one recorder calls `read_tap`; the rest may be called by anyone.

    Parameters
    ----------
    rate : 8000..384000.
    capacity : frames of each of the four takes, a power of two, 2**12..2**24.

    Raises
    ------
    ValueError for what is out of bounds.
    """

    def __init__(self, rate: int, capacity: int = ...) -> None: ...
    def begin_take(self, start: int, jump: bool = False) -> int:
        """Open a take, return its id. A jump moves the playhead to `start`, even if another take is
        begun before it is heard.

        Raises
        ------
        ValueError if `start` is 2**61 or more from 0.
        """

    def write(self, samples: npt.NDArray[np.float32]) -> int:
        """Append (n, 2) to the take begun last; how many frames fitted. Holds no lock of Python's.

        Raises
        ------
        ValueError for another shape.
        """

    def space(self) -> int:
        """Frames that fit now; 0 before the first take."""

    def playhead(self) -> int:
        """Position of the next frame heard, or that of a jump that is about to be followed."""

    def read(self, count: int) -> npt.NDArray[np.float32]:
        """The next frames (count, 2), as the device callback would give them."""

    def read_tap(self) -> npt.NDArray[np.float32]:
        """What was heard since the last call (n, 2), if tapped."""

    def set_gain(self, gain: float) -> None:
        """Linear, 0..4; reached without a step.

        Raises
        ------
        ValueError for what is out of bounds or no number.
        """

    def set_paused(self, paused: bool) -> None: ...
    def set_tapped(self, tapped: bool) -> None: ...
    def stats(self) -> Stats: ...
    def user_data_address(self) -> int:
        """What the callback wants as its user data."""

    @property
    def paused(self) -> bool: ...
    @property
    def rate(self) -> int: ...

def callback_address() -> int:
    """Address of a `PaStreamCallback`."""

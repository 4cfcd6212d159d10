"""The compiled take buffer, the sound card's callback, and the synthesis's overlapped frames.

PortAudio is handed both addresses through sounddevice's cffi layer, so that no Python runs on the
audio thread::

    ffi = sounddevice._ffi
    sounddevice._StreamBase(
        kind="output", samplerate=buffer.rate, channels=2, dtype="float32",
        callback=ffi.cast("PaStreamCallback*", callback_address()),
        userdata=ffi.cast("void*", buffer.user_data_address()), ...)

The buffer must outlive the stream.
"""

from collections.abc import Sequence
from mmap import mmap
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

class JackOutput:
    """What the JACK callback wants as its user data: a reader, two ports, and libjack's functions.

    Parameters
    ----------
    client, left, right : addresses of a JACK client and of its ports.
    buffer_of, transport : addresses of `jack_port_get_buffer` and `jack_transport_query`.
    follows : play where JACK's transport is, while it rolls.
    """

    def __init__(
        self,
        buffer: TakeBuffer,
        client: int,
        left: int,
        right: int,
        buffer_of: int,
        transport: int,
        follows: bool,
    ) -> None: ...
    def address(self) -> int: ...
    @property
    def rolling(self) -> bool:
        """Whether the transport rolled in the last block."""

    @property
    def frame(self) -> int:
        """Where the transport was in the last block."""

def jack_callback_address() -> int:
    """Address of a `JackProcessCallback`."""

SEGMENT_VERSION: int

State = tuple[int, int, int, int, float, float, float, bool, bool, int, int, tuple[float, ...]]
"""revision, locates, notes, position, beat, tempo, bar_beats, playing, offline, block, fresh and
the values, as `rtgen::HostState` says."""

class SaidByHost(TypedDict):
    locates: int
    notes: int
    position: int
    beat: float
    tempo: float
    bar_beats: float
    playing: bool
    offline: bool
    block: int
    fresh: int
    values: Sequence[float]

def segment_bytes(capacity: int) -> int:
    """Size of a segment whose takes hold `capacity` frames."""

class EngineSegment:
    """The engine's end of a shared segment; a `rtgen.stream.sink.Sink`.

    Parameters
    ----------
    memory : writable, 64-byte aligned, laid out by a host. It is kept while this lives.

    Raises
    ------
    ValueError when it is no segment of this version.
    """

    def __init__(self, memory: mmap) -> None: ...
    def begin_take(self, start: int, jump: bool = False) -> int:
        """See TakeBuffer."""

    def write(self, samples: npt.NDArray[np.float32]) -> int:
        """See TakeBuffer."""

    def space(self) -> int:
        """See TakeBuffer."""

    def playhead(self) -> int:
        """See TakeBuffer."""

    def state(self) -> State | None:
        """What the host asks for; None if it could not be read whole."""

    def midi(self) -> list[tuple[int, int, int, int]]:
        """Messages since the last call: position and three bytes each."""

    def host_beats(self) -> int:
        """Blocks that the host has asked for."""

    def wanted(self) -> int:
        """Offline: the host waits for frames before this position."""

    def settle(self, until: int) -> None:
        """Promise that no take will change a frame before `until`."""

    def answer(self, revision: int) -> None:
        """Say which revision was read."""

    def beat(self, speed: float) -> None:
        """Show that the engine lives, and how many times real time it is."""

    @property
    def rate(self) -> int: ...

class HostSegment:
    """A host's end of a shared segment, for tests and measurements.

    Raises
    ------
    ValueError when the memory is too small, or rate or capacity are out of bounds.
    """

    def __init__(self, memory: mmap, rate: int, capacity: int) -> None: ...
    def publish(self, said: SaidByHost) -> None:
        """Ask for something else; the revision grows by one."""

    def send_midi(self, position: int, status: int, a: int, b: int) -> bool:
        """Push a message; False if the queue is full."""

    def want(self, until: int) -> None: ...
    def read_at(self, position: int, count: int) -> npt.NDArray[np.float32]:
        """Frames (count, 2) as a plugin reads them."""

    def answered(self) -> int: ...
    def settled(self) -> int: ...
    def engine_beats(self) -> int: ...
    def underruns(self) -> int: ...
    @property
    def revision(self) -> int: ...

class NoiseFrames:
    """Spectra of noise, ready to be shaped and overlap-added; may be used by many threads at once.

    Parameters
    ----------
    table : (rows, 257) complex64, spectra of 512 samples.
    bands : (32, 257), what each band adds to each bin.

    Raises
    ------
    ValueError for another shape.
    """

    def __init__(
        self, table: npt.NDArray[np.complex64], bands: npt.NDArray[np.float32]
    ) -> None: ...
    def add(
        self,
        amplitudes: npt.NDArray[np.float32],
        rows: npt.NDArray[np.int64],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Shape frames, put them under a Hann window, and add them up every 128 samples.

        Parameters
        ----------
        amplitudes : (frames, channels, 32), of each band.
        rows : (channels, frames) of the table, 4 frames at least.
        out : (channels, 128 * (frames - 3)), from where four frames overlap to where they end.

        Raises
        ------
        ValueError for shapes that do not fit each other, and rows that are not in the table.
        TypeError for other types, and arrays that are not contiguous.
        """

class ToneBank:
    """Spectra of carriers, ready to be summed and overlap-added; may be used by many threads at
    once. What lies 110 dB below a carrier is left out.

    Parameters
    ----------
    cosine, sine : (288, 257): the cosine of a phase times the first and its sine times the second
        are the real and imaginary parts of a carrier's spectrum of 1024 samples.

    Raises
    ------
    ValueError for another shape.
    """

    def __init__(
        self, cosine: npt.NDArray[np.float32], sine: npt.NDArray[np.float32]
    ) -> None: ...
    def add(
        self,
        amplitudes: npt.NDArray[np.float32],
        carriers: npt.NDArray[np.int64],
        ratios: npt.NDArray[np.float32],
        ahead: int,
        phases: npt.NDArray[np.complex64],
        turns: npt.NDArray[np.complex64],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Mid and side of carriers, added up every 512 samples; the side is a quarter turn off.

        Parameters
        ----------
        amplitudes : (sub-frames, K) of the mid, 2 sub-frames at least.
        carriers : (K,), which ones they are.
        ratios : (rows, K), the side's amplitude over the mid's, negative where it is behind;
            sub-frame j has row (j + ahead) // 4.
        ahead : 0 to 3.
        phases : (288,), exp(i phase) of all carriers at the centre of the first sub-frame.
        turns : (sub-frames, 288), exp(i turn) of all carriers since then.
        out : (2, 512 * (sub-frames - 1)), from where two overlap to where the last but one ends.

        Raises
        ------
        ValueError for shapes that do not fit each other, and carriers that there are none of.
        TypeError for other types, and arrays that are not contiguous.
        """

def steady_amplitudes(amplitudes: npt.NDArray[np.float32], out: npt.NDArray[np.float32]) -> None:
    """Amplitudes averaged over five frames where they hold, left where they move.

    Parameters
    ----------
    amplitudes : (frames, carriers), 5 frames at least.
    out : (frames - 4, carriers), for the inner ones.

    Raises
    ------
    ValueError for shapes that do not fit each other.
    TypeError for other types, and arrays that are not contiguous.
    """

def mix_stereo(
    tones: npt.NDArray[np.float32],
    noise: npt.NDArray[np.float32],
    low: npt.NDArray[np.float32],
    kernel: npt.NDArray[np.float32],
    out: npt.NDArray[np.float32],
) -> None:
    """Left and right of what is mid and side, with a low band in the mid.

    Parameters
    ----------
    tones, noise : (2, 32 * (Q - 16)), mid and side; samples of each must lie side by side.
    low : (Q,), 17 at least, of a thirty-second of the rate.
    kernel : (17, 32), what each of 17 low samples adds to 32 samples.
    out : (32 * (Q - 16), 2).

    Raises
    ------
    ValueError for shapes that do not fit each other.
    TypeError for other types, and arrays that are not contiguous.
    """

def bend_peaks(samples: npt.NDArray[np.float32], knee: float) -> None:
    """Bend samples over `knee`, of any shape, in place so that they stay below 1.

    Raises
    ------
    ValueError for a knee that is not between 0 and 1.
    TypeError for other types, and arrays that are not contiguous.
    """

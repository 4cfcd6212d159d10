"""Sound files of any kind to stereo at 44.1 kHz: soundfile first, ffmpeg where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np

from rtgen.corpus.track import RATE, Samples
from rtgen.errors import RenderError

_KINDS = (
    "aac ac3 aif aifc aiff alac ape au caf flac m4a mka mkv mp2 mp3 mp4 oga ogg opus rf64 w64 wav "
    "wave webm wma wv"
)
SUFFIXES = frozenset("." + kind for kind in _KINDS.split())
LONGEST_DECODE_SECONDS = 600


def sound_files(folder: Path) -> list[Path]:
    """Files under a folder that look like sound, in order of their path.

    Raises
    ------
    RenderError when the folder is not there or holds none.
    """
    if not folder.is_dir():
        raise RenderError(f"no folder {folder}", value=str(folder))
    found = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()
    )
    if not found:
        raise RenderError(
            f"no sound files in {folder}", value=str(folder), hint="WAV, FLAC, OGG, MP3 and others"
        )
    return found


def read_recording(path: Path) -> Samples:
    """Samples (2, n) at 44.1 kHz; mono is doubled, of more channels the first two are taken.

    Raises
    ------
    RenderError saying why the file cannot be read.
    """
    import soundfile

    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        if shutil.which("ffmpeg") is None:
            raise RenderError(
                _reason(error), value=str(path), hint="installing ffmpeg reads more formats"
            ) from error
        return _checked(_by_ffmpeg(path), path)
    pair = np.ascontiguousarray(samples[:, [0, min(1, samples.shape[1] - 1)]])
    if rate != RATE:
        import soxr

        pair = soxr.resample(pair, rate, RATE)
    return _checked(pair.T, path)


def _by_ffmpeg(path: Path) -> Samples:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe"]
    command += ["-i", f"file:{path}", "-vn", "-f", "f32le", "-ac", "2", "-ar", str(RATE), "-"]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=LONGEST_DECODE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise RenderError("ffmpeg does not come to an end", value=str(path)) from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise RenderError(f"ffmpeg: {lines[-1] if lines else 'failed'}", value=str(path))
    whole = len(done.stdout) // 8 * 8
    return np.frombuffer(done.stdout[:whole], np.float32).reshape(-1, 2).T


def _checked(samples: Samples, path: Path) -> Samples:
    if samples.shape[1] == 0:
        raise RenderError("it is empty", value=str(path))
    if not np.isfinite(samples).all():
        raise RenderError("it holds numbers that are not finite", value=str(path))
    peak = float(np.abs(samples).max())
    return np.ascontiguousarray(samples / np.float32(max(peak / 0.98, 1.0)), np.float32)


def _reason(error: Exception) -> str:
    text = str(error).partition(": ")[2] or str(error)
    return text.rstrip(".")

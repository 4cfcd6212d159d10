"""Which kinds of files a bundle may hold: those that cannot carry a program.

A list of what is allowed, not of what is feared: no pickle, no archive, no script has a place here,
whatever it calls itself.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from rtgen.errors import BundleError

TEXTS = (".json", ".md", ".txt")
SOUNDS = {".flac": b"fLaC", ".ogg": b"OggS", ".wav": b"RIFF"}
WEIGHTS = ".safetensors"
GRAPHS = ".onnx"
ALLOWED = (GRAPHS, WEIGHTS, *TEXTS, *SOUNDS)
RESERVED = ("manifest.json", "index.json")
"""Names that mean something to a library."""
LONGEST_HEADER_BYTES = 1 << 22
_FEARED = {
    **dict.fromkeys((".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth", ".joblib"), "a pickle"),
    **dict.fromkeys((".npy", ".npz"), "NumPy's own format, which may hold pickles"),
    **dict.fromkeys((".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z"), "an archive"),
    **dict.fromkeys((".py", ".sh", ".so", ".dll", ".exe"), "a program"),
}


def feared(name: str) -> str | None:
    """What a file with such a name is, if it is of a kind that is never fetched."""
    return _FEARED.get(PurePosixPath(name).suffix.lower())


def is_allowed(name: str) -> bool:
    """Whether a bundle may hold a file of that name."""
    return PurePosixPath(name).suffix in ALLOWED


def check_content(data: bytes, name: str) -> None:
    """Refuse a file that is not what its name says; graphs have a guard of their own.

    Raises
    ------
    BundleError naming the file.
    """
    suffix = PurePosixPath(name).suffix
    if suffix in TEXTS:
        sound = _is_text(data)
    elif suffix in SOUNDS:
        sound = data.startswith(SOUNDS[suffix])
    else:
        sound = suffix != WEIGHTS or _is_safetensors(data)
    if not sound:
        raise BundleError(
            f"{name} is not what its name says",
            value=name,
            hint="get the bundle from somebody you trust",
        )


def printable(text: str, most: int = 160) -> str:
    """A stranger's text for one line of a terminal: no control characters, not endless."""
    kept = "".join(c if c.isprintable() else "?" for c in text[:most])
    return kept if len(text) <= most else f"{kept}..."


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _is_safetensors(data: bytes) -> bool:
    """Whether it begins as such a file: eight bytes of length, then a header in JSON."""
    length = int.from_bytes(data[:8], "little")
    return len(data) > 8 and 2 <= length <= LONGEST_HEADER_BYTES and data[8:9] == b"{"

"""The table of targets: what is fuzzed, by what, how long its inputs are, which words it knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).resolve().parent / "corpus"
BUILT = ROOT / "build" / "fuzz" / "bin"


@dataclass(frozen=True)
class Target:
    """One row.

    Attributes
    ----------
    reads : what it is fed as, for people.
    code : "c++" for a program of plugin_bridge/tests/fuzz, "python" for a module of this package.
    most_bytes : of an input.
    words : that inputs are made of, beside what the mutator finds itself.
    reader : modules in Python that are there to read this.
    """

    name: str
    reads: str
    code: Literal["c++", "python"]
    most_bytes: int
    words: tuple[bytes, ...] = ()
    reader: tuple[str, ...] = ()

    @property
    def corpus(self) -> Path:
        """The folder of inputs that are kept."""
        return CORPUS / self.name

    @property
    def program(self) -> Path:
        """The binary of a target in C++."""
        return BUILT / f"fuzz_{self.name}"

    def kept(self) -> list[Path]:
        """Inputs that are kept."""
        return sorted(self.corpus.glob("*"))


_MIDI = (
    b"MThd\0\0\0\x06\0\x01\0\x01\x01\xe0", b"MTrk", b"\xff\x51\x03", b"\xff\x58\x04", b"\xff\x06",
    b"\xff\x2f\0", b"\xff\x59\x02", b"\xff\x54\x05", b"\xff\x20\x01", b"\xf0", b"\xf7", b"\x90",
    b"\xb0", b"\xff\xff\xff\x7f", b"rtgen position=", b" beat=", b" seed=", b" heard=", b" end=1",
    b" auto=density", b" chroma=", b" loop=0:4", b" shift=", b" style=", b"nan", b"inf", b"1e9",
)  # fmt: skip
_OSC = (
    b"#bundle\0\0\0\0\0\0\0\0\1", b"/rtgen/density\0\0,f\0\0", b"/rtgen/chroma\0\0\0,s\0\0C,G\0",
    b"/rtgen/seed\0,i\0\0", b"/rtgen/loop\0,i\0\0", b"/rtgen/morph/to\0,if\0", b",ifsdhTFN\0",
    b"/rtgen/key/C\0\0\0\0,T\0\0", b"/rtgen/gain\0,f\0\0", b"\x7f\xc0\0\0", b"\x7f\x80\0\0",
)  # fmt: skip
_STATE = (
    b"__dpf_state_begin__\0", b"__dpf_state_end__\0", b"__dpf_parameters_begin__\0",
    b"__dpf_parameters_end__\0", b"__dpf_program__\0", b"model\0", b"checksum\0", b"density\0",
    b"seed\0", b"gain\0", b"nan\0", b"1e40\0", b"-1\0",
)  # fmt: skip
_ENGINE = (b"ok\t", b"no\t", b"say\t", b"\t", b"\n", b",")

TARGETS = {
    target.name: target
    for target in (
        Target("segment", "shared memory that its other end scribbles in", "c++", 1024),
        Target("stream", "a hostile engine and host around the plugin's stream", "c++", 1024),
        Target("link", "an engine's answers, heard by the plugin", "c++", 16384, _ENGINE),
        Target("plugin", "a project's state, events and transport", "c++", 4096, _STATE),
        Target(
            "manifest", "the manifest of a bundle", "python", 8192,
            reader=("rtgen.bundle.manifest", "rtgen.bundle.kinds"),
        ),
        Target(
            "onnx_graph", "an ONNX file, before any runtime", "python", 4096,
            reader=("rtgen.bundle.onnx_guard", "rtgen.bundle.onnx_wire"),
        ),
        Target(
            "handshake", "a plugin's first line, heard by the engine", "python", 8192,
            reader=("rtgen.serve.handshake",),
        ),
        Target(
            "host", "a plugin's segment, served by the engine", "python", 512,
            reader=("rtgen.serve.hosted", "rtgen.serve.host_state", "rtgen.serve.take_line"),
        ),
        Target(
            "midi_song", "a MIDI file that steers", "python", 4096, _MIDI,
            reader=("rtgen.control.performance_reader",),
        ),
        Target(
            "osc", "OSC datagrams", "python", 4608, _OSC,
            reader=("rtgen.control.osc_datagram", "rtgen.control.osc_addresses"),
        ),
        Target(
            "page_socket", "messages of the page's socket", "python", 8192,
            reader=("rtgen.control.osc_addresses",),
        ),
        Target(
            "page_guard", "headers of requests to the page", "python", 512,
            reader=("rtgen.web.guard",),
        ),
    )
}  # fmt: skip

"""The child of a trial: opens a bundle that nobody vouches for, and makes sound of it once.

Started by `rtgen.bundle.trial`, which sends it the bundle: a line of JSON with sizes and limits,
then the manifest and the graphs. It takes the limits upon itself before it looks at any of them,
and answers with one line of JSON. A system without limits for processes bounds the time only.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from rtgen.bundle.load import Bundle

ANY_LENGTH = 64
"""Of a side that a graph leaves open."""
LARGEST_INPUT = 1 << 24
LONGEST_WHY = 300
_MEMORY = ("bad_alloc", "Failed to allocate memory", "out of memory")
"""How onnxruntime says that there is no memory."""


def main() -> int:
    """Read a bundle from standard input, try it, and say on standard output how it went."""
    head = json.loads(sys.stdin.buffer.readline(1 << 16))
    bounded = take_limits(**head["limits"])
    why = ""
    try:
        try_out(_bundle(sys.stdin.buffer, head))
    except Exception as error:  # noqa: BLE001  a sentence, whatever it was
        why = _why(error)[:LONGEST_WHY]
    print(json.dumps({"passed": not why, "why": why, "bounded": bounded}), flush=True)
    return 2 if why else 0


def take_limits(seconds: int, memory_bytes: int) -> bool:
    """Bound this process for good: memory, time, no file written, no process or thread made.

    Returns
    -------
    Whether this system can; others than root are bounded in processes as well.
    """
    try:
        import resource
    except ImportError:
        return False
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    return True


def try_out(bundle: Bundle) -> None:
    """Make sound in every precision, as long as the longest block is, and run all other graphs.

    Raises
    ------
    BundleError when its graphs cannot be opened, or do not do what the manifest says.
    """
    from rtgen.bundle.manifest import FrameManifest
    from rtgen.stream.renderer import LONG_BLOCK_FRAMES, Renderer, Voice
    from rtgen.stream.sessions import GENERATORS, PRECISIONS
    from rtgen.timeline.events import ControlTimeline

    frames = LONG_BLOCK_FRAMES if isinstance(bundle.manifest, FrameManifest) else 1
    for precision, decoder in PRECISIONS.items():
        if decoder in bundle.graphs:
            Renderer(bundle, precision).block(Voice(seed=0), ControlTimeline({}), 0, frames)
    for name in bundle.graphs.keys() - {*GENERATORS.values(), *PRECISIONS.values()}:
        _run_once(bundle.graph(name), name)


def _run_once(graph: bytes, name: str) -> None:
    import math

    import numpy as np

    from rtgen.errors import BundleError
    from rtgen.stream.sessions import open_session

    session = open_session(graph, 1, name)
    feed = {}
    for given in session.get_inputs():
        sides = [side if isinstance(side, int) else ANY_LENGTH for side in given.shape]
        if given.type != "tensor(float)" or math.prod(sides) > LARGEST_INPUT:
            raise BundleError(f"{name} takes what none of ours takes", value=given.name)
        feed[given.name] = np.zeros(sides, np.float32)
    session.run(None, feed)


def _bundle(pipe: BinaryIO, head: dict[str, Any]) -> Bundle:
    from rtgen.bundle.kinds import manifest_of
    from rtgen.bundle.load import Bundle

    manifest = manifest_of(pipe.read(head["manifest"]))
    graphs = {name: pipe.read(size) for name, size in head["graphs"].items()}
    return Bundle(Path(manifest.name), manifest, graphs)


def _why(error: BaseException | None) -> str:
    first = error
    while error is not None:
        if isinstance(error, MemoryError) or any(word in str(error) for word in _MEMORY):
            return "memory"
        error = error.__cause__
    return str(first).partition("\n")[0] or type(first).__name__


if __name__ == "__main__":
    sys.exit(main())

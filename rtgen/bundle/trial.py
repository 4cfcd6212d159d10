"""The trial of a bundle that nobody vouches for: it is run once in a process of its own.

What the guard of graphs cannot know is how much memory and time a graph takes, and whether
onnxruntime stands it. So a child with bounded memory and time opens the graphs and makes sound of
them (`rtgen.stream.on_trial`); it is sent the bytes that were checked, and opens no file. Whatever
becomes of it, this process lives and says one sentence. A bundle that passed is remembered.

The child is no sandbox against a fault of onnxruntime that runs an attacker's code: it is the same
user. See docs/security.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from rtgen.bundle.formats import printable
from rtgen.bundle.vouched import is_vouched, vouch
from rtgen.errors import BundleError

CHILD = "rtgen.stream.on_trial"
MOST_SAID = 4096
"""Bytes that are read of what the child says."""
HINT = "nothing of it was run here; get the bundle from somebody you trust"
log = logging.getLogger(__name__)
_refused: dict[str, str] = {}
"""Why bundles failed in this process: who asks again need not wait again."""


@dataclass(frozen=True)
class Limits:
    """What a child may take.

    Attributes
    ----------
    seconds : of the processor's time.
    memory_bytes : of address space, besides eight times the graphs' own size.
    patience_seconds : on the clock, which goes on where others keep the processor busy.
    """

    seconds: int = 15
    memory_bytes: int = 1 << 30
    patience_seconds: float = 60.0


LIMITS = Limits()


def stand_trial(
    name: str, manifest: bytes, graphs: Mapping[str, bytes], limits: Limits = LIMITS
) -> None:
    """Try a bundle out unless it is known to be good.

    Parameters
    ----------
    name : what sentences call it.
    manifest : its bytes.
    graphs : the ONNX files that were checked, by name.

    Raises
    ------
    BundleError when the child refuses, dies, or takes too much.
    """
    digest = hashlib.sha256(manifest).hexdigest()
    if is_vouched(digest):
        return
    begun = time.monotonic()
    why = _refused.get(digest) or _outcome(manifest, graphs, limits)
    if why:
        _refused[digest] = why
        raise BundleError(f"{printable(name)} failed its trial: {why}", value=digest, hint=HINT)
    log.info("%s passed its trial in %.1f s", printable(name), time.monotonic() - begun)
    vouch(digest)


def command() -> list[str]:
    """The command of the child; -P keeps the folder that one happens to be in out of its imports.

    Raises
    ------
    BundleError where there is no Python to start, as in a program that embeds one.
    """
    if not sys.executable:
        raise BundleError(
            "there is no Python here to try a bundle with", hint="use the `rtgen` tool"
        )
    return [sys.executable, "-P", "-m", CHILD]


def _outcome(manifest: bytes, graphs: Mapping[str, bytes], limits: Limits) -> str:
    """Why the child failed; empty if it did not."""
    memory = limits.memory_bytes + 8 * sum(map(len, graphs.values()))
    head: dict[str, Any] = {"manifest": len(manifest)}
    head["graphs"] = {name: len(graph) for name, graph in graphs.items()}
    head["limits"] = {"seconds": limits.seconds, "memory_bytes": memory}
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")  # threads are processes
    try:
        child = subprocess.Popen(
            command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **one},
            start_new_session=True,  # Ctrl-C is for us, who end it
        )
    except OSError as error:
        return f"no process can be started: {(error.strerror or str(error)).lower()}"
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(limits.patience_seconds, end)
    timer.start()
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        _send(child.stdin, [json.dumps(head).encode() + b"\n", manifest, *graphs.values()])
        said = child.stdout.read(MOST_SAID)
        child.stdout.close()
        code = child.wait()
    finally:
        timer.cancel()
        child.kill()
        child.wait()
    if late.is_set():
        return f"it does not end within {limits.patience_seconds:g} s"
    if code == -getattr(signal, "SIGXCPU", 0):
        return f"it takes more than {limits.seconds} s of the processor"
    if code < 0:
        return f"it crashed: {(signal.strsignal(-code) or str(-code)).lower()}"
    return _refusal(said, code, memory)


def _send(pipe: IO[bytes], parts: list[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):  # its end says why
        for part in parts:
            pipe.write(part)
    with contextlib.suppress(BrokenPipeError):
        pipe.close()


def _refusal(said: bytes, code: int, memory: int) -> str:
    try:
        told: Any = json.loads(said)
        passed, why = told["passed"], str(told["why"])
    except (ValueError, KeyError, TypeError, RecursionError):
        passed, why = False, "it ended without a word"
    if code == 0 and passed is True:
        if not told.get("bounded"):
            log.warning("this system cannot bound the memory of a process: tried without")
        return ""
    if why == "memory":
        return f"it wants more than {memory >> 20} MiB of memory"
    return printable(why) or "it ended without a word"

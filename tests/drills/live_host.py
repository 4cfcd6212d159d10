"""The plugin in our small host, which is told what to do while it plays."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from tests.hosts import clap

RATE = 44100
PLAYING = 2
"""The plugin's status while it plays."""
AUDIBLE = 1e-3
FULL_SECONDS = 1.5
PATIENCE_SECONDS = 30.0


class LiveHost:
    """Plays from position 0 at 120 beats per minute; frame k of its sound is position k.

    Parameters
    ----------
    environment : of its process.
    """

    def __init__(
        self, plugin: Path, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._out, script = folder / "heard.wav", folder / "script"
        script.write_text("0 tempo 120\n0 play\n")
        command = [str(clap.binary("plain", "clap_host")), str(plugin), "--rate", str(RATE)]
        command += ["--block", "256", "--frames", str(3600 * RATE), "--out", str(self._out)]
        self.process = subprocess.Popen(
            [*command, "--script", str(script), "--listen"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> LiveHost:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def say(self, *lines: str) -> None:
        """What it is to do at once."""
        assert self.process.stdin is not None
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def meters(self) -> dict[str, Any]:
        """Its frame and the plugin's parameters now."""
        self.say("print")
        return self._said.get(timeout=PATIENCE_SECONDS)

    def until_heard(self) -> dict[str, Any]:
        """Wait until it sounds and has enough ahead."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            now = self.meters()
            heard = max(now["peak_left"], now["peak_right"]) > AUDIBLE
            if now["status"] == PLAYING and heard and now["lead"] > FULL_SECONDS:
                return now
            assert time.monotonic() < deadline, f"it is not heard: {now}"
            time.sleep(0.05)

    def go_on(self, seconds: float) -> dict[str, Any]:
        """Play for a while."""
        now = self.meters()
        end = now["frame"] + seconds * RATE
        while now["frame"] < end:
            time.sleep(0.05)
            now = self.meters()
        return now

    def end(self) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Let it end by itself: all that was heard, shape (n, 2), and its report."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_SECONDS) == 0
        self._reader.join()
        report: dict[str, Any] = {}
        while not self._said.empty():
            report = self._said.get()
        sound = soundfile.read(self._out, dtype="float32", always_2d=True)[0]
        return sound, report

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with contextlib.suppress(ValueError):  # killed in mid-line
                self._said.put(json.loads(line))

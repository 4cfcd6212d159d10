"""Our small CLAP host, which plugin_bridge/tests/run.sh builds."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

BUILD = Path(__file__).resolve().parents[2] / "build"


@dataclass(frozen=True)
class Heard:
    """One run: what the host and the plugin said, and the sound."""

    code: int
    said: list[dict[str, Any]]
    complaints: str
    sound: npt.NDArray[np.float32]

    @property
    def report(self) -> dict[str, Any]:
        """Peak, largest step, late blocks and so on."""
        return self.said[-1]

    @property
    def meters(self) -> dict[str, Any]:
        """The plugin's parameters at the end."""
        return self.said[-2]


def binary(variant: str, name: str) -> Path:
    """A file of one of the builds: plain, asan, tsan, rtsan."""
    path = BUILD / variant / "bin" / name
    assert path.exists(), f"{name} is not built: run `make bridge-test`"
    return path


def begin(
    plugin: Path,
    out: Path,
    script: str,
    seconds: float,
    *options: str,
    variant: str = "plain",
    rate: int = 44100,
    block: int = 512,
) -> subprocess.Popen[str]:
    """A host that runs; give it to `end`."""
    command = [str(binary(variant, "clap_host")), str(plugin), "--rate", str(rate)]
    command += ["--block", str(block), "--frames", str(round(seconds * rate))]
    command += ["--script", "-", "--out", str(out), *options]
    host = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert host.stdin is not None
    host.stdin.write(script)
    host.stdin.flush()
    host.stdin.close()
    host.stdin = None
    return host


def end(host: subprocess.Popen[str], out: Path) -> Heard:
    """Wait for a host."""
    said, complaints = host.communicate(timeout=120)
    sound = np.zeros((0, 2), np.float32)
    if out.exists():
        sound = soundfile.read(out, dtype="float32", always_2d=True)[0]
    return Heard(host.returncode, [json.loads(x) for x in said.splitlines()], complaints, sound)


def play(plugin: Path, out: Path, script: str, seconds: float, *options: str, **ways: Any) -> Heard:
    """Play a script to its end."""
    heard = end(begin(plugin, out, script, seconds, *options, **ways), out)
    assert heard.code == 0, heard.complaints
    return heard


def listed(plugin: Path) -> list[list[str]]:
    """The parameters as the plugin tells them: id, symbol, name, low, high, initial, flags."""
    command = [str(binary("plain", "clap_host")), str(plugin), "--list"]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]

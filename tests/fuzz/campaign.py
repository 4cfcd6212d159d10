"""Runs targets side by side, each in its own process and on a copy of its corpus.

What an input reaches is told by libFuzzer, which atheris is built on: `cov` counts edges (of
machine code, or of byte code), `ft` features, which are edges with how often they were taken.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.fuzz.targets import ROOT, Target

SECONDS_PER_INPUT = 60
"""By the clock, and others may want the machine too."""
MEGABYTES = 2048
CRASHES = ROOT / "build" / "fuzz" / "crashes"
STARTING_SECONDS = 300
_PROGRESS = re.compile(r"^#(\d+)\s.*cov: (\d+) ft: (\d+) corp: (\d+)/", re.MULTILINE)
_COUNTERS = re.compile(r"^INFO: Loaded .*\((\d+) inline 8-bit counters\)", re.MULTILINE)
_READER = re.compile(r"^reader: (\d+) of (\d+) lines", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What a run of a target came to.

    Attributes
    ----------
    seconds, cpu_seconds : from start to end, by the clock and of work.
    edges, features : that the corpus reaches at the end.
    share : in C++ of all edges of the program; in Python of the lines of the reader, as far as kept
        inputs reach alone.
    crash : where the input lies that broke it, if one did.
    """

    target: str
    seconds: float
    cpu_seconds: float
    executions: int
    edges: int
    features: int
    inputs: int
    share: float
    crash: str | None = None

    def line(self) -> str:
        """For people."""
        end = f"BROKEN by {self.crash}" if self.crash else "no crash"
        return (
            f"{self.target:12} {self.executions:>9} executions {self.edges:>5} edges "
            f"({self.share:4.0%}) {self.features:>6} features {self.inputs:>5} inputs "
            f"{self.seconds:>4.0f} s, {self.cpu_seconds:.0f} of work  {end}"
        )

    def row(self) -> dict[str, object]:
        """For machines."""
        return asdict(self)


def command(target: Target) -> list[str]:
    """What runs a target, before libFuzzer's options."""
    if target.code == "python":
        return [sys.executable, "-m", "tests.fuzz.child", target.name]
    if not target.program.exists():
        raise SystemExit(f"{target.program} is not built: run `make bridge-test`")
    return [str(target.program)]


def fuzz(target: Target, seconds: int, keep: Path | None = None) -> Outcome:
    """Fuzz one target.

    Parameters
    ----------
    keep : a folder for the corpus that the run ends with.
    """
    with tempfile.TemporaryDirectory(prefix="rtgen-corpus-") as folder:
        grown = Path(folder) / "corpus"
        shutil.copytree(target.corpus, grown)
        options = [*_limits(target, Path(folder)), f"-max_total_time={seconds}", str(grown)]
        began = time.monotonic()
        code, said, worked = _run([*command(target), *options], seconds, folder)
        took = round(time.monotonic() - began, 1)
        progress = _PROGRESS.findall(said)
        executions, edges, features, inputs = map(int, progress[-1]) if progress else (0, 0, 0, 0)
        crash = None if code == 0 and executions else _kept_crash(target, Path(folder), said)
        if keep is not None:
            shutil.copytree(grown, keep, dirs_exist_ok=True)
    share = _share(said, edges)
    return Outcome(target.name, took, worked, executions, edges, features, inputs, share, crash)


def fuzz_all(targets: Sequence[Target], seconds: int, jobs: int) -> list[Outcome]:
    """Fuzz many, so many at once; each is told of when it ends."""

    def one(target: Target) -> Outcome:
        outcome = fuzz(target, seconds)
        print(outcome.line(), flush=True)
        return outcome

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, targets))


def minimise(target: Target, more: Path, most_bytes: int) -> None:
    """Replace the kept corpus by the fewest inputs, of it and `more`, that reach as much.

    Small inputs are taken first; what goes over `most_bytes` in all is left out. Inputs with a
    name, which once broke something, stay.
    """
    named = [path for path in target.kept() if not re.fullmatch("[0-9a-f]{40}", path.name)]
    with tempfile.TemporaryDirectory(prefix="rtgen-corpus-") as folder:
        fewest = Path(folder) / "fewest"
        fewest.mkdir()
        merge = ["-merge=1", str(fewest), str(target.corpus), str(more)]
        code, said, _ = _run(
            [*command(target), *_limits(target, Path(folder)), *merge], 600, folder
        )
        if code != 0:
            raise SystemExit(said[-4000:])
        for path in target.kept():
            if path not in named:
                path.unlink()
        left = most_bytes - sum(path.stat().st_size for path in named)
        for path in sorted(fewest.iterdir(), key=lambda p: (p.stat().st_size, p.name)):
            left -= path.stat().st_size
            if left < 0:
                break
            shutil.copy(path, target.corpus / path.name)


def _share(said: str, edges: int) -> float:
    if (program := _COUNTERS.search(said)) is not None:
        return round(edges / int(program[1]), 3)
    reader = _READER.search(said)
    return 0.0 if reader is None else round(int(reader[1]) / int(reader[2]), 3)


def _limits(target: Target, folder: Path) -> list[str]:
    options = [
        f"-max_len={target.most_bytes}",
        f"-timeout={SECONDS_PER_INPUT}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-artifact_prefix={folder}/crash-",
    ]
    if target.words:
        words = folder / "words"
        quoted = ("".join(map("\\x{:02x}".format, word)) for word in target.words)
        words.write_text("".join(f'"{word}"\n' for word in quoted))
        options.append(f"-dict={words}")
    return options


def _run(words: list[str], seconds: int, scratch: str) -> tuple[int, str, float]:
    """Exit code, all that was said, and seconds of work.

    libFuzzer ends without tidying up, so what a target leaves lies in `scratch`.
    """
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "ASAN_OPTIONS": "symbolize=1",
        "TMPDIR": scratch,
    }
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=said, stderr=said)
        too_long = threading.Timer(seconds + STARTING_SECONDS, child.kill)
        too_long.start()
        try:
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        finally:
            too_long.cancel()
        said.seek(0)
        text = said.read().decode(errors="replace")
    if child.returncode == -signal.SIGKILL:
        text += f"\nkilled: no end in {seconds + STARTING_SECONDS} s, or no memory left"
    return child.returncode, text, round(used.ru_utime + used.ru_stime, 1)


def _kept_crash(target: Target, folder: Path, said: str) -> str:
    """Move what broke a target to where it can be found, and show what was said."""
    told = [line for line in said.splitlines() if not line.startswith("INFO: ")]
    print("\n".join(told[-60:]), flush=True)
    CRASHES.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("crash-*"):
        kept = CRASHES / f"{target.name}-{path.name.removeprefix('crash-')}"
        shutil.move(path, kept)
        return str(kept.relative_to(ROOT))
    return "nothing that was kept"

"""The plugin in a host: bounce, seek, knobs, eight at once, an engine that is killed.

The host is our own small CLAP host, which plays at the pace of a sound card with --live; the sound
is the plugin's. Both are built by plugin_bridge/tests/run.sh.
Run: python benchmarks/plugin.py --out FILE
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import soundfile

from rtgen.audio.resample import Resampler
from rtgen.bundle.load import load_bundle
from rtgen.serve.server import ask
from rtgen.stream import offline
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.events import ControlTimeline

RATE = 44100
BLOCK = 256
BAR_SECONDS = 2.0
TRIALS = 30
CHANGED = 1e-4
AUDIBLE = 0.01


class Engine:
    """`rtgen serve` in a process of its own."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "rtgen.cli.main", "serve", "run"]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def ready(self) -> None:
        while ask("status") is None:
            time.sleep(0.005)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Host:
    """One run of the CLAP host by a script; `wait` gives its report and its sound."""

    def __init__(self, folder: Path, out: Path, script: str, seconds: float, *options: str) -> None:
        self.out = out
        command = [str(folder / "clap_host"), str(folder / "rtgen.clap"), "--rate", str(RATE)]
        command += ["--block", str(BLOCK), "--frames", str(round(seconds * RATE))]
        command += ["--script", "-", "--out", str(out), *options]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdin is not None
        self.process.stdin.write(script)
        self.process.stdin.close()

    def wait(self) -> tuple[list[dict], np.ndarray]:
        assert self.process.stdout is not None
        said = [json.loads(line) for line in self.process.stdout]
        if self.process.wait() != 0:
            raise RuntimeError(f"the host ended with {self.process.returncode}")
        return said, soundfile.read(self.out, dtype="float32")[0]


def bounce(folder: Path, work: Path) -> dict:
    """32 bars at 120 bpm as fast as the host can, three times."""
    seconds = 32 * BAR_SECONDS
    speeds, sounds = [], []
    for k in range(3):
        host = Host(folder, work / f"b{k}.wav", "0 render offline\n0 tempo 120\n0 play\n", seconds)
        said, sound = host.wait()
        speeds.append(seconds / said[-1]["wall_seconds"])
        sounds.append(sound)
    return {
        "times_real_time": statistics.median(speeds),
        "bit_identical": all(np.array_equal(sounds[0], s) for s in sounds[1:]),
    }


def seek(folder: Path, work: Path) -> dict:
    """Live, from bar to far bar: until the first sound after each."""
    lines, at = ["0 tempo 120", "0 play"], []
    for k in range(TRIALS):
        frame = round((1.0 + 0.7 * k) * RATE) + 37 * k
        at.append(frame)
        lines.append(f"{frame} seek {round((1000 + 8 * k) * BAR_SECONDS * RATE)}")
    host = Host(folder, work / "s.wav", "\n".join(lines), 2.0 + 0.7 * TRIALS, "--live")
    _said, sound = host.wait()
    loud = np.abs(sound).max(1)
    waits = []
    for frame in at:
        # The old place fades within 5 ms; a silence follows, then the new place.
        after = loud[frame + RATE // 100 :]
        waits.append((RATE // 100 + int(np.argmax(after > 1e-3))) / RATE * 1000)
    return {"median_ms": statistics.median(waits), "worst_ms": max(waits), "seeks": len(waits)}


def knob(folder: Path, work: Path) -> dict:
    """Live, from a moved knob to the first sample that differs from what was to come."""
    renderer = Renderer(load_bundle("techno"))
    lines, trials = ["0 tempo 120", "0 play"], []
    rng = np.random.default_rng(1)
    for k in range(TRIALS):
        start = round(1.2 * k * RATE) // BLOCK * BLOCK + BLOCK
        position = round((100 + 8 * k) * BAR_SECONDS * RATE)
        moved = start + round(RATE * (0.5 + 0.2 * float(rng.random())))
        lines += [f"{start - BLOCK} param density 3", f"{start} seek {position}"]
        lines.append(f"{moved} param density 16")
        trials.append((start, position, moved))
    host = Host(folder, work / "k.wav", "\n".join(lines), 1.2 * TRIALS + 0.5, "--live")
    _said, sound = host.wait()
    waits = []
    timeline = ControlTimeline({"tempo": 120.0, "density": 3.0})
    for start, position, moved in trials:
        low, n = moved - start - 2205, 2205 + RATE // 2
        steady = offline.samples(renderer, Voice(0), timeline, Resampler(RATE), position + low, n)
        differs = np.abs(sound[start + low : start + low + n] - steady).max(1) > CHANGED
        waits.append((int(np.argmax(differs)) - 2205) / RATE * 1000)
    waits.sort()
    return {
        "median_ms": statistics.median(waits),
        "p95_ms": waits[round(0.95 * (len(waits) - 1))],
        "worst_ms": waits[-1],
        "moves": len(waits),
    }


def many(folder: Path, work: Path, instances: int, seconds: float) -> dict:
    """Live at once, each its own seed and tempo."""
    hosts = []
    for k in range(instances):
        script = f"0 param seed {k}\n0 tempo {110 + 8 * k}\n{RATE} play\n"
        hosts.append(Host(folder, work / f"m{k}.wav", script, seconds, "--live"))
    reports = [host.wait() for host in hosts]
    played = round((seconds - 2.0) * RATE)
    return {
        "instances": instances,
        "seconds": seconds,
        "underruns": sum(said[-2]["underruns"] for said, _ in reports),
        "late_blocks_of_hosts": sum(said[-1]["late_blocks"] for said, _ in reports),
        "quietest_rms": min(float(np.sqrt((sound[-played:] ** 2).mean())) for _, sound in reports),
    }


def kills(folder: Path, work: Path, engine: Engine, times: int) -> dict:
    """kill -9 of the engine while a host plays; until it is heard again after the restart."""
    seconds = 10.0 * times + 4.0
    every = RATE // 20
    prints = "".join(f"{k * every} print\n" for k in range(round(seconds * RATE) // every))
    play = "0 tempo 120\n0 play\n"
    calm, _ = Host(folder, work / "c.wav", "0 render offline\n" + play, seconds).wait()
    script = play + prints
    host = Host(folder, work / "x.wav", script, seconds, "--live")
    levels: list[tuple[float, float]] = []
    ended: list[dict] = []

    def listen() -> None:
        assert host.process.stdout is not None
        for line in host.process.stdout:
            said = json.loads(line)
            if "peak_left" in said:
                levels.append((time.monotonic(), said["peak_left"]))
            ended.append(said)

    ear = threading.Thread(target=listen)
    ear.start()
    time.sleep(3.0)
    waits = []
    for _ in range(times):
        engine.kill()
        while levels[-1][1] > AUDIBLE:  # what was made before is still played
            time.sleep(0.005)
        engine.start()
        engine.ready()
        restarted = time.monotonic()
        while levels[-1][1] < AUDIBLE:
            time.sleep(0.005)
        waits.append(time.monotonic() - restarted)
        time.sleep(1.0)
    ear.join()
    report = ended[-1]
    return {
        "kills": times,
        "host_survived": host.process.wait() == 0,
        "peak": report["peak"],
        "largest_step": report["largest_step"],
        "largest_step_of_a_bounce": calm[-1]["largest_step"],
        "not_finite": report["not_finite"],
        "audible_again_median_s": statistics.median(waits),
        "audible_again_worst_s": max(waits),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build/plain/bin"))
    parser.add_argument("--instances", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=["bounce", "seek", "knob", "kills", "many"])
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        os.environ["RTGEN_RUNTIME"] = str(work / "run")
        engine = Engine()
        engine.ready()
        parts = {
            "bounce": lambda: bounce(args.build, work),
            "seek": lambda: seek(args.build, work),
            "knob": lambda: knob(args.build, work),
            "kills": lambda: kills(args.build, work, engine, args.kills),
            "many": lambda: many(args.build, work, args.instances, args.seconds),
        }
        report = {name: parts[name]() for name in args.only}
        engine.kill()
    print(json.dumps(report, indent=2))
    if args.out:
        args.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()

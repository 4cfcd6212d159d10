"""Hours of random faults: one player on JACK and four plugin instances behind one engine.

What it must show: no crash; memory and descriptors of each process flat after warm-up; every
underrun within a fault that excuses it, or `RECOVERY_SECONDS` after; every actor heard again within
that time. Floods, automation, other blocks, clock jumps and refused strangers excuse nothing.
The plugin and its host are built by plugin_bridge/tests/run.sh. It mounts a small disk, so it must
be root.
Run: python benchmarks/soak.py --minutes 120 --out benchmarks/results/soak.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
SERVER = f"rtgen-soak-{os.getpid()}"
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ["JACK_DEFAULT_SERVER"] = SERVER
os.environ["JACK_NO_START_SERVER"] = "1"

from soaking import faults
from soaking.actors import Actor, Engine, JackServer, Player, PluginHost
from soaking.board import Board
from soaking.ledger import Fault, Ledger
from soaking.memory import Life

from tests.fakes.shifted_clock import ShiftedClock

HOSTS = 4
ASK_SECONDS = 0.1
KNOB_SECONDS = 1.0
SIZE_SECONDS = 5.0
NOTE_SECONDS = 60.0
PATIENCE_SECONDS = 20.0
SETTLE_SECONDS = 8.0


class Soak:
    """One run.

    Parameters
    ----------
    build : where the plugin and its host are.
    log : gets a line for whatever happens.
    seed : of the faults' order and kinds.
    """

    def __init__(self, folder: Path, build: Path, log: Path, seed: int) -> None:
        os.environ["RTGEN_RUNTIME"] = str(folder / "run")
        os.environ["RTGEN_MODELS"] = str(folder / "models")
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = str(folder / "data")
        (folder / "models").mkdir()
        faults.second_model(folder / "models", ROOT / "models")
        self.ledger = Ledger(log)
        self.board = Board(self.ledger)
        clock = ShiftedClock(folder)
        shifted = clock.environment
        jack, engine = JackServer(SERVER), Engine(folder, shifted)
        player = Player(folder, shifted, self.board)
        hosts = [
            PluginHost(f"host {k + 1}", build, k, folder, shifted, self.board) for k in range(HOSTS)
        ]
        self.scene = faults.Scene(
            self.ledger, random.Random(seed), jack, player, engine, hosts, clock,
            faults.small_disk(folder / "disk"), dict(os.environ),
        )  # fmt: skip
        self.actors: list[Actor] = [jack, player, engine, *hosts]
        self.lives: list[Life] = []
        self._noted_at = 0.0
        self._knobs = random.Random(seed + 1)
        self._over = threading.Event()

    def begin(self) -> None:
        """Start everybody, and wait until all are heard."""
        scene = self.scene
        scene.jack.start()
        scene.engine.start()
        scene.engine.ready()
        scene.player.start()
        for host in scene.hosts:
            host.start()
        threading.Thread(target=self._sample, daemon=True).start()
        fault = self.ledger.begin("start", scene.all)
        self._recover(fault, scene.all)
        self.ledger.end(fault)

    def run(self, minutes: float) -> None:
        """One fault after the other, with calm between."""
        kinds = list(faults.TABLE)
        weights = list(faults.TABLE.values())
        chance = self.scene.chance
        while self.ledger.now() < 60 * minutes and not self._over.is_set():
            (do,) = chance.choices(kinds, weights)
            fault = do(self.scene)
            self._recover(fault, fault.excuses or self.scene.all)
            self._bury()
            self._over.wait(chance.uniform(4.0, 12.0))

    def stop(self, *_: object) -> None:
        """Let `run` return soon."""
        self._over.set()

    def end(self) -> None:
        """End everybody."""
        self._over.set()
        for host in self.scene.hosts:
            host.end()
        self.scene.player.expected_dead = self.scene.engine.expected_dead = True
        self.scene.player.signal(signal.SIGTERM)
        try:
            status = self.scene.player.process.wait(20)  # type: ignore[union-attr]
            if status != 0:
                self.ledger.problem("the player ended badly", status=status)
        except subprocess.TimeoutExpired:
            self.ledger.problem("the player does not end")
            self.scene.player.kill()
        self.scene.engine.kill()
        self.scene.jack.tidy()
        subprocess.run(["umount", str(self.scene.small_disk)], check=False)

    def _recover(self, fault: Fault, actors: tuple[str, ...]) -> None:
        """Wait until all are heard since the fault ended."""
        begun = min(fault.end, self.ledger.now())
        deadline = begun + PATIENCE_SECONDS
        waiting = list(actors)
        while waiting and self.ledger.now() < deadline and not self._over.is_set():
            for actor in list(waiting):
                line = self.board.line(actor)
                wants_device = fault.kind == "JACK killed"
                at = max(line.heard_at, line.on_device_at if wants_device else 0.0)
                if line.heard_at > begun and at < float("inf"):
                    self.ledger.recovered(fault, actor, at)
                    waiting.remove(actor)
            time.sleep(0.02)
        for actor in waiting:
            if not self._over.is_set():
                self.ledger.recovered(fault, actor, None)

    def _bury(self) -> None:
        """Notice who has crashed, and start it anew."""
        for actor in self.actors:
            status = actor.crashed()
            if status is not None:
                self.ledger.problem(f"{actor.name} crashed", status=status)
                actor.start()  # type: ignore[attr-defined]
                time.sleep(SETTLE_SECONDS)

    def _sample(self) -> None:
        knob_at = size_at = 0.0
        while not self._over.wait(ASK_SECONDS):
            now = self.ledger.now()
            for host in self.scene.hosts:
                host.say("print")
            if now - knob_at > KNOB_SECONDS:
                knob_at = now
                name = self._knobs.choice(["density", "energy", "variation", "morph"])
                self.scene.player.steer(f"/rtgen/norm/{name}", self._knobs.random())
                host = self._knobs.choice(self.scene.hosts)
                host.say(f"param energy {self._knobs.random():.3f}")
            if now - size_at > SIZE_SECONDS:
                size_at = now
                self._weigh(now)

    def _weigh(self, now: float) -> None:
        for actor in self.actors:
            if actor.process is None or actor.expected_dead:
                continue
            alive = next((x for x in reversed(self.lives) if x.actor == actor.name), None)
            if alive is None or alive.pid != actor.pid:
                alive = Life(actor.name, actor.pid, now)
                self.lives.append(alive)
            alive.sample(now)
        if now - self._noted_at > NOTE_SECONDS:
            self._noted_at = now
            sizes = {x.actor: x.samples[-1][1:4] for x in self.lives if x.samples}
            self.ledger.note("sizes", mb=sizes)


def report(soak: Soak, minutes: float, args: argparse.Namespace) -> dict[str, Any]:
    """What the log comes to."""
    ledger = soak.ledger
    kinds: dict[str, list[Fault]] = defaultdict(list)
    for fault in ledger.faults:
        kinds[fault.kind].append(fault)
    lives = [life.report() for life in soak.lives]
    took = [s for f in ledger.faults if f.kind != "start" for s in f.recovered.values()]
    told = [r for host in soak.scene.hosts for r in host.reports if "wall_seconds" in r]
    worked = sum(life.worked for life in soak.lives if life.actor in ("engine", "player"))
    return {
        "minutes": round(minutes, 1),
        "minutes_asked": args.minutes,
        "seed": args.seed,
        "nice_of_all_processes": args.nice,
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores_of_engine_and_player": round(worked / (60 * minutes), 3),
        "faults": sum(len(some) for kind, some in kinds.items() if kind != "start"),
        "underruns_explained": ledger.explained,
        "underruns_unexplained": sum(line["count"] for line in ledger.unexplained),
        "recovery_median_s": round(statistics.median(took), 3) if took else None,
        "recovery_worst_s": round(max(took), 3) if took else None,
        "no_crash": not any("crashed" in p["says"] for p in ledger.problems),
        "memory_flat": all(life.get("flat", True) for life in lives),
        "not_finite": sum(r["not_finite"] for r in told),
        "problems": ledger.problems,
        "unexplained": ledger.unexplained,
        "kinds": {
            kind: {
                "times": len(some),
                "underruns": sum(f.underruns for f in some),
                "worst_recovery_s": round(
                    max((s for f in some for s in f.recovered.values()), default=0.0), 3
                ),
            }
            for kind, some in sorted(kinds.items())
        },
        "lives": [life for life in lives if "flat" in life],
        "short_lives": sum("flat" not in life for life in lives),
        "hosts": told,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nice", type=int, default=-10, help="of all processes, if root")
    parser.add_argument("--build", type=Path, default=ROOT / "build/plain/bin")
    parser.add_argument("--log", type=Path, default=Path("soak.jsonl"))
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    os.setpriority(os.PRIO_PROCESS, 0, args.nice)
    with tempfile.TemporaryDirectory(prefix="rtgen-soak-", ignore_cleanup_errors=True) as folder:
        soak = Soak(Path(folder), args.build, args.log, args.seed)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, soak.stop)
        try:
            soak.begin()
            soak.run(args.minutes)
        finally:
            minutes = soak.ledger.now() / 60
            soak.end()
    text = json.dumps(report(soak, minutes, args), indent=2)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()

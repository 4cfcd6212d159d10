"""What is done to whom: a table of faults, each with how often it comes."""

from __future__ import annotations

import contextlib
import random
import resource
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import soundfile

from rtgen import _bridge
from rtgen.serve.server import ask, socket_path
from soaking import floods
from soaking.actors import RTGEN, Engine, JackServer, Player, PluginHost, go_on, stop_all
from soaking.ledger import Fault, Ledger
from tests.fakes.host import Host, greet
from tests.fakes.shifted_clock import ShiftedClock

RATES = (44100, 48000, 88200, 96000, 32000)
BLOCKS = (16, 64, 128, 441, 512, 1024, 2048)
HEADROOM_BYTES = 12 << 20


@dataclass
class Scene:
    """Everybody, and what faults need of the rest."""

    ledger: Ledger
    chance: random.Random
    jack: JackServer
    player: Player
    engine: Engine
    hosts: list[PluginHost]
    clock: ShiftedClock
    small_disk: Path
    environment: dict[str, str]

    @property
    def names_of_hosts(self) -> tuple[str, ...]:
        """Actors that hear the engine."""
        return tuple(host.name for host in self.hosts)

    @property
    def all(self) -> tuple[str, ...]:
        """Actors that are heard."""
        return (self.player.name, *self.names_of_hosts)

    @contextlib.contextmanager
    def fault(self, kind: str, excuses: tuple[str, ...] = (), **told: object) -> Iterator[Fault]:
        """From the cause to its end."""
        fault = self.ledger.begin(kind, excuses, **told)
        try:
            yield fault
        finally:
            self.ledger.end(fault)


Do = Callable[[Scene], Fault]


def engine_killed(scene: Scene) -> Fault:
    """kill -9, also with a socket left that nobody listens to; then a new engine."""
    stale, pause = scene.chance.random() < 0.5, scene.chance.uniform(0.2, 4.0)
    with scene.fault(
        "engine killed", scene.names_of_hosts, down_s=round(pause, 2), stale=stale
    ) as fault:
        scene.engine.kill()
        if stale:
            socket_path().unlink(missing_ok=True)
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(str(socket_path()))
            if ask("status") is not None:
                scene.ledger.problem("a dead socket answers")
        time.sleep(pause)
        scene.engine.start()
        scene.engine.ready()
    return fault


def engine_paused(scene: Scene) -> Fault:
    """SIGSTOP, then SIGCONT."""
    pause = scene.chance.choice([0.2, 1.0, 3.0, 6.0, 12.0])
    with scene.fault("engine paused", scene.names_of_hosts, seconds=pause) as fault:
        scene.engine.signal(signal.SIGSTOP)
        time.sleep(pause)
        scene.engine.signal(signal.SIGCONT)
    return fault


def player_paused(scene: Scene) -> Fault:
    """SIGSTOP, then SIGCONT."""
    pause = scene.chance.choice([0.2, 1.0, 3.0])
    with scene.fault("player paused", (scene.player.name,), seconds=pause) as fault:
        scene.player.signal(signal.SIGSTOP)
        time.sleep(pause)
        scene.player.signal(signal.SIGCONT)
    return fault


def everything_suspended(scene: Scene) -> Fault:
    """A closed laptop: nobody runs for a while."""
    everybody = [scene.jack, scene.player, scene.engine, *scene.hosts]
    pause = scene.chance.choice([3.0, 10.0, 30.0])
    with scene.fault("everything suspended", scene.all, seconds=pause) as fault:
        stop_all(everybody)
        scene.clock.jump(scene.chance.choice([0, 28800]))
        time.sleep(pause)
        scene.chance.shuffle(everybody)
        go_on(everybody)
    return fault


def starved(scene: Scene) -> Fault:
    """Other programs take both processors."""
    seconds = scene.chance.choice([1.0, 3.0])
    with scene.fault("starved of the processor", scene.all, seconds=seconds) as fault:
        floods.starve(seconds)
    return fault


def server_killed(scene: Scene) -> Fault:
    """The device is unplugged, and comes back."""
    pause = scene.chance.uniform(0.5, 4.0)
    with scene.fault("JACK killed", (scene.player.name,), down_s=round(pause, 2)) as fault:
        scene.jack.kill()
        time.sleep(pause)
        scene.jack.start()
    return fault


def device_block(scene: Scene) -> Fault:
    """The device's blocks change while it plays."""
    block = scene.chance.choice([64, 128, 256, 512, 1024])
    with scene.fault("device's block changed", (scene.player.name,), block=block) as fault:
        subprocess.run(["jack_bufsize", str(block)], capture_output=True, timeout=20, check=False)
    return fault


def host_killed(scene: Scene) -> Fault:
    """A DAW crashes; the others must not notice."""
    host = scene.chance.choice(scene.hosts[2:])
    with scene.fault("host killed", (host.name,), host=host.name) as fault:
        host.kill()
        time.sleep(scene.chance.uniform(0.1, 2.0))
        host.start()
        time.sleep(0.5)
    return fault


def rate_changed(scene: Scene) -> Fault:
    """The host goes to another sample rate."""
    host, rate = scene.chance.choice(scene.hosts), scene.chance.choice(RATES)
    with scene.fault("rate changed", (host.name,), host=host.name, rate=rate) as fault:
        host.say(f"restart {rate}")
        host.rate = rate
    return fault


def block_changed(scene: Scene) -> Fault:
    """The host asks for other blocks from now on; no sound may be missing."""
    host, block = scene.chance.choice(scene.hosts), scene.chance.choice(BLOCKS)
    with scene.fault("block changed", host=host.name, block=block) as fault:
        host.say(f"block {block}")
    return fault


def hosts_seek(scene: Scene) -> Fault:
    """Hundreds of jumps of a host's transport."""
    host = scene.chance.choice(scene.hosts)
    with scene.fault("host seeks", (host.name,), host=host.name, seeks=200) as fault:
        for _ in range(200):
            host.say(f"seek {scene.chance.randrange(10**9)}")
            time.sleep(0.02)
    return fault


def player_seeks(scene: Scene) -> Fault:
    """Hundreds of jumps of the player."""
    with scene.fault("player seeks", (scene.player.name,), seeks=200) as fault:
        for _ in range(200):
            scene.player.steer("/rtgen/transport/seek", scene.chance.uniform(0, 1e5))
            time.sleep(0.02)
    return fault


def automation(scene: Scene) -> Fault:
    """A knob of every host at every block."""
    name = scene.chance.choice(["density", "energy", "morph", "variation", "seed"])
    with scene.fault("automation at every block", knob=name) as fault:
        for host in scene.hosts:
            host.say(f"sweep {name} {round(floods.FLOOD_SECONDS * host.rate)}")
        time.sleep(floods.FLOOD_SECONDS)
        for host in scene.hosts:
            host.say("param seed 3", "param density 7")
    return fault


def hosts_flooded(scene: Scene) -> Fault:
    """MIDI in the host, 10,000 messages a second and more."""
    host = scene.chance.choice(scene.hosts)
    with scene.fault("MIDI flood in a host", host=host.name) as fault:
        host.say("block 256", f"flood 64 {round(floods.FLOOD_SECONDS * host.rate)}")
        time.sleep(floods.FLOOD_SECONDS)
    return fault


def player_flooded_by_midi(scene: Scene) -> Fault:
    """10,000 MIDI messages a second."""
    with scene.fault("MIDI flood") as fault:
        fault.told["messages"] = floods.midi_flood()
    return fault


def player_flooded_by_osc(scene: Scene) -> Fault:
    """10,000 OSC messages a second."""
    with scene.fault("OSC flood") as fault:
        fault.told["messages"] = floods.osc_flood(scene.player.port)
    return fault


def instances_come_and_go(scene: Scene) -> Fault:
    """Plugins that are created and destroyed, some in the middle of things."""
    with scene.fault("instances come and go", instances=40) as fault:
        for k in range(40):
            with Host(socket_path(), client=f"short {k}") as host:
                if host.answer[0] != "ok":
                    scene.ledger.problem("an instance was refused", answer=host.answer)
                host.say(playing=True, seed=k)
                if k % 4 == 0:
                    time.sleep(0.05)
    return fault


def mismatched(scene: Scene) -> Fault:
    """Older and newer plugins, and nonsense."""
    with scene.fault("protocol mismatch") as fault:
        for version in (0, _bridge.SEGMENT_VERSION - 1, _bridge.SEGMENT_VERSION + 1, 10**9):
            with Host(socket_path(), rtgen=version) as host:
                if host.answer[0] != "no":
                    scene.ledger.problem("another version was let in", version=version)
        for hello in (b"\n", b"{}\n", b"\xff\x00\n", b'{"rtgen": null}\n'):
            connection, answer = greet(socket_path(), hello, [])
            connection.close()
            if answer[0] != "no":
                scene.ledger.problem("nonsense was let in", said=repr(hello))
    return fault


def no_memory_for_a_model(scene: Scene) -> Fault:
    """Another model is asked for when there is no memory left for it."""
    pid = scene.engine.pid
    with scene.fault("no memory for a model") as fault:
        status = Path(f"/proc/{pid}/status").read_text()
        used = int(status.split("VmSize:")[1].split()[0]) * 1024
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_AS, (used + HEADROOM_BYTES, unlimited[1]))
        try:
            with Host(socket_path(), model="second") as host:
                fault.told["answer"] = host.answer[:2]
        except (OSError, ValueError) as error:
            scene.ledger.problem("the engine did not answer", error=str(error))
        finally:
            resource.prlimit(pid, resource.RLIMIT_AS, unlimited)
        scene.ledger.note("answer", answer=fault.told.get("answer"))
    return fault


def disk_full(scene: Scene) -> Fault:
    """A second player records until its disk is full."""
    path = scene.small_disk / "take.wav"
    with scene.fault("disk full") as fault:
        command = [*RTGEN, "play", "--null", "--no-midi", "--seconds", "5"]
        command += ["--record", str(path), "--yes"]
        command += ["--performance", str(scene.small_disk / "take.mid")]
        done = subprocess.run(
            command, env=scene.environment, capture_output=True, text=True, check=False, timeout=60
        )
        frames = soundfile.info(path).frames if path.exists() else 0
        fault.told |= {"exit": done.returncode, "frames": frames}
        if done.returncode not in (0, 2) or "Traceback" in done.stderr or frames < 50_000:
            scene.ledger.problem("a full disk is not survived", stderr=done.stderr[-500:])
        if "disk is full" not in done.stderr:
            scene.ledger.problem("a full disk is not told", stderr=done.stderr[-500:])
        for left in scene.small_disk.iterdir():
            left.unlink()
    return fault


def clock_jumps(scene: Scene) -> Fault:
    """Somebody sets the date."""
    seconds = scene.chance.choice([-86400, -3600, 0, 3600, 10**7])
    with scene.fault("system clock jumps", to_s=seconds) as fault:
        scene.clock.jump(seconds)
    return fault


TABLE: dict[Do, int] = {
    engine_killed: 2, engine_paused: 5, player_paused: 4, everything_suspended: 3, starved: 3,
    server_killed: 3, device_block: 4, host_killed: 3, rate_changed: 4, block_changed: 5,
    hosts_seek: 4, player_seeks: 4, automation: 5, hosts_flooded: 4, player_flooded_by_midi: 4,
    player_flooded_by_osc: 4, instances_come_and_go: 4, mismatched: 3, no_memory_for_a_model: 3,
    disk_full: 2, clock_jumps: 5,
}  # fmt: skip
"""Faults and how often they come, relative to each other."""


def small_disk(folder: Path) -> Path:
    """A disk of one megabyte."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "rtgen-soak", str(folder)], check=True)
    return folder


def second_model(folder: Path, models: Path) -> None:
    """The same model under another name, so that it must be loaded anew."""
    shutil.copytree(models / "techno", folder / "second")

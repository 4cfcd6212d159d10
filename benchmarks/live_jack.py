"""`rtgen play` on a JACK server with a dummy driver: underruns, time to first sound, memory.

A MIDI control change arrives every 50 ms from a JACK client. Another client captures what is heard.
Run: python benchmarks/live_jack.py --seconds 300
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

SERVER = f"rtgen-bench-{os.getpid()}"
os.environ["JACK_DEFAULT_SERVER"] = SERVER
os.environ["JACK_NO_START_SERVER"] = "1"

import jack
import numpy as np


class Ears:
    """A JACK client that sends control changes and hears what the playback ports get."""

    def __init__(self) -> None:
        self.client = jack.Client("ears")
        self.midi = self.client.midi_outports.register("out")
        self.ears = [self.client.inports.register(f"in_{k}") for k in (1, 2)]
        self.first_sound: float | None = None
        self.silent_blocks = 0
        self.blocks = 0
        self.events = 0
        self._every = max(round(0.05 * self.client.samplerate / self.client.blocksize), 1)
        self.client.set_process_callback(self._process)
        self.client.activate()

    def _process(self, frames: int) -> None:
        self.midi.clear_buffer()
        loud = max(float(np.abs(port.get_array()).max()) for port in self.ears)
        if loud > 1e-4 and self.first_sound is None:
            self.first_sound = time.monotonic()
        if self.first_sound is not None:
            self.blocks += 1
            self.silent_blocks += loud == 0.0
            if self.blocks % self._every == 0:
                self.events += 1
                cc = (1, 11, 74)[self.events % 3]
                self.midi.write_midi_event(0, (0xB0, cc, 40 + self.events * 7 % 80))

    def connect(self) -> bool:
        """Wire up with the player's ports, once they are there; True when both are."""
        client = self.client
        sound = [p for p in client.get_ports(is_audio=True, is_output=True) if "ears" not in p.name]
        takes = [
            p
            for p in client.get_ports(is_midi=True, is_input=True)
            if "rtgen" in p.name and "ears" not in p.name
        ]
        sound = [p for p in sound if not p.name.startswith("system:")]
        for port, ear in zip(sound[:2], self.ears, strict=False):
            self._wire(port, ear)
        for port in takes:
            self._wire(self.midi, port)
        return len(sound) >= 2 and bool(takes)

    def _wire(self, source: jack.Port, target: jack.Port) -> None:
        # Wired already, or the port went away since we looked: both are fine.
        with contextlib.suppress(jack.JackError):
            self.client.connect(source, target)


def resident_mb(pid: int) -> tuple[float, float]:
    """Resident memory of a process in MB: its own, and what it shares with the JACK server."""
    sizes = {"RssAnon": 0.0, "RssFile": 0.0, "RssShmem": 0.0}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name = line.split(":")[0]
        if name in sizes:
            sizes[name] = int(line.split()[1]) / 1000
    return sizes["RssAnon"] + sizes["RssFile"], sizes["RssShmem"]


def measure(rate: int, seconds: float) -> dict:
    """One run at one sample rate."""
    command = ["jackd", "-r", "-S", "-n", SERVER, "-d", "dummy", "-r", str(rate), "-p", "256"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(2.0)
        ears = Ears()
        started = time.monotonic()
        play = [str(Path(sys.executable).parent / "rtgen"), "play", "--seed", "5", "--device"]
        play += ["system", "--seconds", str(seconds), "--rate", str(rate)]
        player = subprocess.Popen(play, stderr=subprocess.PIPE, text=True)
        wired = False
        memory = shared = 0.0
        while player.poll() is None:
            if not wired or ears.first_sound is None:
                wired = ears.connect() or wired
            try:
                own, with_jack = resident_mb(player.pid)
            except FileNotFoundError:
                break
            memory, shared = max(memory, own), max(shared, with_jack)
            time.sleep(0.02 if ears.first_sound is None else 0.5)
        assert player.stderr is not None
        said = player.stderr.read().strip().splitlines()[-1]
        ears.client.deactivate()
        ears.client.close()
    finally:
        server.terminate()
        server.wait(10)
    return {
        "rate": rate,
        "seconds": seconds,
        "said": said,
        "wired": wired,
        "first_sound_s": (ears.first_sound or float("nan")) - started,
        "control_changes": ears.events,
        "silent_blocks_heard": ears.silent_blocks,
        "blocks_heard": ears.blocks,
        "memory_mb": memory,
        "memory_shared_with_jack_mb": shared,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=int, nargs="+", default=[44100, 48000])
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    report = [measure(rate, args.seconds) for rate in args.rates]
    print(json.dumps(report, indent=2))
    if args.out:
        args.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()

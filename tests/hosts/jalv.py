"""jalv with the LV2 in it, on a JACK server: a client of ours is its transport and its ear."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, Self

import jack
import numpy as np
import numpy.typing as npt

RATE = 48000
BEATS_IN_BAR = 4
TICKS = 1e6
"""In a beat; as many as say exactly where a block begins."""
PATIENCE_SECONDS = 15.0
Samples = npt.NDArray[np.float32]


class Block(NamedTuple):
    """One block of JACK: where the transport was, whether it moved, and samples (frames, 2)."""

    frame: int
    rolls: bool
    sound: Samples


def joined(blocks: list[Block]) -> Samples:
    """Their samples, one after another."""
    return np.concatenate([block.sound for block in blocks])


class Jalv:
    """The plugin in jalv, heard and led by a JACK client.

    Parameters
    ----------
    plugin : the LV2 bundle.
    folder : where jalv finds nothing but it.
    tempo : what the timebase master says, in beats a minute.
    controls : of the plugin, as `jalv -c` takes them.
    """

    def __init__(self, plugin: Path, folder: Path, tempo: float, *controls: str) -> None:
        assert shutil.which("jalv"), "the tests need jalv: run `make test`, which installs it"
        self.tempo = tempo
        self._name = "rtgen-in-jalv"
        self._heard: list[Block] = []
        self._to_send: list[bytes] = []
        turned = [word for control in controls for word in ("-c", control)]
        self._process = subprocess.Popen(
            ["jalv", "-i", "-x", "-n", self._name, *turned, "urn:rtgen:rtgen"],
            env={**os.environ, "LV2_PATH": f"{alone(plugin, folder)}:/usr/lib/lv2"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.client = jack.Client("rtgen-host")
        self._ears = [self.client.inports.register(side) for side in ("left", "right")]
        self._keys = self.client.midi_outports.register("keys")
        self.client.set_process_callback(self._hear)
        self.client.set_timebase_callback(self._tell)

    def __enter__(self) -> Self:
        self.client.activate()
        self.stop()
        self.go_to(0)
        pairs = (("lv2_audio_out_1", "left"), ("lv2_audio_out_2", "right"))
        for ours, ear in pairs:
            self._connect(f"{self._name}:{ours}", f"{self.client.name}:{ear}")
        self._connect(f"{self.client.name}:keys", f"{self._name}:lv2_events_in")
        time.sleep(0.5)  # the plugin meets its engine
        # What JACK says while jalv still loads, jalv never tells its plugin: so it is said again.
        self.go_to(RATE)
        self.go_to(0)
        self.listen(0.2)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.go_to(0)
        self.client.deactivate()
        self.client.close()
        self._process.terminate()
        self._process.wait(10)

    def _connect(self, source: str, target: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self.client.connect(source, target)
            except jack.JackError:  # jalv is not up yet
                assert time.monotonic() < deadline, "jalv does not come up"
                assert self._process.poll() is None, "jalv has ended"
                time.sleep(0.02)

    # What JACK calls

    def _hear(self, _frames: int) -> None:
        state, position = self.client.transport_query_struct()
        sound = np.stack([ear.get_array() for ear in self._ears], axis=1).copy()
        self._heard.append(Block(int(position.frame), state == jack.ROLLING, sound))
        self._keys.clear_buffer()
        while self._to_send:
            self._keys.write_midi_event(0, self._to_send.pop(0))

    def _tell(self, _state: int, _frames: int, position: Any, _new: bool) -> None:
        beat = position.frame * self.tempo / 60 / RATE
        whole = int(beat + 1e-9)
        bar = whole // BEATS_IN_BAR
        position.beats_per_minute, position.beats_per_bar = self.tempo, float(BEATS_IN_BAR)
        position.beat_type, position.ticks_per_beat = 4.0, TICKS
        position.bar, position.beat = bar + 1, whole % BEATS_IN_BAR + 1
        position.tick = max(int((beat - whole) * TICKS + 1e-6), 0)
        position.bar_start_tick = bar * BEATS_IN_BAR * TICKS
        position.valid = jack._lib.JackPositionBBT

    # What tests do

    def go_to(self, frame: int) -> None:
        """Move the transport, and wait until it is there; one that rolls goes on from there."""
        before = len(self._heard)
        self.client.transport_frame = frame
        self._wait(lambda: any(block.frame == frame for block in self._heard[before:]))

    def stop(self) -> None:
        """Stop the transport, and wait until it stands."""
        before = len(self._heard)
        self.client.transport_stop()
        self._wait(lambda: any(not block.rolls for block in self._heard[before:]))

    def send(self, messages: Iterable[bytes]) -> None:
        """Play MIDI to the plugin."""
        self._to_send.extend(messages)

    def listen(self, seconds: float) -> list[Block]:
        """What is heard from now on."""
        first, count = len(self._heard), round(seconds * RATE) // self.client.blocksize
        self._wait(lambda: len(self._heard) >= first + count, seconds)
        return self._heard[first : first + count]

    def play(self, seconds: float, freewheel: bool = False) -> tuple[int, Samples]:
        """Let the transport roll: its first frame, and what is heard from there on."""
        before, count = len(self._heard), round(seconds * RATE) // self.client.blocksize

        def rolled() -> list[Block]:
            return [block for block in self._heard[before:] if block.rolls]

        if freewheel:
            self.client.set_freewheel(True)
        try:
            self.client.transport_start()
            self._wait(lambda: len(rolled()) >= count, seconds)
        finally:
            if freewheel:
                self.client.set_freewheel(False)
        blocks = rolled()[:count]
        steps = set(np.diff([block.frame for block in blocks]))
        assert steps == {self.client.blocksize}, "the transport jumped"
        return blocks[0].frame, joined(blocks)

    def _wait(self, condition: Callable[[], bool], extra_seconds: float = 0.0) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS + extra_seconds
        while not condition():
            assert time.monotonic() < deadline, "jalv or JACK does not go on"
            assert self._process.poll() is None, "jalv has ended"
            time.sleep(0.02)


def alone(plugin: Path, folder: Path) -> Path:
    """A folder with this one LV2 bundle in it."""
    folder = folder / "lv2"
    folder.mkdir(exist_ok=True)
    link = folder / plugin.name
    if not link.is_symlink():
        link.symlink_to(plugin)
    return folder

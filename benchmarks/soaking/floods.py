"""Messages by the thousand, and programs that take the processor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

FLOOD_SECONDS = 4.0
PER_SECOND = 10_000
NOT_NICE = -20

KEYBOARD = f"""
import rtmidi, sys, time
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="flood")
out.open_virtual_port("keys")
time.sleep(2.5)  # until the player has found it
print("begin", flush=True)
begun, sent = time.monotonic(), 0
while time.monotonic() < begun + {FLOOD_SECONDS}:
    due = (time.monotonic() - begun) * {PER_SECOND}
    while sent < due:
        out.send_message([0xB0, (1, 11, 74)[sent % 3], sent % 128])
        sent += 1
    time.sleep(0.002)
print(sent, flush=True)
out.close_port()  # JACK's graph stands still for seconds when a client just ends
out.delete()
"""


def midi_flood() -> int:
    """Control changes from a JACK client of its own; how many were sent."""
    with subprocess.Popen(
        [sys.executable, "-c", KEYBOARD],
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.DEVNULL,
    ) as keyboard:
        assert keyboard.stdout is not None
        lines = keyboard.stdout.read().split()
    return int(lines[-1]) if lines else 0


def osc_flood(port: int) -> int:
    """Knobs over OSC; how many were sent."""
    from pythonosc.osc_message_builder import build_msg

    knobs = [
        build_msg(f"/rtgen/norm/{name}", k / 99).dgram
        for k in range(100)
        for name in ("density", "energy", "variation")
    ]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        begun, sent = time.monotonic(), 0
        while time.monotonic() < begun + FLOOD_SECONDS:
            due = (time.monotonic() - begun) * PER_SECOND
            while sent < due:  # measured once: who is too slow for it would never be done
                out.sendto(knobs[sent % len(knobs)], ("127.0.0.1", port))
                sent += 1
            time.sleep(0.002)
    return sent


def starve(seconds: float) -> None:
    """Two busy programs for each processor, before all that is not real-time."""
    program = f"import os\nos.setpriority(os.PRIO_PROCESS, 0, {NOT_NICE})\nwhile True: pass"
    busy = [
        subprocess.Popen([sys.executable, "-S", "-c", program])
        for _ in range(2 * (os.cpu_count() or 1))
    ]
    try:
        time.sleep(seconds)
    finally:
        for process in busy:
            process.kill()
            process.wait()

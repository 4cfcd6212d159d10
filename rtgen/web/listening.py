"""The socket of sound: what is heard, as it is heard, in 16 bits.

A packet is the number of its first frame (32 bits, little-endian) and interleaved stereo samples.
Frames that a slow listener lost leave a gap in the numbers.
"""

from __future__ import annotations

import asyncio
import struct

import numpy as np
from starlette.websockets import WebSocket

from rtgen.stream.sink import Floats
from rtgen.web.stage import Heard
from rtgen.web.together import until_one_ends

PACKET_SECONDS = 0.02
EAR_SECONDS = 1.0
FULL_SCALE = 32767.0
NUMBERS = 1 << 32


async def listen(socket: WebSocket, ear: Heard) -> None:
    """Send what an ear hears until the other side goes away, or says anything."""
    ear.set_tapped(True)
    try:
        await until_one_ends(_hear_out(socket), _send(socket, ear))
    finally:
        ear.set_tapped(False)


async def _hear_out(socket: WebSocket) -> None:
    await socket.receive()


async def _send(socket: WebSocket, ear: Heard) -> None:
    sent = 0
    while True:
        samples = ear.read_tap()
        if len(samples):
            await socket.send_bytes(packet(sent + ear.lost, samples))
            sent += len(samples)
        await asyncio.sleep(PACKET_SECONDS)


def packet(first: int, samples: Floats) -> bytes:
    """A packet of samples (n, 2) that begin at a frame."""
    whole = np.clip(samples * FULL_SCALE, -FULL_SCALE, FULL_SCALE).round().astype("<i2")
    return struct.pack("<I", first % NUMBERS) + whole.tobytes()

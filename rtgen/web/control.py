"""The socket that steers and tells: OSC's addresses in JSON, and the live picture.

To us: `["/rtgen/density", 9.5]`. From us: `{"hello": ...}` about the model, `{"values": ...}` that
changed, by the addresses that set them, `{"meters": ...}`, `{"refused": "why"}`; binary messages
are columns of the picture.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from typing import Any

from starlette.websockets import WebSocket

from rtgen.audio.log_mel import BANDS
from rtgen.control.midi_map import GAIN
from rtgen.control.osc_addresses import AddressSpace
from rtgen.control.osc_datagram import Argument, Refused
from rtgen.control.osc_feedback import Feedback
from rtgen.errors import RtgenError
from rtgen.timeline.controls import TABLE
from rtgen.web.spectrum import Spectrum
from rtgen.web.stage import Stage
from rtgen.web.together import until_one_ends

LARGEST_BYTES = 4096
MOST_ARGUMENTS = 16
PICTURE_SECONDS = 0.05
TELL_EVERY = 2
WORK_SECONDS, REST_PER_WORK = 0.002, 3.0
"""After so much work on one client's messages it rests so many times longer."""


class ControlSocket:
    """One client. [event loop]"""

    def __init__(self, socket: WebSocket, stage: Stage, spectrum: Spectrum) -> None:
        self._socket, self._stage, self._spectrum = socket, stage, spectrum
        self._space, self._feedback = AddressSpace(stage), Feedback(stage)
        self._held = False

    async def run(self) -> None:
        """Until the client goes away."""
        self._spectrum.watch()
        try:
            await until_one_ends(self._obey(), self._tell())
        finally:
            self._spectrum.leave()
            if self._held:
                self._space.release()

    async def _obey(self) -> None:
        worked = 0.0
        while True:
            message = await self._socket.receive()
            if message["type"] != "websocket.receive":
                return
            begun = time.thread_time()
            refused = self._act(message.get("text"))
            worked += time.thread_time() - begun
            if refused is not None:
                await self._socket.send_json({"refused": refused})
            if worked > WORK_SECONDS:
                await asyncio.sleep(REST_PER_WORK * worked)
                worked = 0.0

    def _act(self, text: str | None) -> str | None:
        """Do what a message asks; why not, if not."""
        try:
            path, given = parse(text)
            self._space.act(path, given)
        except (Refused, RtgenError) as error:
            return str(error)
        self._held = self._held or path.startswith("/rtgen/key/")
        return None

    async def _tell(self) -> None:
        greeted, seen, turn = "", self._spectrum.next, 0
        while True:
            name = self._stage.bundle.manifest.name
            if name != greeted:
                greeted = name
                self._feedback.forget()
                await self._socket.send_json({"hello": self._hello()})
            if turn % TELL_EVERY == 0:
                changes = self._feedback.changes()
                if changes:
                    await self._socket.send_json({"values": changes})
                await self._socket.send_json({"meters": self._meters()})
            columns = self._spectrum.since(seen)
            seen = self._spectrum.next
            if columns:
                await self._socket.send_bytes(columns)
            turn += 1
            await asyncio.sleep(PICTURE_SECONDS)

    def _hello(self) -> dict[str, Any]:
        from rtgen.bundle.library import installed

        controls = []
        for name in (*TABLE, GAIN):
            low, high = self._stage.span(name)
            known = TABLE.get(name)
            controls.append(
                {
                    "name": name,
                    "low": low,
                    "high": high,
                    "unit": known.unit if known else "dB",
                    "says": known.says if known else "output level",
                    "auto": bool(known and known.auto),
                }
            )
        model = self._stage.bundle.manifest.name
        return {
            "model": model,
            "models": sorted({model, *(path.name for path in installed())}),
            "controls": controls,
            "bands": BANDS,
            "rate": self._spectrum.rate,
        }

    def _meters(self) -> dict[str, Any]:
        now = self._stage.snapshot()
        style_a, style_b = self._stage.styles
        return {
            "seconds": now.seconds,
            "lead": now.lead_seconds,
            "speed": now.realtime_factor,
            "underruns": self._stage.underruns,
            "style_a": style_a,
            "style_b": style_b,
        }


def parse(text: str | None) -> tuple[str, list[Argument]]:
    """Address and arguments of a message.

    Raises
    ------
    Refused for anything else.
    """
    if text is None or len(text) > LARGEST_BYTES:
        raise Refused("a message is a short text")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("no JSON") from None
    if not isinstance(said, list) or not said or not _is_word(said[0]):
        raise Refused("a message is an address and its arguments")
    path, *given = said
    if len(given) > MOST_ARGUMENTS or not all(_plain(one) for one in given):
        raise Refused("arguments are numbers and words")
    return path, given


def _plain(one: Any) -> bool:
    if isinstance(one, int):  # True and False among them
        return abs(one) < 2**53
    return _is_word(one) or (isinstance(one, float) and math.isfinite(one))


def _is_word(one: Any) -> bool:
    """Whether it can be told back: half of a surrogate pair is no text."""
    return isinstance(one, str) and one.isprintable()

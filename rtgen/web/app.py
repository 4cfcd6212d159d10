"""What is where: the page, its files, two sockets, clips and the choice of a model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from rtgen.bundle.library import installed
from rtgen.errors import RtgenError
from rtgen.web.clips import Clip, ClipMaker, Wish
from rtgen.web.control import ControlSocket
from rtgen.web.guard import Guard, Hosts, knows
from rtgen.web.listening import EAR_SECONDS, listen
from rtgen.web.spectrum import Spectrum
from rtgen.web.stage import Ears, Stage

STATIC = Path(__file__).parent / "static"
LARGEST_BODY = 4096
MOST_SOCKETS = 24
TOKEN_PATIENCE_SECONDS = 5.0
WRONG, FULL = 1008, 1013
"""Codes with which a socket is closed: for what it did, and because there are too many."""
Serve = Callable[[WebSocket], Awaitable[None]]


class Choice(BaseModel):
    """Which model is to play."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class Page:
    """Everything behind the guard. [event loop]"""

    def __init__(self, stage: Stage, ears: Ears, token: str | None) -> None:
        self._stage, self._ears, self._token = stage, ears, token
        self._spectrum = Spectrum(ears(EAR_SECONDS))
        self._clips = ClipMaker(stage)
        self._sockets = 0

    def app(self, hosts: Hosts) -> Guard:
        """The page as an ASGI application that is guarded."""
        routes = [
            Route("/", self.index),
            Mount("/static", StaticFiles(directory=STATIC)),
            WebSocketRoute("/control", self.control),
            WebSocketRoute("/listen", self.listen),
            Route("/model", self.choose_model, methods=["POST"]),
            Route("/clips", self.make_clip, methods=["POST"]),
            Route("/clips/{name}/sound", self.sound),
            Route("/clips/{name}/picture", self.picture),
        ]
        errors: dict[Any, Any] = {RtgenError: _say, ValidationError: _say_what_is_wrong}
        return Guard(Starlette(routes=routes, exception_handlers=errors), hosts, self._token)

    def close(self) -> None:
        """Leave off what takes long; twice is harmless. [any thread]"""
        self._clips.close()

    async def index(self, _: Request) -> Response:
        """The page itself."""
        return FileResponse(STATIC / "index.html")

    async def control(self, socket: WebSocket) -> None:
        """The socket that steers and tells."""
        await self._admit(
            socket, lambda s: ControlSocket(s, self._stage, self._spectrum).run()
        )

    async def listen(self, socket: WebSocket) -> None:
        """The socket of sound."""
        await self._admit(socket, lambda s: listen(s, self._ears(EAR_SECONDS)))

    async def choose_model(self, request: Request) -> Response:
        """Let another model play, one that is installed."""
        choice = Choice.model_validate(await _body(request))
        if choice.name not in {path.name for path in installed()}:
            raise HTTPException(404, f"no model {choice.name}")
        await run_in_threadpool(self._stage.choose_model, choice.name)
        return JSONResponse({"model": choice.name})

    async def make_clip(self, request: Request) -> Response:
        """Make a clip."""
        wish = Wish.model_validate(await _body(request))
        clip = await run_in_threadpool(self._clips.make, wish)
        return JSONResponse({"name": clip.name, "columns": clip.columns})

    async def sound(self, request: Request) -> Response:
        """A clip's sound."""
        return Response(self._clip(request).sound, media_type="audio/wav")

    async def picture(self, request: Request) -> Response:
        """A clip's picture."""
        return Response(self._clip(request).picture, media_type="application/octet-stream")

    def _clip(self, request: Request) -> Clip:
        clip = self._clips.find(request.path_params["name"])
        if clip is None:
            raise HTTPException(404, "this clip is not kept any more")
        return clip

    async def _admit(self, socket: WebSocket, serve: Serve) -> None:
        """Serve a socket whose first message is the token, or closes it."""
        await socket.accept()
        if self._sockets >= MOST_SOCKETS:
            await socket.close(FULL, "too many listen already")
            return
        self._sockets += 1
        try:
            async with asyncio.timeout(TOKEN_PATIENCE_SECONDS):
                first = await socket.receive()
            if first["type"] != "websocket.receive":
                return
            if knows(self._token, _token(first.get("text"))):
                await serve(socket)
            else:
                await socket.close(WRONG, "the token is wrong")
        except TimeoutError:
            await socket.close(WRONG, "no token came")
        finally:
            self._sockets -= 1


def _token(text: str | None) -> object:
    try:
        said = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return said.get("token") if isinstance(said, dict) else None


async def _body(request: Request) -> Any:
    """The JSON that a request carries, if it is short."""
    if request.headers.get("content-type") != "application/json":
        raise HTTPException(415, "only JSON is understood")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, "that is too long")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(400, "no JSON") from None


async def _say(_: Request, error: RtgenError) -> Response:
    return JSONResponse({"refused": str(error), "hint": error.hint}, 409)


async def _say_what_is_wrong(_: Request, error: ValidationError) -> Response:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "it"
    return JSONResponse({"refused": f"{where}: {first['msg'].lower()}"}, 422)

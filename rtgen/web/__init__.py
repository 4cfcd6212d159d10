"""The page: steer, hear and see the stream from a browser, also that of a phone.

What lives here: `stage` (what the page needs of what plays), `guard` (who may ask), `app` (what is
where), `control` (the socket that steers and tells), `listening` (the socket of sound), `spectrum`
(the live picture), `together` (a socket's two halves),
`clips` (stretches made on request), `server` (uvicorn on a thread), `static`
(the page itself: plain modules, no build step).

Threads: one for the server's event loop, on which everything but clips runs; clips are made one at
a time on a thread of their own, which rests as long as it works. What steers the player returns at
once; nothing here is ever waited for by the engine or the sound card. Each listener has a bounded
ear, so a slow one loses sound and nobody else does.

Imports starlette, uvicorn and websockets, which nothing else may. Imported by `cli` only.
"""

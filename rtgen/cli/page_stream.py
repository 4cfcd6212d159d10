"""A stream of the page's own, heard in browsers only: `rtgen serve --web`."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtgen.control.listen_at import ListenAt

RATE = 44100
BUFFER_FRAMES = 1 << 18
BLOCK = 256


@contextlib.contextmanager
def page_stream(
    model: str, precision: str, at: ListenAt | None, names: list[str]
) -> Iterator[None]:
    """Serve the page, if asked to, with a stream that no sound card plays.

    Raises
    ------
    RtgenError when the model or the place cannot be used.
    """
    if at is None:
        yield
        return
    from rtgen._bridge import TakeBuffer
    from rtgen.bundle.load import load_bundle
    from rtgen.cli.hands import Hands
    from rtgen.cli.outside import open_page
    from rtgen.output.null_clock import NullClock
    from rtgen.output.tap import Tap
    from rtgen.stream.player import Player
    from rtgen.timeline.seeds import drawn_seed

    buffer = TakeBuffer(RATE, BUFFER_FRAMES)
    make = functools.partial(Player, sink=buffer, precision=precision, block=BLOCK)
    player = make(load_bundle(model), seed=drawn_seed())
    hands, tap = Hands(player, buffer, make), Tap(buffer)
    with contextlib.ExitStack() as stack:
        stack.callback(hands.close)
        player.start()
        stack.enter_context(NullClock(buffer, BLOCK))
        open_page(stack, hands, tap, at, names)
        yield

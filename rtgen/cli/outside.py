"""Ways to be steered from outside that are off unless asked for: OSC, Ableton Link, the page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import contextlib

    from rtgen.cli.hands import Hands
    from rtgen.control.listen_at import ListenAt
    from rtgen.output.tap import Tap


def open_osc(stack: contextlib.ExitStack, hands: Hands, at: ListenAt | None) -> None:
    """Listen for OSC, if asked to."""
    if at is None:
        return
    from rtgen.control.osc import OscServer

    server = stack.enter_context(OscServer(hands, at))
    hands.tell_panic(server.release)
    print(f"OSC at {server.at}", file=sys.stderr)
    if not at.loopback:
        print("OSC has no password: whoever reaches this port can steer", file=sys.stderr)


def open_link(stack: contextlib.ExitStack, hands: Hands, wanted: bool, nudge_ms: float) -> None:
    """Join the Link session, if asked to."""
    if not wanted:
        return
    from rtgen.control.link import LinkPeer

    stack.enter_context(LinkPeer(hands, nudge_ms / 1000))


def open_page(
    stack: contextlib.ExitStack, hands: Hands, tap: Tap, at: ListenAt | None, names: list[str]
) -> None:
    """Serve the page, if asked to."""
    if at is None:
        return
    from rtgen.web.server import WebServer

    server = stack.enter_context(WebServer(hands, tap.ear, at, names))
    print(f"page at {server.url}", file=sys.stderr)
    if not at.loopback:
        print("whoever has this address can steer and listen", file=sys.stderr)

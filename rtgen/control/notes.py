"""Notes held on any channel set the chroma."""

from __future__ import annotations

from rtgen.timeline.controls import Value, chroma_of


class HeldNotes:
    """Which keys are down; with none down the harmony is free again."""

    def __init__(self) -> None:
        self._down: set[tuple[int, int]] = set()

    def note(self, channel: int, pitch: int, on: bool) -> Value:
        """Take a note message; the chroma that holds from now."""
        key = (channel, pitch)
        self._down.add(key) if on else self._down.discard(key)
        return self.chroma()

    def release(self) -> Value:
        """Let go of everything (panic, port gone)."""
        self._down.clear()
        return self.chroma()

    def chroma(self) -> Value:
        """Weights of the pitch classes that are held."""
        return chroma_of({pitch % 12 for _, pitch in self._down})

"""Notes held on any channel set the chroma; the sustain pedal holds what was played."""

from __future__ import annotations

from rtgen.timeline.controls import Value, chroma_of


class HeldNotes:
    """Which keys are down; with none down the harmony is free again."""

    def __init__(self) -> None:
        self._down: set[tuple[int, int]] = set()
        self._held: set[tuple[int, int]] = set()
        self._pedal = False

    def note(self, channel: int, pitch: int, on: bool) -> Value:
        """Take a note message; the chroma that holds from now."""
        key = (channel, pitch)
        if on:
            if not self._down:
                self._held.clear()  # with the pedal down a new chord replaces the old one
            self._down.add(key)
            self._held.add(key)
        else:
            self._down.discard(key)
            if not self._pedal:
                self._held.discard(key)
        return self.chroma()

    def sustain(self, down: bool) -> Value:
        """Take the pedal; the chroma that holds from now."""
        self._pedal = down
        if not down:
            self._held = set(self._down)
        return self.chroma()

    def release(self) -> Value:
        """Let go of everything (panic, port gone)."""
        self._down.clear()
        self._held.clear()
        self._pedal = False
        return self.chroma()

    def chroma(self) -> Value:
        """Weights of the pitch classes that are held."""
        return chroma_of({pitch % 12 for _, pitch in self._held})

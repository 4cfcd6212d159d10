"""A host that loops: where it jumps back from and to, so that what follows can be made before."""

from __future__ import annotations

from dataclasses import dataclass

from rtgen.serve.host_state import HostState

SOON_SECONDS = 1.0
"""So long before the jump the take that follows it is begun."""
COVER_SECONDS = 0.25
"""So far past the jump the take before it must reach, should the host go straight on."""
LATE_SECONDS = 0.1
SAME_BEATS = 1e-4
SAME_SAMPLES = 16


@dataclass(frozen=True)
class Jump:
    """From a position back to another, in samples at the host's rate."""

    left: int
    to: int
    beat: float


class LoopAhead:
    """Learns the last jump back of a host that plays, and expects it again.

    Parameters
    ----------
    rate : the host's, in samples per second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._playhead = 0
        self._jump: Jump | None = None
        self.made = False
        """Whether the newest take is the one that follows the jump."""

    @property
    def jump(self) -> Jump:
        """The jump that is expected; only after `due` said so."""
        assert self._jump is not None
        return self._jump

    def watch(self, playhead: int) -> None:
        """Where the host was when it had said nothing new yet."""
        self._playhead = playhead

    def learn(self, before: HostState, state: HostState) -> None:
        """Take in a locate."""
        live = before.playing and state.playing and not state.offline
        back = live and self._playhead > state.position
        self._jump = Jump(self._playhead, state.position, state.beat) if back else None
        self.made = False

    def due(self, covered: int) -> bool:
        """Whether it is time to make what follows, with sound made up to `covered`."""
        if self._jump is None or self.made:
            return False
        left = self._jump.left - self._playhead
        reaches = covered >= self._jump.left + COVER_SECONDS * self._rate
        return reaches and 0 <= left < SOON_SECONDS * self._rate

    def missed(self) -> bool:
        """Whether the host went on where it was expected to jump."""
        return self.made and self._playhead > self.jump.left + LATE_SECONDS * self._rate

    def met(self, state: HostState) -> bool:
        """Whether this is the jump that was expected, with what follows made."""
        if not self.made or not state.playing or state.offline or self._jump is None:
            return False
        near = abs(state.position - self._jump.to) <= SAME_SAMPLES
        return near and abs(state.beat - self._jump.beat) < SAME_BEATS

    def forget(self) -> None:
        """Expect nothing."""
        self._jump, self.made = None, False

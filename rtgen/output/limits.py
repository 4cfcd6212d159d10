"""What the system lets a player do: real-time priority, and memory that stays in place."""

from __future__ import annotations

import sys
from dataclasses import dataclass

LEAST_PRIORITY = 10
"""Of the real-time kind, for the threads of a sound server's clients."""
LEAST_LOCKED_BYTES = 1 << 28
"""JACK's shared memory is 100 MB and more, and a client locks it with its own."""
UNLIMITED = -1


@dataclass(frozen=True)
class Limits:
    """The process's own limits, UNLIMITED where there is none.

    Attributes
    ----------
    priority : the highest real-time priority that may be asked for, 0 for none at all.
    locked_bytes : how much memory may be kept from being swapped out.
    """

    priority: int
    locked_bytes: int

    @property
    def gives_priority(self) -> bool:
        """Whether audio threads may run before others."""
        return self.priority == UNLIMITED or self.priority >= LEAST_PRIORITY

    @property
    def locks_memory(self) -> bool:
        """Whether a client of a sound server can hold its memory."""
        return self.locked_bytes == UNLIMITED or self.locked_bytes >= LEAST_LOCKED_BYTES


def limits() -> Limits | None:
    """What this process may do; None on systems that have no such limits."""
    if sys.platform != "linux":
        return None
    import os
    import resource

    if os.geteuid() == 0:  # the system asks root for nothing
        return Limits(UNLIMITED, UNLIMITED)

    def soft(kind: int) -> int:
        value = resource.getrlimit(kind)[0]
        return UNLIMITED if value == resource.RLIM_INFINITY else value

    return Limits(soft(resource.RLIMIT_RTPRIO), soft(resource.RLIMIT_MEMLOCK))

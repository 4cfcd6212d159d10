"""The log of a soak: every fault with its window, every underrun with the fault that explains it.

One line of JSON for each, written at once, so that a soak that is cut short still says how far it
came. Times are seconds since the soak began, on the monotonic clock.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RECOVERY_SECONDS = 2.0
"""How long after a fault its consequences may be heard."""


@dataclass
class Fault:
    """Something that was done.

    Attributes
    ----------
    excuses : the actors whose sound may stop because of it; floods excuse nobody.
    end : when the cause was gone; infinite while it lasts.
    """

    kind: str
    excuses: tuple[str, ...]
    begun: float
    told: dict[str, Any]
    end: float = float("inf")
    recovered: dict[str, float] = field(default_factory=dict)
    underruns: int = 0

    def explains(self, actor: str, since: float, until: float) -> bool:
        """Whether it touches a stretch of time."""
        return (
            actor in self.excuses and since <= self.end + RECOVERY_SECONDS and until >= self.begun
        )


class Ledger:
    """Written by all threads.

    Parameters
    ----------
    path : the log, begun anew.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = path.open("w")
        self._zero = time.monotonic()
        self.faults: list[Fault] = []
        self.explained = 0
        self.unexplained: list[dict[str, Any]] = []
        self.problems: list[dict[str, Any]] = []

    def now(self) -> float:
        """Seconds since the soak began."""
        return time.monotonic() - self._zero

    def note(self, what: str, **more: Any) -> dict[str, Any]:
        """Write a line."""
        line = {"at": round(self.now(), 3), "what": what, **more}
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        return line

    def problem(self, says: str, **more: Any) -> None:
        """What must not happen: a crash, no recovery, a wrong answer."""
        self.problems.append(self.note("problem", says=says, **more))

    def begin(self, kind: str, excuses: tuple[str, ...], **told: Any) -> Fault:
        """A fault begins."""
        fault = Fault(kind, excuses, self.now(), told)
        self.faults.append(fault)
        self.note("fault", kind=kind, excuses=excuses, **told)
        return fault

    def end(self, fault: Fault) -> None:
        """Its cause is gone."""
        fault.end = self.now()
        self.note("over", kind=fault.kind, after=round(fault.end - fault.begun, 3))

    def recovered(self, fault: Fault, actor: str, heard_at: float | None) -> None:
        """An actor was heard again at a time, or not within patience."""
        if heard_at is None:
            self.problem(f"{actor} was not heard again", kind=fault.kind)
            return
        took = max(heard_at - fault.end, 0.0)
        fault.recovered[actor] = took
        self.note("recovered", kind=fault.kind, actor=actor, seconds=round(took, 3))
        if took > RECOVERY_SECONDS:
            self.problem(f"{actor} took {took:.2f} s to be heard again", kind=fault.kind)

    def underruns(self, actor: str, count: int, since: float) -> None:
        """So many more are counted than at `since`."""
        now = self.now()
        fault = next((f for f in reversed(self.faults) if f.explains(actor, since, now)), None)
        if fault is not None:
            fault.underruns += count
            self.explained += count
            self.note("underruns", actor=actor, count=count, because=fault.kind)
        else:
            last = self.faults[-1].kind if self.faults else None
            line = self.note("unexplained", actor=actor, count=count, since=since, last=last)
            self.unexplained.append(line)

    def close(self) -> None:
        """Close the log; twice is harmless."""
        with self._lock:
            self._file.close()

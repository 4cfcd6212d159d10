"""Size, descriptors and work of processes over time, and whether they stayed flat."""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_GROWTH = 0.05
WARM_UP_SECONDS = 180.0
"""By then caches are full and every kind of take has been made."""
LEAST_SECONDS = 300.0
"""Shorter lives say nothing about leaks."""


@dataclass
class Life:
    """One process from its start to its end.

    Attributes
    ----------
    samples : time, resident megabytes without and with what is shared, open descriptors, seconds
        of a processor so far.
    """

    actor: str
    pid: int
    begun: float
    samples: list[tuple[float, float, float, int, float]] = field(default_factory=list)

    def sample(self, now: float) -> None:
        """Look once; a process that has ended is left as it was."""
        try:
            sizes = _sizes(self.pid)
            descriptors = len(os.listdir(f"/proc/{self.pid}/fd"))
            worked = _worked(self.pid)
        except (FileNotFoundError, ProcessLookupError):
            return
        own = sizes["RssAnon"] + sizes["RssFile"]
        if own > 0:
            self.samples.append((now, own, own + sizes["RssShmem"], descriptors, worked))

    @property
    def worked(self) -> float:
        """Seconds of a processor, up to the last look."""
        return self.samples[-1][4] if self.samples else 0.0

    def report(self) -> dict[str, Any]:
        """Medians of the first and last fifth after warm-up."""
        lived = self.samples[-1][0] - self.begun if self.samples else 0.0
        warm = [s for s in self.samples if s[0] - self.begun > WARM_UP_SECONDS]
        out: dict[str, Any] = {"actor": self.actor, "lived_s": round(lived)}
        if lived < LEAST_SECONDS or len(warm) < 10:
            return out
        part = max(len(warm) // 5, 3)
        first, last = warm[:part], warm[-part:]
        names = ("own_mb", "with_shared_mb", "descriptors")
        for k, name in enumerate(names, 1):
            ends = [round(statistics.median(s[k] for s in some), 1) for some in (first, last)]
            out[name] = {"first": ends[0], "last": ends[1], "most": max(s[k] for s in warm)}
        own = out["own_mb"]
        out["growth"] = round(own["last"] / own["first"] - 1, 4)
        out["descriptors_flat"] = out["descriptors"]["last"] <= out["descriptors"]["first"]
        out["flat"] = out["growth"] <= MOST_GROWTH and out["descriptors_flat"]
        return out


def _worked(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _sizes(pid: int) -> dict[str, float]:
    sizes = {"RssAnon": 0.0, "RssFile": 0.0, "RssShmem": 0.0}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name = line.split(":")[0]
        if name in sizes:
            sizes[name] = int(line.split()[1]) / 1000
    return sizes

"""The live meters of `rtgen play`, on stderr."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

from rtgen.stream.meters import Snapshot
from rtgen.timeline.controls import CHROMA, TABLE, describe_chroma

Show = Callable[[Snapshot, Any, Any, Any], None]
BAR_CELLS = 24
QUIETEST_DB = -48.0


@contextlib.contextmanager
def view(live: bool) -> Iterator[Show]:
    """A function that shows a snapshot; it does nothing where nobody watches."""
    if not live:
        yield lambda _snapshot, _stats, _surface, _teacher: None
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as screen:

        def show(snapshot: Snapshot, stats: Any, surface: Any, teacher: Any) -> None:
            screen.update(_picture(snapshot, stats, surface, teacher), refresh=True)

        yield show


def _picture(snapshot: Snapshot, stats: Any, surface: Any, teacher: Any) -> Any:
    from rich.table import Table

    from rtgen.control.keyboard import HELP

    table = Table.grid(padding=(0, 2))
    table.add_row(
        f"seed {snapshot.seed}",
        f"bar {snapshot.bar} beat {int(snapshot.beat % 4) + 1}",
        f"{snapshot.seconds:7.1f} s",
    )
    for side in ("left", "right"):
        table.add_row(f"{side:5}", _bar(_level(stats[f"peak_{side}"])), _db(stats[f"peak_{side}"]))
    table.add_row("lead", _bar(min(snapshot.lead_seconds / 3, 1)), f"{snapshot.lead_seconds:.2f} s")
    for name, asked in snapshot.controls.items():
        if name == CHROMA:
            table.add_row("chroma", describe_chroma(asked))
            continue
        control, value = TABLE[name], float(asked)  # type: ignore[arg-type]
        if math.isnan(value):
            table.add_row(name, "", "auto")
        else:
            share = (value - control.low) / (control.high - control.low)
            table.add_row(name, _bar(share), f"{value:.2f} {control.unit}")
    midi = "no MIDI" if surface is None else f"{surface.messages} MIDI messages"
    table.add_row(
        f"{snapshot.realtime_factor:.0f} x real time", f"{stats['underruns']} underruns", midi
    )
    outer = Table.grid()
    outer.add_row(table)
    if teacher is not None and teacher.control is not None:
        outer.add_row(f"turn the knob that is to move {teacher.control}, or L for the next")
    outer.add_row(f"[dim]{HELP}[/dim]")
    return outer


def _bar(share: float) -> str:
    full = round(min(max(share, 0.0), 1.0) * BAR_CELLS)
    return "█" * full + "░" * (BAR_CELLS - full)


def _level(peak: float) -> float:
    return 1 - 20 * math.log10(max(peak, 1e-6)) / QUIETEST_DB


def _db(peak: float) -> str:
    return f"{20 * math.log10(peak):.1f} dBFS" if peak > 1e-6 else "silent"

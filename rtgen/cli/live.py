"""What goes on while `rtgen play` plays: meters, keys, an eye on the output."""

from __future__ import annotations

import math
import sys
import time
from typing import TYPE_CHECKING

from rtgen.timeline.controls import TABLE
from rtgen.timeline.seeds import drawn_seed

if TYPE_CHECKING:
    from rtgen._bridge import TakeBuffer
    from rtgen.cli.hands import Hands
    from rtgen.cli.ways import Watched
    from rtgen.control.freezer import Freezer
    from rtgen.control.surface import MidiSurface
    from rtgen.control.teaching import Teacher
    from rtgen.output.recorder import Recorder

VIEW_SECONDS = 0.1


def run(
    buffer: TakeBuffer,
    hands: Hands,
    outlet: Watched,
    recorder: Recorder | None,
    surface: MidiSurface | None,
    teacher: Teacher | None,
    seconds: float | None,
) -> None:
    """Until the time is over, `q`, Ctrl-C or SIGTERM."""
    from rtgen.cli.meters_view import view
    from rtgen.control.freezer import Freezer
    from rtgen.control.keyboard import pressed, raw_terminal

    end = None if seconds is None else time.monotonic() + seconds
    told: str | None = None
    freezer = Freezer(hands)
    with raw_terminal() as keys, view(sys.stderr.isatty()) as show:
        try:
            while end is None or time.monotonic() < end:
                outlet.watch()
                show(hands.snapshot(), buffer.stats(), surface, teacher)
                if recorder is not None and recorder.problem != told:
                    told = recorder.problem
                    print(told, file=sys.stderr)
                wanted = pressed() if keys else []
                for key in wanted:
                    press(key, hands, freezer, teacher)
                if "q" in wanted:
                    break
                pause = VIEW_SECONDS if end is None else min(VIEW_SECONDS, end - time.monotonic())
                time.sleep(max(pause, 0.0))
        except KeyboardInterrupt:
            pass
        snapshot, stats = hands.snapshot(), buffer.stats()
    print(
        f"played {snapshot.seconds:.1f} s of seed {snapshot.seed}, "
        f"{stats['underruns']} underruns, {snapshot.realtime_factor:.0f} x real time",
        file=sys.stderr,
    )
    if recorder is not None and (stats["tap_lost"] or recorder.lost_frames):
        lost = (stats["tap_lost"] + recorder.lost_frames) / buffer.rate
        print(f"the recording lacks {lost:.2f} s: the disk was too slow", file=sys.stderr)


def press(key: str, hands: Hands, freezer: Freezer, teacher: Teacher | None = None) -> None:
    """What a key does."""
    from rtgen.control.keyboard import NUDGES

    if key == "n":
        hands.new_seed(drawn_seed())
    elif key == "f":
        freezer.freeze(not freezer.frozen)
    elif key == "l":
        hands.loop(None if hands.looped else hands.loop_bars)
    elif key == "m":
        hands.morph_to(drawn_seed(), hands.morph_bars)
    elif key == "L" and teacher is not None:
        teacher.next()
    elif key == "u":
        hands.undo()
    elif key == " ":
        hands.set_paused(not hands.paused)
    elif key in NUDGES:
        name, step = NUDGES[key]
        here = float(hands.value(name))  # type: ignore[arg-type]
        hands.set(name, (TABLE[name].default if math.isnan(here) else here) + step)

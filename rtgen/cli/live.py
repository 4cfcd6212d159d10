"""What goes on while `rtgen play` plays: meters, keys, an eye on the output."""

from __future__ import annotations

import math
import sys
import time
from typing import TYPE_CHECKING

from rtgen.timeline.controls import TABLE

if TYPE_CHECKING:
    from rtgen._bridge import TakeBuffer
    from rtgen.cli.ways import Watched
    from rtgen.control.surface import MidiSurface
    from rtgen.output.recorder import Recorder
    from rtgen.stream.player import Player
    from rtgen.timeline.controls import Value

VIEW_SECONDS = 0.1
LARGEST_SEED = 2**31
SILENT_DB = -60.0


class Hands:
    """A player with an output gain, as MIDI wants to steer it, held to the model's range."""

    def __init__(self, player: Player, buffer: TakeBuffer) -> None:
        self._player, self._buffer = player, buffer

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
        """Steer a control."""
        if not isinstance(value, tuple) and not math.isnan(value):
            span = self._player.bundle.manifest.span(name)
            value = min(max(value, span.low), span.high)
        self._player.set(name, value, ramp_seconds)

    def value(self, name: str) -> Value:
        """The value that a control has or is about to have."""
        return self._player.value(name)

    def set_beat(self, beat: float) -> None:
        """Let the beat position be this now."""
        self._player.set_beat(beat)

    def beat_now(self) -> float:
        """The beat position that is heard now."""
        return self._player.beat_now()

    def set_gain_db(self, gain_db: float) -> None:
        """Output level."""
        self._buffer.set_gain(10 ** (gain_db / 20) if gain_db > SILENT_DB else 0.0)


def run(
    player: Player,
    buffer: TakeBuffer,
    outlet: Watched,
    recorder: Recorder | None,
    surface: MidiSurface | None,
    seconds: float | None,
) -> None:
    """Until the time is over, `q`, Ctrl-C or SIGTERM."""
    from rtgen.cli.meters_view import view
    from rtgen.control.keyboard import pressed, raw_terminal

    end = None if seconds is None else time.monotonic() + seconds
    told: str | None = None
    with raw_terminal() as keys, view(sys.stderr.isatty()) as show:
        try:
            while end is None or time.monotonic() < end:
                outlet.watch()
                show(player.snapshot(), buffer.stats(), surface)
                if recorder is not None and recorder.problem != told:
                    told = recorder.problem
                    print(told, file=sys.stderr)
                wanted = pressed() if keys else []
                for key in wanted:
                    press(key, player, buffer)
                if "q" in wanted:
                    break
                pause = VIEW_SECONDS if end is None else min(VIEW_SECONDS, end - time.monotonic())
                time.sleep(max(pause, 0.0))
        except KeyboardInterrupt:
            pass
        snapshot, stats = player.snapshot(), buffer.stats()
    print(
        f"played {snapshot.seconds:.1f} s of seed {snapshot.seed}, "
        f"{stats['underruns']} underruns, {snapshot.realtime_factor:.0f} x real time",
        file=sys.stderr,
    )
    if stats["tap_lost"]:
        lost = stats["tap_lost"] / buffer.rate
        print(f"the recording lacks {lost:.2f} s: the disk was too slow", file=sys.stderr)


def press(key: str, player: Player, buffer: TakeBuffer) -> None:
    """What a key does."""
    import secrets

    from rtgen.control.keyboard import NUDGES

    if key == "n":
        player.new_seed(secrets.randbelow(LARGEST_SEED))
    elif key == "f":
        frozen = float(player.value("variation")) == 0.0  # type: ignore[arg-type]
        player.set("variation", 1.0 if frozen else 0.0)
    elif key == " ":
        buffer.set_paused(not buffer.paused)
    elif key in NUDGES:
        name, step = NUDGES[key]
        span = player.bundle.manifest.span(name)
        here = float(player.value(name))  # type: ignore[arg-type]
        here = TABLE[name].default if math.isnan(here) else here
        player.set(name, min(max(here + step, span.low), span.high))

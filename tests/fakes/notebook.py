"""A performer that plays nothing: it writes down what it is told, and time passes when told."""

from __future__ import annotations

from collections.abc import Callable

from rtgen.control.performer import Styles
from rtgen.timeline.controls import ANY_CHROMA, CHROMA, TABLE, Value


class Notebook:
    """See `rtgen.control.performer.Performer`."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {name: c.default for name, c in TABLE.items()}
        self.values[CHROMA] = ANY_CHROMA
        self.calls = 0
        self.jumps = 0
        self.panics = 0
        self.beat = 0.0
        self.looped: int | None = None
        self.morphs: list[tuple[int, float]] = []
        self.undone = 0
        self.gain_db = 0.0
        self.seed = 0
        self.styles: Styles = (None, None)
        self.paused = False
        self.underruns = 0
        self.position = 0.0
        self._told: list[Callable[[float], None]] = []

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None:
        self.calls += 1
        self.values[name] = value
        if name == "tempo" and not isinstance(value, tuple):
            for told in self._told:
                told(value)

    def value(self, name: str) -> Value:
        return self.values[name]

    def span(self, name: str) -> tuple[float, float]:
        if name == "gain":
            return -60.0, 6.0
        return (100.0, 180.0) if name == "tempo" else (TABLE[name].low, TABLE[name].high)

    def loop(self, bars: int | None) -> None:
        self.looped = bars

    def morph_to(self, seed: int, bars: float) -> None:
        self.morphs.append((seed, bars))

    def undo(self) -> str | None:
        self.undone += 1
        return None

    def set_beat(self, beat: float) -> None:
        self.jumps += 1
        self.beat = beat

    def beat_now(self) -> float:
        return self.beat

    def set_gain_db(self, gain_db: float) -> None:
        self.gain_db = gain_db

    def new_seed(self, seed: int) -> None:
        self.seed = seed

    def set_styles(self, style_a: int | None, style_b: int | None) -> None:
        self.styles = (style_a, style_b)

    def seek(self, seconds: float) -> None:
        self.position = seconds

    def set_paused(self, paused: bool) -> None:
        self.paused = paused

    def panic(self) -> None:
        self.panics += 1
        self.paused = True

    def follow_tempo(self, tempo: float) -> None:
        self.values["tempo"] = tempo

    def tell_tempo(self, told: Callable[[float], None]) -> None:
        self._told.append(told)

    def play(self, seconds: float) -> None:
        tempo = self.values["tempo"]
        assert not isinstance(tempo, tuple)
        self.beat += seconds * tempo / 60

"""The LV2 in jalv, on JACK: at each place of the transport it plays what `rtgen render` makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from rtgen.timeline.controls import chroma_of
from tests.hosts.conftest import EngineProcess, Render
from tests.hosts.jalv import RATE, Jalv, Samples, joined
from tests.hosts.kicks import kick_offsets_ms

SETTLED = RATE // 2
"""Live, the first sound of a place comes when it is made, and is faded in."""
QUIETER_DB = -6.0
"""Output gain in all of them: the plugin's output ends at full scale, a rendering does not."""
Started = Callable[..., Jalv]


@pytest.fixture
def jalv(
    plugins: dict[str, Path], engine: EngineProcess, jack_server: str, tmp_path: Path
) -> Iterator[Started]:
    """`jalv(tempo, *controls)`: the plugin, its transport at the start and standing."""
    with ExitStack() as stack:
        yield lambda tempo, *controls: stack.enter_context(
            Jalv(plugins["lv2"], tmp_path, tempo, f"gain={QUIETER_DB}", *controls)
        )


def furthest(heard: Samples, wanted: Samples, after: int = SETTLED) -> float:
    """The largest difference from a rendering made quieter, once what is heard has settled."""
    return float(np.abs(heard - wanted * 10 ** (QUIETER_DB / 20))[after:].max())


@pytest.mark.parametrize(("tempo", "bar"), [(144.0, 0), (128.0, 1000)])
def test_it_plays_live_what_render_makes_at_the_transports_place(
    jalv: Started, render: Render, tempo: float, bar: int
) -> None:
    host = jalv(tempo, "seed=5")
    host.go_to(bar * round(4 * 60 / tempo * RATE))
    first, heard = host.play(4.0)
    wanted = render(RATE, first, len(heard), seed=5, tempo=tempo)
    assert first == bar * round(4 * 60 / tempo * RATE)
    assert np.abs(wanted).max() > 0.1
    assert furthest(heard, wanted) < 1e-4
    other = render(RATE, first + 64, len(heard), seed=5, tempo=tempo)
    assert furthest(heard, other) > 0.05


def test_faster_than_real_time_every_sample_is_there_and_kicks_fall_on_the_beats(
    jalv: Started, render: Render
) -> None:
    # jalv does not tell the plugin that it runs free, so the plugin finds out by the clock.
    host = jalv(125.0, "density=5", "energy=0.8")
    beat, bars = 60 / 125, 16
    first, heard = host.play(bars * 4 * beat, freewheel=True)
    energy = float(np.float32(0.8))
    wanted = render(RATE, first, len(heard), tempo=125.0, density=5.0, energy=energy)
    assert first == 0
    assert furthest(heard, wanted, after=round(4 * beat * RATE)) < 1e-4
    offsets = kick_offsets_ms(heard, RATE, np.arange(4 * bars) * beat)
    assert len(offsets) > 16
    assert np.median(offsets) < 25
    # Against beats of other tempi nothing fits so well.
    strange = [kick_offsets_ms(heard, RATE, np.arange(60) * 60 / bpm) for bpm in (109, 117, 140)]
    assert np.median(np.concatenate(strange)) > 25


def test_a_jump_goes_to_what_is_there(jalv: Started, render: Render) -> None:
    host = jalv(125.0)
    host.play(1.0)
    place = 77 * round(4 * 60 / 125 * RATE)
    host.go_to(place)
    blocks = [block for block in host.listen(3.0) if block.rolls]
    first, heard = blocks[0].frame, joined(blocks)
    assert place <= first < place + SETTLED
    assert furthest(heard, render(RATE, first, len(heard), tempo=125.0)) < 1e-4
    assert np.abs(heard[SETTLED:]).max() > 0.1


def test_it_is_silent_while_the_transport_stands(jalv: Started) -> None:
    host = jalv(125.0)
    assert not joined(host.listen(0.5)).any()
    assert host.play(1.5)[1].any()
    host.stop()
    host.listen(0.1)  # the last of it fades
    assert not joined(host.listen(0.5)).any()


def test_a_chord_that_is_held_is_followed(jalv: Started, render: Render) -> None:
    host = jalv(125.0)
    host.play(0.5)
    host.send(bytes([0x90, pitch, 100]) for pitch in (57, 60, 64))
    blocks = host.listen(4.5)
    first, heard = blocks[0].frame, joined(blocks)
    chord = render(RATE, first, len(heard), tempo=125.0, chroma=chroma_of({9, 0, 4}))
    free = render(RATE, first, len(heard), tempo=125.0)
    late = len(heard) - RATE  # the generator remembers what it played before
    assert furthest(heard, chord, after=late) < 1e-4
    assert furthest(heard, free, after=late) > 0.02

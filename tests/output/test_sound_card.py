"""Sound cards, on a JACK server with no hardware: what is heard is what was written."""

from __future__ import annotations

import time
from collections.abc import Callable

import jack
import numpy as np
import numpy.typing as npt
import pytest

from rtgen._bridge import TakeBuffer
from rtgen.errors import DeviceError
from rtgen.output.devices import choose_device, look_again, output_devices
from rtgen.output.null_clock import NullClock
from rtgen.output.outlet import Outlet
from rtgen.output.sound_card import SoundCard

RATE, BLOCK = 48000, 256
PATIENCE_SECONDS = 10.0
Floats = npt.NDArray[np.float32]


@pytest.fixture(autouse=True)
def _devices(jack_server: str) -> None:
    look_again()


def count_up(frames: int) -> Floats:
    """Every frame differs, left from right as well, and all are quieter than the ceiling."""
    ramp = np.arange(frames, dtype=np.float32) / 2**20
    return np.stack([ramp, -ramp], axis=1)


def filled(frames: int) -> tuple[TakeBuffer, Floats]:
    buffer = TakeBuffer(RATE, 1 << 18)
    samples = count_up(frames)
    buffer.begin_take(0, True)
    assert buffer.write(samples) == frames
    return buffer, samples


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_the_device_of_the_server_is_listed_with_its_rate() -> None:
    device = next(d for d in output_devices() if d.name == "system")
    assert (device.rate, device.host) == (RATE, "JACK Audio Connection Kit")


def test_a_device_is_chosen_by_number_by_part_of_its_name_or_by_itself() -> None:
    device = next(d for d in output_devices() if d.name == "system")
    assert choose_device(str(device.index)) == device
    assert choose_device("SYST") == device
    assert choose_device(None) == device


@pytest.mark.parametrize("wanted", ["loudspeaker", "99", "-1", "²"])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(wanted: str) -> None:
    with pytest.raises(DeviceError) as caught:
        choose_device(wanted)
    assert caught.value.hint is not None
    assert "system" in caught.value.hint


def test_what_the_card_plays_is_what_was_written_without_a_gap() -> None:
    client = jack.Client("listener")
    left, right = (client.inports.register(name) for name in ("left", "right"))
    heard: list[Floats] = []

    @client.set_process_callback
    def process(_frames: int) -> None:
        heard.append(np.stack([left.get_array(), right.get_array()], axis=1).copy())

    buffer, samples = filled(RATE * 2)
    device = choose_device("system")
    assert device is not None
    with client, SoundCard(buffer, device, BLOCK) as card:
        ours = [
            p for p in client.get_ports(is_audio=True, is_output=True) if "capture" not in p.name
        ]
        for port, source in zip((left, right), sorted(ours, key=lambda p: p.name), strict=True):
            client.connect(source, port)
        assert card.alive()
        assert until(lambda: buffer.playhead() >= RATE)
    sound = np.concatenate(heard)
    start = int(np.flatnonzero(sound[:, 0] > BLOCK * 8 / 2**20)[0])
    first = round(float(sound[start, 0]) * 2**20)
    found = sound[start : start + RATE // 2]
    assert len(found) == RATE // 2
    assert np.array_equal(found, samples[first : first + RATE // 2])
    assert buffer.stats()["underruns"] == 0


def test_a_rate_that_the_device_refuses_is_told_with_a_hint() -> None:
    device = choose_device("system")
    assert device is not None
    with pytest.raises(DeviceError, match="44100") as caught:
        SoundCard(TakeBuffer(44100), device)
    assert caught.value.hint is not None


def test_a_card_closes_twice() -> None:
    buffer, _ = filled(RATE)
    device = choose_device("system")
    assert device is not None
    card = SoundCard(buffer, device, BLOCK)
    card.start()
    card.close()
    card.close()
    assert not card.stuck


def test_the_null_clock_reads_about_as_fast_as_sound_goes() -> None:
    buffer, _ = filled(RATE)
    with NullClock(buffer, BLOCK) as clock:
        assert clock.alive()
        assert until(lambda: buffer.playhead() >= RATE // 2)
    at = buffer.playhead()
    assert at % BLOCK == 0
    clock.close()
    assert buffer.playhead() == at


def test_an_outlet_without_a_device_runs_on_the_null_clock() -> None:
    buffer, _ = filled(RATE)
    with Outlet(buffer, None, block=BLOCK) as outlet:
        assert not outlet.heard
        assert until(lambda: buffer.playhead() > 0)


def test_an_outlet_goes_on_without_a_device_that_cannot_be_opened() -> None:
    told: list[str] = []
    buffer = TakeBuffer(44100)  # the server runs at 48 kHz
    device = choose_device("system")
    with pytest.raises(DeviceError):
        Outlet(buffer, device, insist=True)
    with Outlet(buffer, device, tell=told.append) as outlet:
        assert not outlet.heard
        assert until(lambda: buffer.stats()["frames"] > 0)
    assert "null clock" in told[0]


def test_an_outlet_replaces_a_device_that_stops_and_takes_it_back() -> None:
    told: list[str] = []
    buffer, _ = filled(RATE * 5)
    device = choose_device("system")
    with Outlet(buffer, device, block=BLOCK, tell=told.append) as outlet:
        card = outlet._now
        assert isinstance(card, SoundCard)
        card._stream.abort()  # as a card does that was unplugged

        def looked_after(heard: bool) -> bool:
            outlet.watch()
            return outlet.heard is heard

        assert until(lambda: looked_after(False))
        gone_at = buffer.stats()["frames"]
        assert until(lambda: buffer.stats()["frames"] > gone_at)
        assert until(lambda: looked_after(True))
    assert told == [
        "'system' stopped; playing into a null clock until it is back",
        "'system' is back",
    ]

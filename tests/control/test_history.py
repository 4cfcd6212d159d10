"""The last gesture can be taken back, and the one before it."""

from rtgen.control.history import MOST, History


def test_a_knob_turned_in_one_go_is_one_gesture() -> None:
    values, history = {"density": 7.0, "energy": 0.5}, History()

    def turn(name: str, value: float, now: float) -> None:
        before = values[name]
        history.note(name, now, lambda: lambda: values.__setitem__(name, before))
        values[name] = value

    for k in range(10):
        turn("density", 8.0 + k, 0.1 * k)
    turn("energy", 0.9, 1.0)
    turn("density", 1.0, 1.1)
    turn("density", 2.0, 5.0)
    assert history.undo() == "density"
    assert values == {"density": 1.0, "energy": 0.9}
    assert history.undo() == "density"
    assert history.undo() == "energy"
    assert values == {"density": 17.0, "energy": 0.5}
    assert history.undo() == "density"
    assert values == {"density": 7.0, "energy": 0.5}
    assert history.undo() is None


def test_old_gestures_are_forgotten() -> None:
    history = History()
    for k in range(MOST + 50):
        history.note(str(k), float(k), lambda: lambda: None)
    undone = 0
    while history.undo() is not None:
        undone += 1
    assert undone == MOST

"""Which knob of which MIDI device moves what, as the user taught it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from rtgen.control.midi_map import Mapping, parse_mapping
from rtgen.errors import MidiError
from rtgen.paths import learnt_file


def learnt() -> dict[str, tuple[Mapping, ...]]:
    """Mappings by the name of the device.

    Raises
    ------
    MidiError for a file that holds something else.
    """
    return {
        device: tuple(parse_mapping(text) for text in texts) for device, texts in _read().items()
    }


def learn(device: str, text: str) -> Path:
    """Keep a mapping such as `20=density` of a device; its knob and its control leave others."""
    new, kept = parse_mapping(text), _read()
    stay = [
        other
        for other in kept.get(device, [])
        if parse_mapping(other).number != new.number and parse_mapping(other).control != new.control
    ]
    return _write({**kept, device: [*stay, text]})


def forget(device: str | None) -> Path:
    """Forget a device, or all."""
    return _write({} if device is None else {k: v for k, v in _read().items() if k != device})


def _read() -> dict[str, list[str]]:
    path = learnt_file()
    if not path.exists():
        return {}
    try:
        knobs = tomllib.loads(path.read_text()).get("knobs", {})
        if not all(isinstance(t, str) for texts in knobs.values() for t in list(texts)):
            raise TypeError('a knob is written as "20=density"')
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise MidiError(
            f"{path} holds no knobs: {error}", value=str(path), hint="mend it, or remove it"
        ) from error
    return dict(knobs)


def _write(kept: dict[str, list[str]]) -> Path:
    path = learnt_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{json.dumps(device)} = {json.dumps(texts)}" for device, texts in kept.items()]
    part = path.with_suffix(".part")
    part.write_text("\n".join(["[knobs]", *rows, ""]))
    part.replace(path)
    return path

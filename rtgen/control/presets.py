"""Named control settings, on program changes 1 to 128: a dozen of ours, and the user's own."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from rtgen.errors import ControlError
from rtgen.paths import presets_file
from rtgen.timeline.controls import TABLE, Value, check

OURS = Path(__file__).with_name("presets.toml")
PROGRAMS = 128


@dataclass(frozen=True)
class Preset:
    """A starting point.

    Attributes
    ----------
    program : 1..128, as keyboards count, or None.
    controls : values by name; what is not named stays as it is.
    seed, style : None leaves them as they are.
    """

    name: str
    program: int | None = None
    controls: dict[str, float] = field(default_factory=dict)
    seed: int | None = None
    style: int | None = None


class Recalled(Protocol):
    """What a preset is recalled on."""

    def set(self, name: str, value: Value, ramp_seconds: float = 0.0) -> None: ...
    def new_seed(self, seed: int) -> None: ...
    def set_styles(self, style_a: int | None, style_b: int | None) -> None: ...


def recall(preset: Preset, player: Recalled) -> None:
    """Let a player go on with a preset."""
    if preset.seed is not None:
        player.new_seed(preset.seed)
    if preset.style is not None:
        player.set_styles(preset.style, None)
    for name, value in preset.controls.items():
        player.set(name, value)


def presets() -> dict[str, Preset]:
    """All presets by name; the user's win over ours of the same name or program.

    Raises
    ------
    ControlError for a file that holds something else.
    """
    own = _read(presets_file()) if presets_file().exists() else {}
    taken = {preset.program for preset in own.values()}
    ours = {name: p for name, p in _read(OURS).items() if p.program not in taken}
    return {**ours, **own}


def find(name: str) -> Preset:
    """The preset of a name, capitals or not.

    Raises
    ------
    ControlError if there is none.
    """
    for preset in presets().values():
        if preset.name.lower() == name.lower():
            return preset
    raise ControlError(
        f"there is no preset '{name}'", value=name, hint="`rtgen presets list` names them"
    )


def save(preset: Preset) -> Path:
    """Keep a preset among the user's; one of the same name or program is replaced."""
    path = presets_file()
    kept = _read(path) if path.exists() else {}
    stay = [
        other
        for other in kept.values()
        if other.name != preset.name and (preset.program is None or other.program != preset.program)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text("\n".join(_written(p) for p in [*stay, preset]))
    part.replace(path)
    return path


def _written(preset: Preset) -> str:
    facts: dict[str, object] = {"name": preset.name, "program": preset.program}
    facts |= {"seed": preset.seed, "style": preset.style, **preset.controls}
    lines = [f"{key} = {json.dumps(value)}" for key, value in facts.items() if value is not None]
    return "\n".join(["[[preset]]", *lines, ""])


def _read(path: Path) -> dict[str, Preset]:
    try:
        rows = tomllib.loads(path.read_text()).get("preset", [])
        found = [_preset(row) for row in rows]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ControlError(
            f"{path} holds no presets: {error}", value=str(path), hint="mend it, or remove it"
        ) from error
    return {preset.name: preset for preset in found}


def _preset(row: dict[str, Any]) -> Preset:
    rest = dict(row)
    name, program = rest.pop("name", None), rest.pop("program", None)
    seed, style = rest.pop("seed", None), rest.pop("style", None)
    whole = all(v is None or (type(v) is int and v >= 0) for v in (program, seed, style))
    known = program is None or program in range(1, PROGRAMS + 1)
    if not (isinstance(name, str) and name and whole and known):
        raise TypeError(f"a preset needs a name, and whole numbers, not {row}")
    numbers = {key: value for key, value in rest.items() if isinstance(value, int | float)}
    if numbers.keys() != rest.keys() or not numbers.keys() <= TABLE.keys():
        raise TypeError(f"the controls of '{name}' are not {', '.join(TABLE)}")
    return Preset(name, program, {k: check(k, float(v)) for k, v in numbers.items()}, seed, style)

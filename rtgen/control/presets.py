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
from rtgen.timeline.seeds import LARGEST_SEED

OURS = Path(__file__).with_name("presets.toml")
PROGRAMS = 128
"""Of seeds and styles."""
HINT = "mend it, or move it away"


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
    own = _own()
    programs, names = {p.program for p in own}, {p.name.lower() for p in own}
    ours = [p for p in _read(OURS) if p.program not in programs and p.name.lower() not in names]
    return {preset.name: preset for preset in (*ours, *own)}


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


def save(preset: Preset, overwrite: bool = False) -> Path:
    """Keep a preset among the user's; `overwrite` lets it replace those of its name or program.

    Raises
    ------
    ControlError when it would replace one, or could not be read again; nothing is written then.
    """
    _preset(_facts(preset))
    kept = _own()
    replaced = [
        other
        for other in kept
        if other.name.lower() == preset.name.lower()
        or (preset.program is not None and other.program == preset.program)
    ]
    if replaced and not overwrite:
        names = " and ".join(
            f"'{other.name}'" + (f" on program {other.program}" if other.program else "")
            for other in replaced
        )
        raise ControlError(
            f"that would replace {names}",
            value=preset.name,
            hint="-y replaces it; another name and --program keep both",
        )
    path = presets_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    stay = [other for other in kept if other not in replaced]
    part.write_text("\n".join(_written(p) for p in [*stay, preset]), encoding="utf-8")
    part.replace(path)
    return path


def _own() -> list[Preset]:
    return _read(presets_file()) if presets_file().exists() else []


def _facts(preset: Preset) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": preset.name, "program": preset.program}
    facts |= {"seed": preset.seed, "style": preset.style, **preset.controls}
    return {key: value for key, value in facts.items() if value is not None}


def _written(preset: Preset) -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in _facts(preset).items()]
    return "\n".join(["[[preset]]", *lines, ""])


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _read(path: Path) -> list[Preset]:
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # ValueError: not TOML, not UTF-8, endless digits
        raise ControlError(
            f"{path} holds no presets: {error}", value=str(path), hint=HINT
        ) from error
    try:
        return _presets(held)
    except ControlError as error:
        hint = f"{error.hint}; {HINT}" if error.hint else HINT
        raise ControlError(f"{path}: {error}", value=str(path), hint=hint) from error


def _presets(held: dict[str, Any]) -> list[Preset]:
    rows = held.get("preset", [])
    for name in held:
        if name != "preset":
            raise ControlError(f"'{name}' means nothing there, only [[preset]] does", value=name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ControlError("a preset begins with [[preset]]", value=rows)
    return [_preset(row) for row in rows]


def _preset(row: dict[str, Any]) -> Preset:
    rest = dict(row)
    name = _check_name(rest.pop("name", None))
    program = _whole(name, "program", rest.pop("program", None), 1, PROGRAMS)
    seed = _whole(name, "seed", rest.pop("seed", None), 0, LARGEST_SEED)
    style = _whole(name, "style", rest.pop("style", None), 0, LARGEST_SEED)
    for key, value in rest.items():
        if key not in TABLE:
            known = ", ".join(TABLE)
            raise ControlError(f"'{key}' of '{name}' is none of {known}", value=key)
        if type(value) not in (int, float) or abs(value) > LARGEST_SEED:
            raise ControlError(f"{key} of '{name}' takes a number, not {value!r}", value=value)
    return Preset(name, program, {k: check(k, float(v)) for k, v in rest.items()}, seed, style)


def _check_name(name: object) -> str:
    if isinstance(name, str) and name.strip() and name.isprintable():
        return name
    raise ControlError(
        f"{name!r} cannot name a preset" if name is not None else "a preset has no name",
        value=name,
        hint="letters, digits, blanks and signs that can be printed",
    )


def _whole(name: str, key: str, value: object, low: int, high: int) -> int | None:
    if value is None or (type(value) is int and low <= value <= high):
        return value
    raise ControlError(
        f"{key} of '{name}' cannot be {value!r}",
        value=value,
        hint=f"it is a whole number from {low} to {high}",
    )

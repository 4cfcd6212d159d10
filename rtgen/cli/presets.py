"""`rtgen presets`: named control settings."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Named control settings, on program changes", no_args_is_help=True)


@app.command("list")
def list_presets() -> None:
    """Print every preset: program, name, settings."""
    from rtgen.control.presets import presets

    for preset in sorted(presets().values(), key=lambda p: (p.program or 999, p.name)):
        facts: dict[str, object] = {**preset.controls, "seed": preset.seed, "style": preset.style}
        told = "  ".join(f"{key}={value}" for key, value in facts.items() if value is not None)
        typer.echo(f"{preset.program or '-':>3}  {preset.name:24} {told}")


@app.command("save")
def save_preset(
    name: Annotated[str, typer.Argument(help="What it is called")],
    settings: Annotated[list[str] | None, typer.Option("--set", help="NAME=V; repeat")] = None,
    program: Annotated[
        int | None, typer.Option("--program", min=1, max=128, help="As keyboards count")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", "-s", min=0, help="What the music grows from")
    ] = None,
    style: Annotated[int | None, typer.Option("--style", min=0, help="Seed of the style")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Overwrite")] = False,
) -> None:
    """Keep settings under a name."""
    from rtgen.cli.settings import split
    from rtgen.control.presets import Preset, save
    from rtgen.errors import ControlError
    from rtgen.timeline.controls import CHROMA, parse_value

    controls = {}
    for text in settings or []:
        control, value = split(text)
        parsed = parse_value(control, value)
        if control == CHROMA or not isinstance(parsed, float) or parsed != parsed:
            raise ControlError(
                f"a preset holds numbers, not '{text}'", value=text, hint="for example density=6"
            )
        controls[control] = parsed
    typer.echo(f"kept in {save(Preset(name, program, controls, seed, style), yes)}")

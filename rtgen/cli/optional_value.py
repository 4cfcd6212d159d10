"""Options whose value may be left out, which Typer does not know: `--web`, or `--web 8080`."""

from __future__ import annotations

from typing import Any, ClassVar

import typer.core

WEB_PLACE = "127.0.0.1:8686"


class OptionalValues(typer.core.TyperCommand):
    """A command that fills in values that were left out; only for commands of options alone."""

    defaults: ClassVar[dict[str, str]] = {}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click."""
        return super().parse_args(ctx, filled(args, self.defaults))


class OptionalValuesOfGroup(typer.core.TyperGroup):
    """The same for a command with verbs; such an option comes last, or has its value."""

    defaults: ClassVar[dict[str, str]] = {}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click."""
        return super().parse_args(ctx, filled(args, self.defaults))


def filled(args: list[str], defaults: dict[str, str]) -> list[str]:
    """Arguments in which every option that has a default has a value."""
    out = []
    for arg, after in zip(args, [*args, "-"][1:], strict=True):
        out.append(f"{arg}={defaults[arg]}" if arg in defaults and after.startswith("-") else arg)
    return out

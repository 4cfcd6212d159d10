"""The model card of an imported bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rtgen.audio.spectra import HOP
from rtgen.bundle.card import TRAINING, head, training_facts
from rtgen.bundle.half_windows import Condition


def write_card(folder: Path, facts: dict[str, Any]) -> None:
    """Write README.md from what the manifest will say."""
    spectra = facts["group_spectra"] // facts["group_latents"]
    half = facts["half_latents"] * spectra * HOP / facts["rate"]
    group = facts["group_spectra"] * HOP / facts["rate"]
    controls = "\n".join(
        f"| {name} | {c['low']:g} to {c['high']:g} {c['unit']} | {c['default']:g} |"
        for name, c in facts["controls"].items()
    )
    (folder / "README.md").write_text(
        f"""{head(facts["licence"], "musika")}# {facts["name"]}

An rtgen bundle of kind half-windows, imported from weights of Musika (Pasini & Schlüter, ISMIR
2022): {facts["style"]}, licence {facts["licence"]}.
Play it with `rtgen play --model {facts["name"]}`.

## Controls
| control | range | default |
|---|---|---|
{controls}

Besides: the seed, and the seeds of styles A and B. There is no tempo to set and no chroma.
{_of_condition(facts["condition"])}
## How it works
The generator makes {facts["half_latents"]} latents at once, {half:.1f} s of sound, from coordinates
on a line with an anchor every {facts["anchor_latents"]} latents, and uses statistics over all of
them; a decoder turns {facts["group_latents"]} latents into {group:.2f} s. A control takes hold with
the next {group:.2f} s. Any place of the stream can be reached at once.

{TRAINING}
{training_facts(facts["training"])}

Whoever shares it answers for the right to: the licence is that of the weights.
"""
    )


def _of_condition(condition: Condition | None) -> str:
    if condition is None:
        return ""
    return (
        f"\nThe checkpoint is conditional and does not say on what. Here {condition.control} moves "
        f"its channel\nfrom {condition.low:g} to {condition.high:g}; "
        "import it again with `--condition` if it means something else.\n"
    )

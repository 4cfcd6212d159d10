"""What was found, as JSON for programs and as Markdown for people."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from typing import Any

from rtgen import __version__
from rtgen.evaluate.evaluation import Evaluation
from rtgen.evaluate.figures import SECTIONS, Figure, Section
from rtgen.evaluate.systems import AUTOENCODER, CORPUS, FRESH, MODEL, SHUFFLED, SYSTEMS

WHAT_SYSTEMS_ARE = {
    MODEL: "the bundle, playing what the labels of held-out tracks say",
    CORPUS: "those tracks themselves: how far the tools can be trusted",
    AUTOENCODER: "those tracks, encoded and decoded",
    SHUFFLED: "the model, judged by or playing the controls of other tracks: chance",
    FRESH: "the model with new anchors and style every 3 s: what a short context gives",
}
BETTER = {"high": "higher", "low": "lower", "corpus": "as the corpus", "half": "0.5"}
NOTHING = "n/a"


def as_json(found: Evaluation) -> dict[str, Any]:
    """Everything, with how it was measured."""
    manifest = found.bundle.manifest
    return {
        "model": {"name": manifest.name, "style": manifest.style, "version": manifest.version},
        "rtgen": __version__,
        "machine": machine(),
        "settings": found.settings.model_dump(mode="json"),
        "embeddings": found.embeddings,
        "figures": found.rows,
        "speed": found.speed,
        "notes": found.notes,
        "curves": found.curves,
    }


def machine() -> str:
    """Where this ran, in a few words."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


def as_markdown(found: Evaluation, plots: list[str]) -> str:
    """The report; `plots` are files beside it."""
    manifest, how = found.bundle.manifest, found.settings
    columns = [s for s in SYSTEMS if any(v is not None for v in found.rows[s].values())]
    lines = [
        f"# {manifest.name}: an evaluation",
        "",
        f"Style {manifest.style}, version {manifest.version}; made by `rtgen evaluate` "
        f"{__version__}. Seeds from {how.first_seed} on.",
        "",
        f"- adherence: {how.clips} clips of {how.seconds:g} s for tempo and beats, of 12 s at most "
        "for the rest; a density ramp in every eighth, of 40 s",
        f"- likeness and loudness: {how.distance_clips} clips of {how.distance_seconds:g} s, as "
        "many for reference",
        f"- styles: {how.styles} of {how.clips_per_style} clips of {how.style_seconds:g} s",
        f"- coherence and seams: {how.streams} streams of {how.stream_seconds:g} s",
        "",
        *(f"- **{system}**: {WHAT_SYSTEMS_ARE[system]}" for system in columns),
        "",
    ]
    lines += [line for note in found.notes for line in (f"> {note}", "")]
    for section in SECTIONS:
        for title, figures in _tables(section, found.embeddings):
            lines += _table(title, section.note, figures, columns, found)
    if found.speed is not None:
        lines += _speed(found.speed)
    lines += [line for plot in plots for line in (f"![{plot}]({plot})", "")]
    return "\n".join(lines).rstrip() + "\n"


def _tables(section: Section, embeddings: list[str]) -> Iterator[tuple[str, list[Figure]]]:
    if not section.per_embedding:
        yield section.title, list(section.figures)
        return
    for name in embeddings:
        yield f"{section.title} ({name})", [figure.of(name) for figure in section.figures]


def _table(
    title: str, note: str, figures: list[Figure], columns: list[str], found: Evaluation
) -> list[str]:
    rows = [
        f"| {f.says} | " + " | ".join(_cell(f, found.rows[c].get(f.key)) for c in columns)
        + f" | {BETTER[f.better]} |"
        for f in figures
    ]  # fmt: skip
    head = f"| | {' | '.join(columns)} | better |"
    return [f"## {title}", note, "", head, "|---" * (len(columns) + 2) + "|", *rows, ""]


def _cell(figure: Figure, value: float | None) -> str:
    if value is None:
        return NOTHING
    if figure.percent:
        return f"{100 * value:.{figure.digits}f} %"
    return f"{value:.{figure.digits}f}"


def _speed(speed: dict[str, Any]) -> list[str]:
    rows = [
        f"| {what} | {precision} | {f['median']:.0f} | {f['min']:.0f} to {f['max']:.0f} |"
        for what, factors in speed.items()
        for precision, f in factors.items()
    ]
    return [
        "## How fast is it?",
        f"Times real time, median of several runs, {machine()}.",
        "",
        "| | precision | median | range |",
        "|---|---|---|---|",
        *rows,
        "",
    ]

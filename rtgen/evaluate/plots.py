"""Pictures of a report: asked against heard, coherence by lag, and the distances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from rtgen.evaluate.evaluation import Evaluation
from rtgen.evaluate.systems import SYSTEMS

COLOURS = dict(zip(SYSTEMS, ("#1f6feb", "#222222", "#2da44e", "#d29922", "#cf222e"), strict=True))
DOTS_PER_INCH = 110


def write_plots(found: Evaluation, folder: Path, stem: str) -> list[str]:
    """Write PNG files; their names."""
    names = []
    for name, draw in (("adherence", _adherence), ("likeness", _likeness)):
        figure = draw(found)
        path = folder / f"{stem}_{name}.png"
        figure.savefig(path, dpi=DOTS_PER_INCH)
        names.append(path.name)
    return names


def _figure(columns: int) -> tuple[Any, Any]:
    # Not pyplot: it keeps figures, and asks for a screen.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2 * columns, 3.6), layout="constrained")
    axes = figure.subplots(1, columns)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _adherence(found: Evaluation) -> Any:
    figure, (tempo, density, energy) = _figure(3)
    if found.curves["tempo"]:
        asked, *heard = np.array(found.curves["tempo"]).T
        for values, name in zip(heard, found.curves["tempo_tools"], strict=True):
            tempo.plot(asked, values, ".", label=name, alpha=0.7)
        ends = [asked.min(), asked.max()]
        tempo.plot(ends, ends, color="#999999", linewidth=0.8)
        tempo.legend(frameon=False, fontsize=8)
    else:
        tempo.text(0.5, 0.5, "no tempo control", ha="center", transform=tempo.transAxes)
    tempo.set(xlabel="tempo asked, bpm", ylabel="heard, octaves as found")
    for axis, name, unit in ((density, "density", ", onsets/s"), (energy, "energy", "")):
        asked, values = np.array(found.curves[name]).T
        axis.plot(asked, values, ".", color=COLOURS["model"])
        ends = [asked.min(), asked.max()]
        axis.plot(ends, ends, color="#999999", linewidth=0.8)
        axis.set(xlabel=f"{name} asked{unit}", ylabel="heard")
    return figure


def _likeness(found: Evaluation) -> Any:
    figure, (distance, lags) = _figure(2)
    name = found.embeddings[0]
    keys = [f"fad_endless:{name}", f"fad:{name}"]
    key = next((k for k in keys if found.rows["model"].get(k) is not None), keys[-1])
    bars = [(s, row[key]) for s, row in found.rows.items() if row.get(key) is not None]
    distance.bar(
        [s for s, _ in bars], [v for _, v in bars], color=[COLOURS[s] for s, _ in bars], width=0.6
    )
    distance.tick_params(axis="x", labelsize=8)
    distance.set(ylabel=f"Frechet distance to the corpus ({name})")
    streams = found.curves["streams"]
    for system, curve in streams["coherence"].items():
        seconds = streams["step_seconds"] * np.arange(1, len(curve) + 1)
        lags.plot(seconds, curve, label=system, color=COLOURS[system], linewidth=1.2)
    lags.axhline(0, color="#999999", linewidth=0.8)
    lags.set(xlabel="seconds apart", ylabel="coherence")
    lags.legend(frameon=False, fontsize=8)
    return figure

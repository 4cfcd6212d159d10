"""Draws what the benchmarks measured: benchmarks/results/peer.json to docs/images/speed.svg.

Run: python benchmarks/draw.py   (needs matplotlib)
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from matplotlib import rcParams
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parent.parent
OURS, THEIRS = "#1f6feb", "#999999"
PEER = "musika"


def drawn(report: dict[str, Any]) -> Figure:
    """Bars of the median real-time factors; a dot for each round."""
    medians = dict(sorted(report["median"].items(), key=lambda item: item[1]))
    figure = Figure(figsize=(6.4, 0.6 * len(medians) + 1.1), layout="constrained")
    axis = figure.subplots()
    colours = [THEIRS if name.startswith(PEER) else OURS for name in medians]
    axis.barh(list(medians), list(medians.values()), color=colours, height=0.6)
    for name in medians:
        rounds = report["real_time_factor"][name]
        axis.plot(rounds, [name] * len(rounds), ".", color="#222222", markersize=4)
    axis.spines[["top", "right"]].set_visible(False)
    axis.set(xlabel=f"times faster than real time, 44.1 kHz stereo, {report['cores']} cores")
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results/peer.json")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images/speed.svg")
    args = parser.parse_args()
    rcParams["svg.hashsalt"] = "rtgen"  # the same picture from the same numbers
    drawn(json.loads(args.results.read_text())).savefig(args.out, metadata={"Date": None})


if __name__ == "__main__":
    main()

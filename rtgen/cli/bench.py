"""`rtgen bench`: speed and latency on this machine."""

from __future__ import annotations

import json
import statistics
from typing import Annotated

import typer

app = typer.Typer(help="Measure speed and latency here", no_args_is_help=True)
Model = Annotated[str, typer.Option("--model", "-m", help="Name or folder of a bundle")]
Json = Annotated[bool, typer.Option("--json", help="Machine readable")]


@app.command("speed")
def speed(
    model: Model = "techno",
    seconds: Annotated[float, typer.Option("--seconds", help="Of music a run", min=6.0)] = 120.0,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Of each precision")] = 5,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Threads; as many as `rtgen render` takes"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Real-time factor of rendering 44.1 kHz stereo, precisions in turn, median of several runs."""
    from rtgen.bundle.load import load_bundle
    from rtgen.stream.speed import rendering
    from rtgen.stream.workers import workers_here

    count = workers or workers_here()
    result = rendering(load_bundle(model), seconds, runs, count)
    if as_json:
        typer.echo(json.dumps({"real_time_factor": result, "workers": count, "seconds": seconds}))
        return
    for precision, f in result.items():
        typer.echo(f"{precision}: {f['median']:.0f} x real time ({f['min']:.0f} to {f['max']:.0f})")


@app.command("latency")
def latency(
    model: Model = "techno",
    events: Annotated[int, typer.Option("--events", min=5, help="How many are timed")] = 100,
    rate: Annotated[int, typer.Option("--rate", help="Sample rate of the stream")] = 44100,
    block: Annotated[int, typer.Option("--blocksize", min=16, help="Frames read at once")] = 256,
    as_json: Json = False,
) -> None:
    """From a control event to the first sample that it changed, in a stream read in real time."""
    from rtgen.stream.latency import measure

    found = measure(model, events, rate, block)
    p50, p95 = statistics.median(found), sorted(found)[max(round(0.95 * len(found)) - 1, 0)]
    if as_json:
        typer.echo(
            json.dumps({"p50_ms": p50, "p95_ms": p95, "worst_ms": max(found), "events": len(found)})
        )
        return
    typer.echo(
        f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, worst {max(found):.1f} ms over {len(found)} events"
    )

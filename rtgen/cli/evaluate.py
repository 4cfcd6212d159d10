"""`rtgen evaluate`: how good a model is, beside its baselines."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rtgen.errors import EvaluationError

if TYPE_CHECKING:
    from rtgen.bundle.load import Bundle
    from rtgen.evaluate.reconstruction import Features
    from rtgen.evaluate.settings import Settings

NEEDED = ("librosa", "matplotlib", "pyloudnorm", "sklearn")
MAX_GRAPH_BYTES = 1 << 28
TRIED_FRAMES = 128


def evaluate(
    model: Annotated[str, typer.Argument(help="Name or folder of a bundle", metavar="BUNDLE")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the report")] = Path("."),
    quick: Annotated[bool, typer.Option("--quick", help="A look, in a minute or two")] = False,
    clips: Annotated[int | None, typer.Option("--clips", help="Clips for adherence")] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", help="Length of each")] = None,
    distance_clips: Annotated[
        int | None, typer.Option("--distance-clips", help="Clips compared with the corpus")
    ] = None,
    distance_seconds: Annotated[
        float | None, typer.Option("--distance-seconds", help="Length of each")
    ] = None,
    style_seconds: Annotated[
        float | None, typer.Option("--style-seconds", help="Length of a clip of a style")
    ] = None,
    styles: Annotated[int | None, typer.Option("--styles", help="Styles to tell apart")] = None,
    clips_per_style: Annotated[
        int | None, typer.Option("--clips-per-style", help="Clips of each")
    ] = None,
    streams: Annotated[
        int | None, typer.Option("--streams", help="Streams for coherence and seams")
    ] = None,
    stream_seconds: Annotated[
        float | None, typer.Option("--stream-seconds", help="Length of each")
    ] = None,
    embedding: Annotated[
        Path | None,
        typer.Option("--embedding", help="An ONNX file that reads mono samples, besides ours"),
    ] = None,
    embedding_rate: Annotated[
        int | None, typer.Option("--embedding-rate", help="The rate that it reads")
    ] = None,
    embedding_input: Annotated[
        str | None, typer.Option("--embedding-input", help="samples, vggish or clap")
    ] = None,
    encoder: Annotated[
        Path | None, typer.Option("--encoder", help="ONNX encoder of a bundle that has none")
    ] = None,
    select: Annotated[
        bool, typer.Option("--select", help="On the seeds for choosing between models")
    ] = False,
    speed: Annotated[
        bool, typer.Option("--speed/--no-speed", help="Time it; only if nothing else runs")
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Overwrite")] = False,
) -> None:
    """Measure a model and its baselines: a report as Markdown, JSON and plots."""
    from rtgen.bundle.load import load_bundle
    from rtgen.evaluate.evaluation import evaluate as measure
    from rtgen.evaluate.plots import write_plots
    from rtgen.evaluate.report import as_json, as_markdown

    settings = _settings(
        quick,
        select,
        clips=clips,
        seconds=seconds,
        distance_clips=distance_clips,
        distance_seconds=distance_seconds,
        styles=styles,
        style_seconds=style_seconds,
        clips_per_style=clips_per_style,
        streams=streams,
        stream_seconds=stream_seconds,
        embedding=embedding,
        embedding_rate=embedding_rate,
        embedding_input=embedding_input,
    )
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            raise EvaluationError(
                f"evaluating needs {name}", value=name, hint="pip install 'rtgen[evaluate]'"
            )
    bundle = load_bundle(model)
    stem = f"evaluate_{bundle.manifest.name}"
    table, data = out / f"{stem}.md", out / f"{stem}.json"
    for path in (table, data):
        if path.exists() and not yes:
            raise EvaluationError(f"{path} is there already", value=str(path), hint="-y overwrites")
    graph, features = _encoder(bundle, encoder), _features()
    _try(bundle, settings, graph, features)
    _make(out)
    with _Bars() as meter:
        found = measure(bundle, settings, meter, graph, features, with_speed=speed)
    data.write_text(json.dumps(as_json(found), indent=1) + "\n")
    table.write_text(as_markdown(found, write_plots(found, out, stem)))
    typer.echo(table)


def _make(out: Path) -> None:
    """A folder for the report, there before the long work."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise EvaluationError(
            f"nothing can be written in {out}", value=str(out), hint="choose another --out"
        ) from error


def _try(
    bundle: Bundle, settings: Settings, encoder: bytes | None, features: Features | None
) -> None:
    """Let the embedding and the encoder hear silence: what they cannot do shows before the work."""
    import numpy as np

    from rtgen.evaluate.embeddings import OnnxEmbedding
    from rtgen.evaluate.reconstruction import Reconstructor
    from rtgen.timeline.units import HOP

    silence = np.zeros((TRIED_FRAMES * HOP, 2), np.float32)
    if settings.embedding is not None:
        reads = settings.embedding_input
        OnnxEmbedding(settings.embedding, settings.embedding_rate, reads)(silence)
    if encoder is not None and features is not None:
        Reconstructor(bundle, encoder, features).frames(silence)


def _settings(quick: bool, select: bool, **given: Any) -> Settings:
    from pydantic import ValidationError

    from rtgen.corpus.stream import SELECT_SEEDS
    from rtgen.evaluate.settings import Settings

    start = Settings.quick() if quick else Settings()
    changes = {name: value for name, value in given.items() if value is not None}
    if select:
        changes["first_seed"] = SELECT_SEEDS.start
    try:
        settings = Settings(**{**start.model_dump(), **changes})
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + str(first["loc"][0]).replace("_", "-")
        raise EvaluationError(
            f"{option} {first['input']} makes no sense: {first['msg'].lower()}",
            value=first["input"],
        ) from error
    for name in ("embedding_rate", "embedding_input"):
        if name in changes and "embedding" not in changes:
            option = "--" + name.replace("_", "-")
            raise EvaluationError(
                f"{option} goes with --embedding",
                value=changes[name],
                hint="give the ONNX file with --embedding, or leave it out",
            )
    return settings


def _encoder(bundle: Bundle, path: Path | None) -> bytes | None:
    from rtgen.bundle.onnx_guard import check_graph

    if path is None:
        return bundle.graphs.get("encoder.onnx")
    if not path.is_file() or path.stat().st_size > MAX_GRAPH_BYTES:
        raise EvaluationError(
            f"{path} is no encoder", value=str(path), hint="an ONNX file made by `rtgen export`"
        )
    data = path.read_bytes()
    check_graph(data, path.name)
    return data


def _features() -> Features | None:
    """The encoder's input from samples, as in training; None without torch."""
    if importlib.util.find_spec("torch") is None:
        return None
    import numpy as np
    import torch

    from rtgen.train.analysis import encoder_features

    torch.set_num_threads(1)

    def features(audio: Any) -> Any:
        mix = torch.from_numpy(np.ascontiguousarray(audio.T))
        return encoder_features(mix[None])[0].numpy()

    return features


class _Bars:
    """A bar on the terminal for each part; nothing where there is none."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._progress = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty())
        self._task: Any = None

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, part: str, steps: int) -> None:
        """See evaluate.meter.Meter."""
        self._task = self._progress.add_task(part, total=steps)

    def step(self) -> None:
        """See evaluate.meter.Meter."""
        self._progress.advance(self._task)

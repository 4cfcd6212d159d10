"""`rtgen serve`: the engine behind the plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

import typer

from rtgen.cli.optional_value import WEB_PLACE, OptionalValues, OptionalValuesOfGroup


class _ServeWithPage(OptionalValuesOfGroup):
    """`--web` alone serves the page at its usual place."""

    defaults: ClassVar[dict[str, str]] = {"--web": WEB_PLACE}


class _RunWithPage(OptionalValues):
    """The same for `run`."""

    defaults: ClassVar[dict[str, str]] = {"--web": WEB_PLACE}


app = typer.Typer(
    cls=_ServeWithPage,
    help="The background generator that plugins play",
    no_args_is_help=False,
)

Model = Annotated[str, typer.Option("--model", "-m", help="For plugins that name none")]
Precision = Annotated[str, typer.Option("--precision", help="fp32 or int8")]
Web = Annotated[
    str | None,
    typer.Option(
        "--web", metavar="[HOST:PORT]", help=f"A page with a stream of its own, at {WEB_PLACE}"
    ),
]
WebName = Annotated[
    list[str] | None,
    typer.Option("--web-name", help="Another name of this machine in browsers; repeat"),
]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help="Threads that make sound")]


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    model: Model = "techno",
    precision: Precision = "fp32",
    workers: Workers = 2,
    web: Web = None,
    web_name: WebName = None,
    daemon: Annotated[bool, typer.Option("--daemon", help="Go to the background")] = False,
    systemd: Annotated[bool, typer.Option("--systemd", help="Print a user unit and end")] = False,
) -> None:
    """Serve plugins until stopped; one engine serves all of them."""
    from rtgen.paths import log_file
    from rtgen.serve import daemon as engine

    if context.invoked_subcommand is not None:
        return
    options = ["--model", model, "--precision", precision, "--workers", str(workers)]
    if web is not None:
        options += ["--web", web, *(f"--web-name={name}" for name in web_name or [])]
    if systemd:
        print(engine.unit(options), end="")
    elif daemon:
        pid = engine.start(options)
        print(f"the engine runs in the background, pid {pid}, log {log_file()}")
    else:
        engine.log_to(None)
        _run(model, precision, workers, web, web_name)


@app.command("run", cls=_RunWithPage)
def run(
    model: Model = "techno",
    precision: Precision = "fp32",
    workers: Workers = 2,
    web: Web = None,
    web_name: WebName = None,
    log: Annotated[Path | None, typer.Option("--log", help="Write the log to this file")] = None,
) -> None:
    """Serve in the foreground, as a service does."""
    from rtgen.serve import daemon as engine

    engine.log_to(log)
    _run(model, precision, workers, web, web_name)


def _run(
    model: str, precision: str, workers: int, web: str | None, names: list[str] | None
) -> None:
    from rtgen.cli.page_stream import page_stream
    from rtgen.control.listen_at import listen_at
    from rtgen.serve import daemon as engine

    with page_stream(model, precision, None if web is None else listen_at(web), names or []):
        engine.run(model, precision, workers)


@app.command("status")
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs")] = False,
) -> None:
    """Who is served, and how far ahead; exit code 1 if no engine runs."""
    import json

    from rtgen.serve.server import ask

    said = ask("status")
    if as_json:
        print(json.dumps(said))
    elif said is None:
        print("no engine runs; start it with `rtgen serve --daemon`")
    else:
        print(f"the engine runs, pid {said['pid']}, model {said['model']}")
        for one in said["instances"]:  # type: ignore[attr-defined]
            how = "playing" if one["playing"] else "stopped"
            print(
                f"  {one['client'] or 'plugin'}: {one['model']} at {one['rate']} Hz, {how} at "
                f"{one['position_s']:.1f} s, {one['lead_s']:.1f} s ahead, {one['speed']:.0f} x"
            )
    if said is None:
        raise typer.Exit(1)


@app.command("stop")
def stop() -> None:
    """End the engine."""
    from rtgen.serve import daemon as engine

    print("the engine stopped" if engine.stop() else "no engine runs")

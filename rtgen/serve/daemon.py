"""The engine as a process of its own: in the background, or under systemd."""

from __future__ import annotations

import logging
import logging.handlers
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rtgen.errors import EngineError
from rtgen.paths import log_file
from rtgen.serve.instances import Models
from rtgen.serve.server import Server, ask, is_running

START_SECONDS = 30.0
STOP_SECONDS = 10.0
LOG_BYTES = 1 << 20
UNIT = """\
[Unit]
Description=rtgen, the music generator behind the plugin

[Service]
ExecStart={command}
Restart=on-failure
RestartSec=1

[Install]
WantedBy=default.target
"""


def command(options: list[str]) -> list[str]:
    """The command that runs an engine in the foreground; -P: nothing of the folder one is in."""
    return [sys.executable, "-P", "-m", "rtgen.cli.main", "serve", "run", *options]


def unit(options: list[str]) -> str:
    """A systemd user unit for this installation."""
    words = " ".join(f'"{w}"' if " " in w else w for w in command(options))
    return UNIT.format(command=words)


def log_to(path: Path | None) -> None:
    """Log to a file that cannot grow for ever, or to standard error."""
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=3)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger("rtgen")
    root.setLevel(logging.INFO)
    root.handlers = [handler]


def run(model: str, precision: str, workers: int) -> None:
    """Serve in this process until SIGTERM, SIGINT or `rtgen serve stop`.

    Raises
    ------
    EngineError when an engine runs already; BundleError when the model cannot be used.
    """
    models = Models(model, precision)
    models.renderer("")  # a plugin that connects must not wait for it
    with Server(models, workers) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        logging.getLogger("rtgen").info("the engine runs, model %s, pid %d", model, os.getpid())
        server.run()
    logging.getLogger("rtgen").info("the engine stopped")


def start(options: list[str]) -> int:
    """Start an engine in the background and wait until it answers; its process id.

    Raises
    ------
    EngineError when one runs already, or the new one ends at once.
    """
    if ask("status") is not None:
        raise EngineError(
            "an engine runs already",
            hint="`rtgen serve status` shows it, `rtgen serve stop` ends it",
        )
    path = log_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        command([*options, "--log", str(path)]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stderr.read().decode(errors="replace").strip().splitlines()
            raise EngineError(
                (said[0] if said else "the engine ended at once").removeprefix("error: "),
                hint=said[1].removeprefix("hint: ") if len(said) > 1 else f"see {path}",
            )
        if ask("status") is not None:
            return process.pid
        time.sleep(0.05)
    process.kill()
    raise EngineError("the engine does not come up", hint=f"see {path}")


def stop() -> bool:
    """End the running engine; False if there was none.

    Raises
    ------
    EngineError when it does not end.
    """
    said = ask("stop")
    if said is None:
        return False
    deadline = time.monotonic() + STOP_SECONDS
    while is_running():
        if time.monotonic() > deadline:
            raise EngineError(f"the engine does not end: kill {said['pid']}")
        time.sleep(0.05)
    return True

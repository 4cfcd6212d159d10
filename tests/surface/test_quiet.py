"""Nothing is told to anybody: what is used must not phone home."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, os
from rtgen import load_bundle
from rtgen.stream.sessions import Nets
nets = Nets(load_bundle({folder!r}))
files = [os.readlink(f"/proc/self/fd/{{fd}}") for fd in os.listdir("/proc/self/fd")
         if os.path.exists(f"/proc/self/fd/{{fd}}")]
print(json.dumps(files))
"""


def test_opening_a_model_keeps_no_database_of_telemetry(techno, tmp_path):
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    environment["OPENBLAS_NUM_THREADS"] = "1"
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(folder=str(techno.folder))],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        timeout=120,
    ).stdout
    assert not [name for name in json.loads(said) if "onnxruntime.db" in name]
    assert not list(Path(tmp_path).rglob("*onnxruntime*"))

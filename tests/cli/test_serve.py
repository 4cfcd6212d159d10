"""`rtgen serve` as a user meets it: in the background, asked, stopped, killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtgen.cli.optional_value import filled
from tests.fakes.host import Host

RTGEN = [sys.executable, "-m", "rtgen.cli.main"]


def rtgen(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*RTGEN, *words], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("RTGEN_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    yield tmp_path
    rtgen("serve", "stop")


@pytest.mark.parametrize(
    ("given", "read"),
    [([], []), (["--web"], ["--web=W"]), (["--web", "-s", "5"], ["--web=W", "-s", "5"]),
     (["--web", "9000"], ["--web", "9000"]), (["-s", "5"], ["-s", "5"])],
)  # fmt: skip
def test_the_pages_place_may_be_left_out_and_so_may_everything(
    given: list[str], read: list[str]
) -> None:
    assert filled(given, {"--web": "W"}) == read


def test_its_page_has_a_stream_of_its_own(folder: Path) -> None:
    with subprocess.Popen(
        [*RTGEN, "serve", "--web", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True
    ) as engine:
        assert engine.stderr is not None
        said = re.fullmatch(r"page at (http://127\.0\.0\.1:\d+/)\n", engine.stderr.readline())
        assert said is not None
        assert "the engine runs" in engine.stderr.readline()
        with urllib.request.urlopen(said[1], timeout=20) as page:
            assert page.status == 200
            assert "rtgen" in page.read().decode()
        assert rtgen("serve", "stop").stdout == "the engine stopped\n"
        assert engine.wait(30) == 0


def test_an_engine_runs_in_the_background_until_it_is_stopped(folder: Path) -> None:
    nobody = rtgen("serve", "status")
    assert (nobody.returncode, "no engine runs" in nobody.stdout) == (1, True)
    started = rtgen("serve", "--daemon")
    assert started.returncode == 0, started.stderr
    with Host(folder / "run" / "engine.sock", client="LV2") as host:
        assert host.answer[0] == "ok"
        said = json.loads(rtgen("serve", "status", "--json").stdout)
        assert [i["client"] for i in said["instances"]] == ["LV2"]
        assert "LV2: techno at 44100 Hz, stopped" in rtgen("serve", "status").stdout
    again = rtgen("serve", "--daemon")
    assert again.returncode == 2
    assert "runs already" in again.stderr
    assert "stopped" in rtgen("serve", "stop").stdout
    assert rtgen("serve", "status").returncode == 1
    assert list((folder / "run").iterdir()) == [folder / "run" / "engine.lock"]
    (log,) = (folder / "state").rglob("serve.log")
    assert "LV2 connected" in log.read_text()


def test_an_engine_that_was_killed_can_be_started_again(folder: Path) -> None:
    rtgen("serve", "--daemon")
    os.kill(json.loads(rtgen("serve", "status", "--json").stdout)["pid"], signal.SIGKILL)
    assert rtgen("serve", "--daemon").returncode == 0
    with Host(folder / "run" / "engine.sock") as host:
        assert host.answer[0] == "ok"


def test_an_engine_with_a_model_that_is_missing_says_so(folder: Path) -> None:
    done = rtgen("serve", "--daemon", "--model", "polka")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "error: no model 'polka'"
    assert done.stderr.splitlines()[1].startswith("hint: ")


def test_a_service_unit_starts_this_installation(folder: Path) -> None:
    unit = rtgen("serve", "--systemd", "--workers", "3").stdout
    (line,) = (x for x in unit.splitlines() if x.startswith("ExecStart="))
    words = line.removeprefix("ExecStart=").split()
    assert words[0] == sys.executable
    assert words[-2:] == ["--workers", "3"]
    assert "WantedBy=default.target" in unit


def test_the_plugin_is_put_where_hosts_look_and_taken_away(folder: Path) -> None:
    assert rtgen("plugin", "install").returncode == 0
    home = folder / "home"
    assert (home / ".clap" / "rtgen.clap").is_file()
    assert list((home / ".vst3" / "rtgen.vst3").rglob("rtgen.so"))
    assert (home / ".lv2" / "rtgen.lv2" / "manifest.ttl").is_file()
    assert rtgen("plugin", "install").returncode == 0
    assert "not installed" not in rtgen("plugin", "path").stdout
    rtgen("plugin", "uninstall")
    assert [x for x in home.rglob("*") if x.is_file() and "rtgen" in x.name] == []

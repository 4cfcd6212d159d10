"""What hosts read before they play: a scan of the CLAP, and the LV2's description of itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SCANNER = Path("/usr/lib/x86_64-linux-gnu/qtractor/qtractor_plugin_scan")
MOD = "http://moddevices.com/ns/mod#"
DPF_COMPLAINTS = {
    (message.format(f"{MOD}{word}"), f"{MOD}{word}")
    for word in ("brand", "label")
    for message in ("Use of undefined property", "Property <{}> has no label")
}
"""DPF writes two properties of MOD's pedals into each plugin; LV2's own files do not know them."""

MEASURED = {"lead", "underruns", "connected", "status", "peak_left", "peak_right"}


def scan(plugin: Path, home: Path) -> list[str]:
    """The fields of the one plugin that qtractor's scanner finds."""
    assert SCANNER.exists(), "the tests need qtractor: run `make test`, which installs it"
    nobody = {"RTGEN_RUNTIME": str(home / "no-engine"), "HOME": str(home)}
    said = subprocess.run(
        [SCANNER],
        input=f"CLAP:{plugin}\n",
        env={**os.environ, **nobody, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=5,  # a scan does not wait for an engine
        check=True,
    )
    lines = [line for line in said.stdout.splitlines() if line.startswith("CLAP|")]
    assert len(lines) == 1, said.stdout + said.stderr
    return lines[0].split("|")


def complaints(bundle: Path) -> set[tuple[str, str]]:
    """What lv2_validate says: message and property."""
    assert shutil.which("lv2_validate"), "the tests need lv2-dev: run `make test`"
    assert shutil.which("sord_validate"), "the tests need sordi: run `make test`"
    files = sorted(bundle.glob("*.ttl"))
    done = subprocess.run(
        ["lv2_validate", *files], capture_output=True, text=True, timeout=60, check=False
    )
    said = done.stdout + done.stderr
    assert re.search(r"Found \d+ errors among \d+ files", said), said
    found = re.findall(r"^error: (.*)\n\s+\S+\n\s+(\S+)", said, re.MULTILINE)
    assert len(found) == len(re.findall("^error:", said, re.MULTILINE)), said
    return set(found)


def described(bundle: Path, tmp_path: Path) -> list[dict[str, str]]:
    """The ports as a host sees them, in order: symbol, name, minimum and so on."""
    assert shutil.which("lv2info"), "the tests need lilv-utils: run `make test`"
    alone = tmp_path / "lv2"
    alone.mkdir()
    (alone / bundle.name).symlink_to(bundle)
    said = subprocess.run(
        ["lv2info", "urn:rtgen:rtgen"],
        env={**os.environ, "LV2_PATH": f"{alone}:/usr/lib/lv2"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    ports = re.split(r"^\tPort \d+:$", said.stdout, flags=re.MULTILINE)[1:]
    return [dict(re.findall(r"^\t\t(\w+): +(.+)$", port, re.MULTILINE)) for port in ports]


@pytest.fixture
def parameters() -> list[list[str]]:
    """Rows of the locked table: index, symbol, name, low, high, default, flags."""
    table = Path(__file__).with_name("parameters.lock").read_text()
    return [row.split("\t") for row in table.splitlines()]


def test_the_clap_is_scanned_without_an_engine(
    plugins: dict[str, Path], parameters: list[list[str]], tmp_path: Path
) -> None:
    _, name, audio, midi, controls, flags, path, index, _ = scan(plugins["clap"], tmp_path)
    outputs = sum(row[1] in MEASURED for row in parameters)
    assert (name, path, index) == ("rtgen", str(plugins["clap"]), "0")
    assert (audio, midi) == ("0:2", "1:0")
    assert controls == f"{len(parameters) - outputs}:{outputs}"
    assert "RT" in flags.split(",")
    assert b"org.rtgen.rtgen\0" in plugins["clap"].read_bytes()


def test_the_lv2_has_no_faults_but_those_of_every_dpf_plugin(plugins: dict[str, Path]) -> None:
    assert complaints(plugins["lv2"]) <= DPF_COMPLAINTS


def test_a_fault_in_the_lv2_would_be_found(plugins: dict[str, Path], tmp_path: Path) -> None:
    damaged = Path(shutil.copytree(plugins["lv2"], tmp_path / "rtgen.lv2"))
    text = (damaged / "rtgen.ttl").read_text()
    assert 'lv2:symbol "density"' in text
    (damaged / "rtgen.ttl").write_text(text.replace('lv2:symbol "density"', 'lv2:symbol "1 2"'))
    assert complaints(damaged) - DPF_COMPLAINTS


def test_the_lv2_says_of_its_parameters_what_the_locked_table_says(
    plugins: dict[str, Path], parameters: list[list[str]], tmp_path: Path
) -> None:
    ports = described(plugins["lv2"], tmp_path)
    others, controls = ports[: -len(parameters)], ports[-len(parameters) :]
    assert [port["Symbol"] for port in others] == [
        *("lv2_audio_out_1", "lv2_audio_out_2", "lv2_events_in", "lv2_events_out"),
        "lv2_freewheel",
    ]
    for port, (_, symbol, name, low, high, default, _) in zip(controls, parameters, strict=True):
        if symbol == "dpf_bypass":  # LV2 asks the other way round
            assert port["Designation"] == "http://lv2plug.in/ns/lv2core#enabled"
            assert float(port["Default"]) == 1.0
            continue
        assert (port["Symbol"], port["Name"]) == (symbol, name)
        assert float(port["Minimum"]) == float(low)
        assert float(port["Maximum"]) == float(high)
        if symbol not in MEASURED:
            assert float(port["Default"]) == float(default)

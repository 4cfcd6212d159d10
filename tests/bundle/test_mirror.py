"""A folder of models here, and behind a plain web server."""

from __future__ import annotations

import json
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rtgen.bundle.load import load_bundle
from rtgen.bundle.origin import digest
from rtgen.bundle.pull import making
from tests.bundle.conftest import left_behind
from tests.cli.conftest import Rtgen
from tests.fakes.tiny_bundle import write_tiny
from tests.fakes.web_files import WebFiles


@pytest.fixture
def site(mirror: WebFiles, tiny_folder: Path, rtgen: Rtgen) -> Path:
    """The mirror's folder with one model in it, its card complete."""
    assert rtgen("models", "push", tiny_folder, mirror.folder).code == 0
    return mirror.folder


def test_a_mirror_lists_describes_and_gives_what_was_pushed_to_its_folder(
    mirror: WebFiles, site: Path, library: Path, rtgen: Rtgen
) -> None:
    assert rtgen("models", "push", "techno", site).out.strip() == str(site / "techno")
    listed = rtgen("models", "list", "--from", mirror.url)
    assert [line.split()[0] for line in listed.out.splitlines()] == ["techno", "tiny"]
    assert listed.out == rtgen("models", "list", "--from", site).out
    told = json.loads(rtgen("models", "info", f"{mirror.url}/tiny", "--json").out)
    assert told["manifest_sha256"] == digest(site / "tiny")
    got = rtgen("models", "pull", "tiny", "--from", mirror.url)
    assert (got.code, got.out.strip()) == (0, str(library / "tiny")), got.err
    for path in (site / "tiny").iterdir():
        assert (library / "tiny" / path.name).read_bytes() == path.read_bytes()
    assert {p.name for p in library.iterdir()} == {"tiny"}
    origin = json.loads((library / "tiny/.origin.json").read_text())
    assert origin["place"] == f"{mirror.url}/tiny"
    assert origin["manifest_sha256"] == digest(site / "tiny")


def test_the_library_may_be_named_once_for_all(
    mirror: WebFiles, site: Path, library: Path, rtgen: Rtgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTGEN_LIBRARY", mirror.url)
    assert rtgen("models", "list").out.startswith("tiny ")
    assert rtgen("models", "pull", "tiny").code == 0
    here = {line.split()[0] for line in rtgen("models").out.splitlines()}
    assert {"techno", "tiny"} <= here, "that lists what is here"


def test_pythons_own_web_server_is_a_mirror(site: Path, library: Path, rtgen: Rtgen) -> None:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        got = rtgen("models", "pull", f"http://127.0.0.1:{server.server_address[1]}/tiny/")
        server.shutdown()
        thread.join()
    assert (got.code, got.err) == (0, "")
    load_bundle(library / "tiny")


def test_a_pull_that_broke_off_goes_on_and_shows_no_half_model(
    mirror: WebFiles, site: Path, library: Path, rtgen: Rtgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtgen.bundle.fetch.PAUSES_SECONDS", (0.0,))
    mirror.faults.cuts["decoder.onnx"] = [100_000, 0, 0]
    broken = rtgen("models", "pull", f"{mirror.url}/tiny")
    assert broken.code == 2
    assert "hint: the same command goes on from what has come\n" in broken.err
    assert "tiny" not in rtgen("models").out
    assert all(name.startswith(".partial/") for name in left_behind(library))
    mirror.sent.clear()
    assert rtgen("models", "pull", f"{mirror.url}/tiny").code == 0
    (answer,) = mirror.bodies("decoder.onnx")
    assert answer.headers["range"] == "bytes=100000-"
    assert not (library / ".partial").exists()
    load_bundle(library / "tiny")


def test_two_pulls_of_one_model_do_not_meet(
    mirror: WebFiles, site: Path, library: Path, rtgen: Rtgen
) -> None:
    with making(library, digest(site / "tiny")):
        second = rtgen("models", "pull", f"{mirror.url}/tiny")
    assert second.code == 2
    assert second.err == "error: the same model is being fetched already\n"
    assert rtgen("models", "pull", f"{mirror.url}/tiny").code == 0


def test_the_manifests_checksum_pins_a_mirror(
    mirror: WebFiles, site: Path, library: Path, rtgen: Rtgen
) -> None:
    url, known = f"{mirror.url}/tiny", digest(site / "tiny")
    assert rtgen("models", "pull", url, "--revision", f"sha256:{known}").code == 0
    other = rtgen("models", "pull", url, "--revision", "0" * 64, "--as", "x")
    assert other.code == 2
    assert other.err.startswith(f"error: the manifest of {url} is another one\n")
    branch = rtgen("models", "pull", url, "--revision", "main", "--as", "x")
    assert branch.err.startswith(f"error: {url} has no revisions\n")
    assert {p.name for p in library.iterdir()} == {"tiny"}


def test_a_folder_is_a_library_too(
    tiny_folder: Path, library: Path, tmp_path: Path, rtgen: Rtgen
) -> None:
    got = rtgen("models", "pull", tiny_folder)
    assert (got.code, got.out.strip()) == (0, str(library / "tiny"))
    elsewhere = tmp_path / "elsewhere"
    got = rtgen("models", "pull", "tiny", "--from", tiny_folder.parent, "--to", elsewhere)
    assert got.out.strip() == str(elsewhere / "tiny")
    load_bundle(elsewhere / "tiny")


def test_a_model_that_another_hides_is_said_to_be(
    tiny_folder: Path, library: Path, tmp_path: Path, rtgen: Rtgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "first"
    write_tiny(first / "tiny", "other")
    monkeypatch.setenv("RTGEN_MODELS", f"{library}:{first}")
    assert rtgen("models", "pull", tiny_folder).err == ""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("RTGEN_MODELS", "")
    hidden = rtgen("models", "pull", tiny_folder, "--as", "techno")
    assert hidden.code == 0
    assert hidden.out.strip() == str(tmp_path / "data/rtgen/models/techno")
    assert "models/techno is found first under that name; --as gives another\n" in hidden.err


def test_verify_finds_what_was_changed(library: Path, tiny_folder: Path, rtgen: Rtgen) -> None:
    rtgen("models", "pull", tiny_folder)
    rtgen("models", "pull", tiny_folder, "--as", "copy")
    good = rtgen("models", "verify", "tiny", library / "copy")
    assert good.code == 0
    assert good.out.count("3 files, 0.6 MiB, all checksums match\n") == 2
    data = bytearray((library / "copy/decoder.onnx").read_bytes())
    data[5000] ^= 1
    (library / "copy/decoder.onnx").write_bytes(data)
    bad = rtgen("models", "verify")
    assert bad.code == 2
    assert "copy             wrong: decoder.onnx of copy does not match its checksum\n" in bad.out
    assert "tiny             3 files" in bad.out
    assert bad.err.startswith("error: 1 of the models are damaged\n")
    one = rtgen("models", "verify", "copy")
    assert (one.code, one.out) == (2, "")
    assert one.err.startswith("error: decoder.onnx of copy does not match its checksum\n")


def test_verify_finds_a_bundle_that_is_sound_but_not_what_was_pulled(
    library: Path, tiny_folder: Path, rtgen: Rtgen
) -> None:
    rtgen("models", "pull", tiny_folder)
    write_tiny(library / "tiny", "swapped")
    bad = rtgen("models", "verify", "tiny")
    assert bad.code == 2
    assert bad.err.startswith(f"error: tiny is not what was pulled from {tiny_folder}\n")


def test_a_library_is_listed_without_its_damaged_models(
    mirror: WebFiles, site: Path, tiny_folder: Path, rtgen: Rtgen
) -> None:
    bad = shutil.copytree(tiny_folder, site / "bad")
    (bad / "manifest.json").write_text("{}")
    listed = rtgen("models", "list", "--from", site)
    assert [line.split()[0] for line in listed.out.splitlines()] == ["tiny"]
    assert listed.err.startswith("left out: the manifest of bad is not one of ours")
    (site / "index.json").unlink()
    unlisted = rtgen("models", "list", "--from", mirror.url)
    assert unlisted.code == 2
    assert unlisted.err.startswith(f"error: {mirror.url} has no index.json, so it cannot be listed")


@pytest.mark.parametrize(
    ("index", "says"),
    [
        (b"[]", "the index.json of {url} is none of ours"),
        (b'{"models": [{"name": "../x"}]}', "the index.json of {url} is none of ours"),
        (b" " * (1 << 21), "index.json of {url} is larger than any of ours"),
    ],
    ids=["list", "climbs", "huge"],
)
def test_an_index_that_is_none_gets_one_sentence(
    mirror: WebFiles, rtgen: Rtgen, index: bytes, says: str
) -> None:
    (mirror.folder / "index.json").write_bytes(index)
    refused = rtgen("models", "list", "--from", mirror.url)
    assert refused.code == 2
    assert refused.err.splitlines()[0] == f"error: {says.format(url=mirror.url)}"

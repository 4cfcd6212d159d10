"""Libraries whose keeper means harm, or is careless: one sentence, and nothing where models lie."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from rtgen.bundle.write import write_manifest
from tests.cli.conftest import Outcome, Rtgen
from tests.fakes.hub import Hub
from tests.fakes.tiny_bundle import facts
from tests.fakes.web_files import WebFiles

Harm = Callable[[Path], None]
KINDS = ("hub", "mirror", "folder")


class Bomb:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def edited(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    edit(manifest)
    path.write_text(json.dumps(manifest))


def listing(name: str) -> Harm:
    """Lets the manifest list one file more, which is there as far as it can be."""

    def harm(folder: Path) -> None:
        edited(folder, lambda m: m["files"].update({name: m["files"]["README.md"]}))
        if not {"/", "\\"} & set(name):
            shutil.copy(folder / "README.md", folder / name)

    return harm


def holding(name: str, data: Callable[[Path], bytes]) -> Harm:
    """Puts content of its own into a file, with the checksum that fits."""

    def harm(folder: Path) -> None:
        (folder / name).write_bytes(data(folder))
        write_manifest(folder, facts())

    return harm


def truncated(folder: Path) -> None:
    data = (folder / "decoder.onnx").read_bytes()
    (folder / "decoder.onnx").write_bytes(data[: len(data) // 2])


def changed(folder: Path) -> None:
    data = bytearray((folder / "decoder.onnx").read_bytes())
    data[1000] ^= 1
    (folder / "decoder.onnx").write_bytes(data)


def missing(folder: Path) -> None:
    (folder / "generator.onnx").unlink()


def gigantic_manifest(folder: Path) -> None:
    with (folder / "manifest.json").open("r+b") as file:
        file.truncate(50 << 20)


def deep_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("[" * 100_000)


def noise(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(os.urandom(1000))


def absurd_size(folder: Path) -> None:
    edited(folder, lambda m: m["files"]["decoder.onnx"].update(bytes=1 << 50))


def many_files(folder: Path) -> None:
    one = json.loads((folder / "manifest.json").read_text())["files"]["README.md"]
    edited(folder, lambda m: m["files"].update({f"f{k}.md": one for k in range(1000)}))


def escapes(folder: Path) -> None:
    edited(folder, lambda m: m.update({"\x1b[2J\nerror: fine": 1}))


def swapped(folder: Path) -> None:
    a, b = folder / "generator.onnx", folder / "decoder.onnx"
    first, second = a.read_bytes(), b.read_bytes()
    a.write_bytes(second)
    b.write_bytes(first)
    write_manifest(folder, facts())


def climbing_bundle_name(folder: Path) -> None:
    edited(folder, lambda m: m.update(name="../../outside"))


def pickled(folder: Path) -> bytes:
    return pickle.dumps(Bomb(folder.parent / "touched"))


def zipped(folder: Path) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("../outside", "x")
    return data.getvalue()


HARMS: dict[str, tuple[Harm, str]] = {
    "truncated": (truncated, "decoder.onnx"),
    "changed": (changed, "does not match its checksum"),
    "missing": (missing, "generator.onnx"),
    "gigantic manifest": (gigantic_manifest, "larger than"),
    "deep manifest": (deep_manifest, "is not one of ours"),
    "noise": (noise, "is not one of ours"),
    "absurd size": (absurd_size, "is not one of ours"),
    "many files": (many_files, "is not one of ours"),
    "escapes": (escapes, "is not one of ours: ?[2J?error: fine"),
    "climbing name": (listing("../outside.md"), "is not one of ours"),
    "absolute name": (listing("/tmp/outside.md"), "is not one of ours"),
    "climbing name on Windows": (listing("..\\outside.md"), "is not one of ours"),
    "hidden name": (listing(".bashrc"), "is not one of ours"),
    "a name twice": (listing("readme.md"), "two files have one name"),
    "the manifest's own name": (listing("Manifest.json"), "is no name for a file of a bundle"),
    "pickle": (listing("weights.pkl"), "weights.pkl is a pickle"),
    "torch": (listing("weights.pt"), "weights.pt is a pickle"),
    "numpy": (listing("weights.npy"), "which may hold pickles"),
    "archive": (listing("weights.zip"), "weights.zip is an archive"),
    "program": (listing("install.py"), "install.py is a program"),
    "no suffix": (listing("weights"), "weights is none of .onnx"),
    "pickle as weights": (holding("w.safetensors", pickled), "w.safetensors is not what its name"),
    "archive as weights": (holding("w.safetensors", zipped), "w.safetensors is not what its name"),
    "pickle as text": (holding("README.md", pickled), "README.md is not what its name says"),
    "archive as sound": (holding("x.wav", zipped), "x.wav is not what its name says"),
    "pickle as graph": (holding("decoder.onnx", pickled), "decoder.onnx"),
    "wrong shapes": (swapped, "which is not our contract"),
    "climbing bundle name": (climbing_bundle_name, "is not one of ours: name"),
}


def refused(outcome: Outcome, says: str) -> None:
    assert outcome.code == 2, outcome
    first, *rest = outcome.err.splitlines()
    assert first.startswith("error: "), outcome.err
    assert says in first
    assert len(first) < 400
    assert len(rest) <= 1
    assert all(line.startswith("hint: ") for line in rest)
    assert outcome.err.replace("\n", "").isprintable()
    assert outcome.out == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("harm", HARMS)
def test_a_hostile_model_is_refused_and_leaves_nothing(
    hub: Hub,
    mirror: WebFiles,
    library: Path,
    tiny_folder: Path,
    tmp_path: Path,
    rtgen: Rtgen,
    kind: str,
    harm: str,
) -> None:
    does, says = HARMS[harm]
    folder = shutil.copytree(tiny_folder, mirror.folder / "evil")
    does(folder)
    if kind == "hub":
        hub.add_folder("evil/tiny", folder)
    place = {"hub": "evil/tiny", "mirror": f"{mirror.url}/evil", "folder": str(folder)}[kind]
    before = sorted(tmp_path.rglob("*"))
    refused(rtgen("models", "pull", place), says)
    after = [p for p in tmp_path.rglob("*") if p != library]
    assert sorted(after) == before, "nothing was written, made or unpickled"


@pytest.mark.parametrize(
    "name", ["../../.bashrc", "/etc/cron.d/x", "a/../../x", "..\\x", "C:\\x", "a//b", "x\n\x1b[2J"]
)
def test_a_list_of_files_that_leads_out_is_refused(
    hub: Hub, library: Path, tiny_folder: Path, rtgen: Rtgen, name: str
) -> None:
    hub.add_folder("evil/tiny", tiny_folder)
    hub.repos["evil/tiny"].extra = [{"rfilename": name, "size": 5}]
    for verb in (("models", "pull", "evil/tiny"), ("models", "push", tiny_folder, "evil/tiny")):
        refused(rtgen(*verb), "the list of files of hf://evil/tiny holds '")
    assert not library.exists()
    assert not any("/resolve/" in sent.path for sent in hub.sent)


@pytest.mark.parametrize(
    "extra", [[{"size": 5}], ["x"], [{"rfilename": 7}], [{"rfilename": None, "size": -1}]]
)
def test_a_list_of_files_that_is_none_is_refused(
    hub: Hub, library: Path, tiny_folder: Path, rtgen: Rtgen, extra: list[Any]
) -> None:
    hub.add_folder("evil/tiny", tiny_folder)
    hub.repos["evil/tiny"].extra = extra
    refused(rtgen("models", "pull", "evil/tiny"), "hf://evil/tiny")
    assert not library.exists()


def test_a_hub_that_changes_a_file_under_a_commit_is_found_out(
    hub: Hub, library: Path, tiny_folder: Path, rtgen: Rtgen
) -> None:
    hub.add_folder("evil/tiny", tiny_folder)
    hub.faults.instead["generator.onnx"] = (tiny_folder / "generator.onnx").read_bytes()[::-1]
    refused(
        rtgen("models", "pull", "evil/tiny"),
        "generator.onnx of hf://evil/tiny does not match its checksum",
    )
    assert list(library.iterdir()) == []


def test_a_server_without_end_is_cut_off(
    mirror: WebFiles, library: Path, tiny_folder: Path, rtgen: Rtgen
) -> None:
    shutil.copytree(tiny_folder, mirror.folder / "evil")
    mirror.faults.endless = {"decoder.onnx"}
    refused(rtgen("models", "pull", f"{mirror.url}/evil"), "sends more of decoder.onnx than it may")
    mirror.faults.endless = {"manifest.json"}
    refused(rtgen("models", "pull", f"{mirror.url}/evil"), "manifest.json of")
    assert list(library.iterdir()) == []


def test_a_target_that_is_a_link_or_no_bundle_is_left_alone(
    library: Path, tiny_folder: Path, tmp_path: Path, rtgen: Rtgen
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "letter.txt").write_text("dear")
    library.mkdir()
    (library / "link").symlink_to(precious)
    shutil.copytree(precious, library / "letters")
    for name in ("link", "letters"):
        outcome = rtgen("models", "pull", tiny_folder, "--as", name, "-y")
        refused(outcome, f"{name} is there already, and is no bundle")
    assert (precious / "letter.txt").read_text() == "dear"
    assert (library / "letters/letter.txt").read_text() == "dear"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://", "'http://' is no address"),
        ("http://user:pass@host/x", "an address of a mirror has no password"),
        ("https://host/x?y=1", "an address of a mirror has no password, no ? and no #"),
        ("http://host:99999/x", "is no address"),
        ("http://ho st/x", "is no address"),
        ("http://127.0.0.1:9/x", "cannot reach http://127.0.0.1:9/x: connection refused"),
        ("file:///etc", "'file:///etc' is no place that models come from"),
    ],
)
def test_an_address_that_is_none_gets_one_sentence(
    library: Path, rtgen: Rtgen, address: str, says: str
) -> None:
    outcome = rtgen("models", "pull", address)
    refused(outcome, says)
    assert "pass" not in outcome.err.replace("password", "")

"""A checkpoint by its name on a hub: only the files that are read come, and only for a while."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtgen.bundle.load import load_bundle
from tests.cli.conftest import Rtgen
from tests.fakes.hub import TOKEN, Hub

FILES = {"gen_ema.h5": "gen_ema.h5", "dec.h5": "ae/dec.h5", "dec2.h5": "ae/dec2.h5"}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub() as there:
        monkeypatch.setenv("HF_ENDPOINT", there.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield there


@pytest.fixture
def files(folders: dict[str, Path]) -> dict[str, bytes]:
    return {name: (folders["small"] / path).read_bytes() for name, path in FILES.items()}


def test_a_published_checkpoint_is_imported_by_its_name(
    hub: Hub,
    files: dict[str, bytes],
    bundles: dict[str, Path],
    tmp_path: Path,
    rtgen: Rtgen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rtgen.bundle.fetch.PAUSES_SECONDS", (0.0,))
    decoders = {name: files[name] for name in ("dec.h5", "dec2.h5")}
    hub.add("me/musika_techno", {"gen_ema.h5": files["gen_ema.h5"], "opt_dec.npy": b"\x80"})
    hub.add("me/musika_ae", decoders)
    card = b"---\nlicense: mit\ntags: [musika]\n---\n"
    commit = hub.add("me/musika_techno", {**hub.files("me/musika_techno"), "README.md": card})
    hub.faults.cuts["gen_ema.h5"] = [10_000, 0, 0]
    command = ("import", "musika", "me/musika_techno", "--decoders", "me/musika_ae")
    broken = rtgen(*command, "-o", tmp_path / "lib/small")
    assert broken.code == 2
    assert "hint: the same command goes on from what has come\n" in broken.err
    hub.sent.clear()
    done = rtgen(*command, "-o", tmp_path / "lib/small")
    assert (done.code, done.out.strip()) == (0, str(tmp_path / "lib/small")), done.err
    (answer,) = hub.bodies("gen_ema.h5")
    assert answer.headers["range"] == "bytes=10000-"
    assert not any(sent.name == "opt_dec.npy" for sent in hub.sent)
    assert [p.name for p in (tmp_path / "lib").iterdir()] == ["small"]
    made, local = load_bundle(tmp_path / "lib/small"), load_bundle(bundles["small"])
    assert made.graphs == local.graphs, "the same as from a folder"
    assert made.manifest.training["imported from"] == f"hf://me/musika_techno@{commit}"


def test_decoders_are_found_beside_and_the_hubs_licence_is_kept(
    hub: Hub, files: dict[str, bytes], tmp_path: Path, rtgen: Rtgen
) -> None:
    there = {"checkpoints/one/gen_ema.h5": files["gen_ema.h5"]}
    there |= {f"checkpoints/ae/{name}": files[name] for name in ("dec.h5", "dec2.h5")}
    there["README.md"] = b"---\nlicense: cc-by-4.0\n---\n"
    hub.add("me/all", there)
    place = "hf://me/all/checkpoints/one"
    done = rtgen("import", "musika", place, "-o", tmp_path / "one")
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "one/manifest.json").read_text())
    assert manifest["licence"] == "cc-by-4.0"


@pytest.mark.parametrize(
    ("there", "says"),
    [
        ({"README.md": b"x"}, "hf://me/x has no gen_ema.h5"),
        ({"gen_ema.h5": b"x"}, "hf://me/x has no dec.h5 and dec2.h5"),
        (
            {"gen_ema.h5": b"", "dec.h5": b"x", "dec2.h5": b"x"},
            "has 0 bytes, which no Musika model",
        ),
        ({"gen_ema.h5": b"\x80\x04x", "dec.h5": b"x", "dec2.h5": b"x"}, "gen_ema.h5 is a pickle"),
        ({"gen_ema.h5": b"x", "dec.h5": b"x", "dec2.h5": b"x"}, "gen_ema.h5 is not an HDF5 file"),
    ],
)
def test_a_repository_of_something_else_gets_one_sentence(
    hub: Hub, tmp_path: Path, rtgen: Rtgen, there: dict[str, bytes], says: str
) -> None:
    hub.add("me/x", there)
    refused = rtgen("import", "musika", "me/x", "-o", tmp_path / "x")
    assert refused.code == 2
    assert says in refused.err.splitlines()[0]
    assert len(refused.err.splitlines()) <= 2
    assert list(tmp_path.iterdir()) == []


def test_an_absurd_size_and_a_wrong_checksum_are_refused(
    hub: Hub, files: dict[str, bytes], tmp_path: Path, rtgen: Rtgen
) -> None:
    hub.add("me/x", files)
    hub.faults.instead["dec2.h5"] = files["dec2.h5"][::-1]
    refused = rtgen("import", "musika", "me/x", "-o", tmp_path / "x")
    assert refused.code == 2
    assert refused.err.startswith("error: dec2.h5 of hf://me/x does not match its checksum\n")
    hub.repos["me/x"].extra = [{"rfilename": "gen_ema.h5", "size": 1 << 50}]
    refused = rtgen("import", "musika", "me/x", "-o", tmp_path / "y")
    assert refused.code == 2
    assert "which no Musika model has" in refused.err
    assert not any((tmp_path / name).exists() for name in "xy")

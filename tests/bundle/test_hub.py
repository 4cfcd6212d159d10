"""Pull and push through huggingface_hub, against a server that speaks the hub's protocol."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rtgen.bundle.load import load_bundle
from rtgen.stream.renderer import Renderer, Voice
from rtgen.timeline.events import ControlTimeline
from tests.cli.conftest import Rtgen
from tests.fakes.hub import TOKEN, Hub
from tests.fakes.tiny_bundle import write_tiny

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
"""Of huggingface_hub, about itself."""


def listed_files(folder: Path) -> dict[str, bytes]:
    names = ["manifest.json", *load_bundle(folder).manifest.files]
    return {name: (folder / name).read_bytes() for name in names}


def test_what_was_pushed_and_pulled_is_the_same_and_plays(
    hub: Hub, library: Path, tiny_folder: Path, tmp_path: Path, rtgen: Rtgen
) -> None:
    first = rtgen("models", "push", tiny_folder, "me/tiny")
    assert first.code == 0, first.err
    assert first.out.strip() == f"hf://me/tiny@{hub.repos['me/tiny'].branches['main']}"
    pulled = rtgen("models", "pull", "me/tiny")
    assert pulled.out.strip() == str(library / "tiny")
    again = rtgen("models", "push", "tiny", "me/again")
    assert again.err == "", "the card is complete by now"
    assert rtgen("models", "pull", "me/again", "--as", "copy").code == 0
    assert listed_files(library / "copy") == listed_files(library / "tiny")
    sounds = [
        Renderer(load_bundle(f)).render(Voice(3), ControlTimeline(), 0, 8)
        for f in (tiny_folder, library / "copy")
    ]
    assert np.array_equal(*sounds)
    assert sounds[0].std() > 0.001
    played = rtgen("render", "-m", "copy", "--seconds", 1, "-o", tmp_path / "x.wav")
    assert (played.code, played.err) == (0, "")


def test_a_bundle_whose_card_is_complete_travels_byte_by_byte(
    hub: Hub, library: Path, bundle_copy: Path, rtgen: Rtgen
) -> None:
    assert rtgen("models", "push", bundle_copy, "me/techno").err == ""
    assert rtgen("models", "pull", "me/techno").code == 0
    assert listed_files(library / "techno") == listed_files(bundle_copy)
    assert set(hub.files("me/techno")) == {".gitattributes", *listed_files(bundle_copy)}


def test_the_card_that_is_pushed_says_licence_and_training(
    hub: Hub, tiny_folder: Path, rtgen: Rtgen
) -> None:
    before = listed_files(tiny_folder)
    done = rtgen("models", "push", tiny_folder, "me/tiny", "--licence", "CC-BY-NC-4.0")
    assert "the card lacked something" in done.err
    card = hub.files("me/tiny")["README.md"].decode()
    assert card.startswith("---\nlicense: cc-by-nc-4.0\ntags: [music-generation, onnx, rtgen]\n---")
    assert "Random numbers, for tests." in card
    assert "## Training\n- steps: 0" in card
    assert json.loads(hub.files("me/tiny")["manifest.json"])["licence"] == "CC-BY-NC-4.0"
    assert listed_files(tiny_folder) == before, "the bundle itself is left alone"


def test_without_a_licence_nothing_is_published(
    hub: Hub, tiny_folder: Path, tmp_path: Path, rtgen: Rtgen
) -> None:
    from rtgen.bundle.write import write_manifest
    from tests.fakes.tiny_bundle import facts

    folder = shutil.copytree(tiny_folder, tmp_path / "tiny")
    write_manifest(folder, facts() | {"licence": "unknown"})
    refused = rtgen("models", "push", folder, "me/tiny")
    assert refused.code == 2
    assert "says no licence" in refused.err
    assert hub.repos == {}


def test_a_revision_is_pinned_and_recorded(
    hub: Hub, library: Path, tiny_folder: Path, tmp_path: Path, rtgen: Rtgen
) -> None:
    old = hub.add_folder("me/tiny", tiny_folder)
    hub.repos["me/tiny"].branches["v1"] = old
    new = hub.add_folder("me/tiny", write_tiny(tmp_path / "newer", "newer"))
    for index, (asked, commit, name) in enumerate(
        [
            (("me/tiny",), new, "newer"),
            (("me/tiny@v1",), old, "tiny"),
            (("me/tiny", "--revision", "v1"), old, "tiny"),
            (("hf://me/tiny", "--revision", old), old, "tiny"),
        ]
    ):
        got = rtgen("models", "pull", *asked, "--as", f"model-{index}")
        assert got.code == 0, got.err
        told = json.loads(rtgen("models", "info", f"model-{index}", "--json").out)
        assert told["name"] == name
        assert told["origin"]["commit"] == commit
        assert told["origin"]["place"] == "hf://me/tiny"
    revisions = [
        json.loads(rtgen("models", f"model-{k}").out)["origin"]["revision"] for k in range(4)
    ]
    assert revisions == [None, "v1", "v1", old]
    missing = rtgen("models", "pull", "me/tiny@v9")
    assert missing.code == 2
    assert missing.err == "error: hf://me/tiny has no revision 'v9'\n"


def test_what_is_here_already_is_not_fetched_again(
    hub: Hub, library: Path, tiny_folder: Path, rtgen: Rtgen
) -> None:
    hub.add_folder("me/tiny", tiny_folder)
    rtgen("models", "pull", "me/tiny")
    hub.sent.clear()
    again = rtgen("models", "pull", "me/tiny")
    assert again.code == 0
    assert "it is here already, and all checksums match" in again.err
    assert {s.name for s in hub.sent if "/resolve/" in s.path} == {"manifest.json"}


def test_another_model_of_that_name_is_kept_unless_told(
    hub: Hub, library: Path, tiny_folder: Path, tmp_path: Path, rtgen: Rtgen
) -> None:
    hub.add_folder("me/tiny", tiny_folder)
    rtgen("models", "pull", "me/tiny")
    before = listed_files(library / "tiny")
    hub.add_folder("you/tiny", write_tiny(tmp_path / "tiny", "newer"))
    refused = rtgen("models", "pull", "you/tiny", "--as", "tiny")
    assert refused.code == 2
    assert "is there already, and is another bundle" in refused.err
    assert listed_files(library / "tiny") == before
    assert rtgen("models", "pull", "you/tiny", "--as", "tiny", "-y").code == 0
    assert load_bundle(library / "tiny").manifest.name == "newer"
    assert [p.name for p in library.iterdir()] == ["tiny"]


def test_files_that_belong_to_no_bundle_stay_where_they_are(
    hub: Hub, library: Path, tiny_folder: Path, rtgen: Rtgen
) -> None:
    hub.add_folder("me/tiny", tiny_folder)
    files = hub.files("me/tiny") | {"optimiser.pt": b"\x80\x04", "notes/a.md": b"x"}
    hub.add("me/tiny", files)
    got = rtgen("models", "pull", "me/tiny")
    assert got.code == 0
    assert "left there, being no part of the model: notes/a.md, optimiser.pt" in got.err
    assert not any(s.name in ("optimiser.pt", "a.md") for s in hub.sent)


def test_a_model_may_lie_in_a_folder_of_a_repository(
    hub: Hub, library: Path, tiny_folder: Path, rtgen: Rtgen
) -> None:
    files = {f"models/tiny/{p.name}": p.read_bytes() for p in tiny_folder.iterdir()}
    hub.add("me/many", {"README.md": b"two models"} | files)
    got = rtgen("models", "pull", "hf://me/many/models/tiny")
    assert (got.code, got.out.strip()) == (0, str(library / "tiny")), got.err


def test_an_earlier_bundles_files_go_and_a_strangers_stay(
    hub: Hub, bundle_copy: Path, tiny_folder: Path, rtgen: Rtgen
) -> None:
    rtgen("models", "push", bundle_copy, "me/model")
    hub.add("me/model", hub.files("me/model") | {"picture.png": b"png"})
    assert rtgen("models", "push", tiny_folder, "me/model", "-m", "smaller").code == 0
    assert set(hub.files("me/model")) == {
        *(".gitattributes", "picture.png", "manifest.json", "README.md"),
        *("generator.onnx", "decoder.onnx"),
    }
    assert hub.repos["me/model"].messages[-1] == "smaller"


def test_a_repository_of_something_else_is_not_overwritten(
    hub: Hub, tiny_folder: Path, rtgen: Rtgen
) -> None:
    hub.add("me/llm", {"config.json": b"{}", "model.safetensors": b"w"})
    before = hub.files("me/llm")
    refused = rtgen("models", "push", tiny_folder, "me/llm")
    assert refused.code == 2
    assert refused.err.startswith("error: hf://me/llm holds something else: config.json\n")
    assert hub.files("me/llm") == before


def test_large_files_that_are_there_are_not_sent_twice(
    hub: Hub, tiny_folder: Path, rtgen: Rtgen
) -> None:
    rtgen("models", "push", tiny_folder, "me/tiny")
    sizes = sorted(p.stat().st_size for p in tiny_folder.glob("*.onnx"))
    assert sorted(hub.uploaded) == sizes
    again = rtgen("models", "push", tiny_folder, "me/tiny", "--licence", "MIT")
    assert again.code == 0
    assert sorted(hub.uploaded) == sizes


def test_a_branch_is_made_for_a_revision(hub: Hub, tiny_folder: Path, rtgen: Rtgen) -> None:
    assert rtgen("models", "push", tiny_folder, "me/tiny", "--revision", "v2").code == 0
    assert "manifest.json" in hub.files("me/tiny", "v2")
    assert "manifest.json" not in hub.files("me/tiny")


def test_the_hub_is_asked_for_models_of_ours(hub: Hub, tiny_folder: Path, rtgen: Rtgen) -> None:
    rtgen("models", "push", tiny_folder, "me/tiny")
    rtgen("models", "push", tiny_folder, "you/other")
    hub.add("me/llm", {"README.md": b"---\nlicense: mit\n---\n"})
    assert rtgen("models", "list", "--from", "hf://me").out.split()[:2] == [
        "me/tiny",
        "apache-2.0,",
    ]
    rows = json.loads(rtgen("models", "list", "--from", "hf://", "--json").out)
    assert [row["name"] for row in rows] == ["me/tiny", "you/other"]
    rows = json.loads(rtgen("models", "list", "--from", "hf://", "--search", "oth", "--json").out)
    assert [row["name"] for row in rows] == ["you/other"]


def test_a_model_is_described_before_it_is_pulled(
    hub: Hub, library: Path, tiny_folder: Path, rtgen: Rtgen
) -> None:
    commit = hub.add_folder("me/tiny", tiny_folder)
    told = json.loads(rtgen("models", "info", "me/tiny", "--json").out)
    assert (told["licence"], told["commit"]) == ("Apache-2.0", commit)
    shown = rtgen("models", "info", "tiny", "--from", "hf://me").out
    assert "licence    Apache-2.0\n" in shown
    assert "training   steps: 0\n" in shown
    assert not library.exists()
    assert {s.name for s in hub.sent if "/resolve/" in s.path} == {"manifest.json"}


def test_a_private_model_needs_the_token_which_is_told_to_nobody_else(
    hub: Hub, library: Path, tiny_folder: Path, rtgen: Rtgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = rtgen("models", "push", tiny_folder, "me/tiny", "--private")
    assert hub.repos["me/tiny"].private
    got = rtgen("models", "pull", "me/tiny")
    assert got.code == 0
    elsewhere = [s for s in hub.sent if s.path.startswith("/elsewhere/")]
    assert len(elsewhere) == 2
    assert not any("authorization" in s.headers for s in elsewhere)
    record = (library / "tiny" / ".origin.json").read_text()
    monkeypatch.setenv("HF_TOKEN", "hf_another_token")
    refusals = [
        rtgen("models", "pull", "me/tiny", "--as", "x"),
        rtgen("models", "push", tiny_folder, "me/new"),
    ]
    for refused in refusals:
        assert refused.code == 2
        assert "hint: `hf auth login`, or a token in HF_TOKEN\n" in refused.err
        assert len(refused.err.splitlines()) == 2
    shown = "".join(o.out + o.err for o in (done, got, *refusals)) + record
    assert TOKEN not in shown
    assert "hf_another_token" not in shown

"""What the hub does not have or give, and what it is not asked: one sentence each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rtgen.cli import checks
from tests.cli.conftest import Rtgen
from tests.fakes.hub import Hub


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("pull", "me/none"), "hf://me/none is not there, or not open to you"),
        (("pull", "me/empty"), "hf://me/empty is no bundle of ours: it has no manifest.json"),
        (("pull", "me/torch"), "is no bundle of ours: it holds pytorch_model.bin, a pickle"),
        (("pull", "me/musika"), "hf://me/musika is a Musika checkpoint"),
        (("pull", "polka"), "where is 'polka' to come from?"),
        (("pull", "me/../x"), "'me/../x' is no place that models come from"),
        (("pull", "ftp://me/x"), "'ftp://me/x' is no place that models come from"),
        (("pull", "X", "--from", "hf://"), "hf:// has no owner"),
        (("pull", "me/tiny", "--as", "../x"), "'../x' cannot name a model"),
        (("push", "polka", "me/x"), "no model 'polka'"),
        (("push", "{tiny}", "https://host/x"), "cannot push to https://host/x"),
        (("push", "{tiny}", "me/x", "--licence", "a\nb"), "that is no name of a licence"),
        (("list", "--from", "me/x"), "'me/x' is one model, or a folder that is not there"),
        (("list", "--from", "hf://a/b"), "'hf://a/b' is no owner on the hub"),
        (("info", "polka"), "no model 'polka'"),
        (("verify", "polka"), "no model 'polka'"),
    ],
)
def test_bad_input_gets_one_sentence(
    hub: Hub, library: Path, tiny_folder: Path, rtgen: Rtgen, asked: tuple[str, ...], says: str
) -> None:
    hub.add("me/empty", {"README.md": b"x"})
    hub.add("me/torch", {"README.md": b"x", "pytorch_model.bin": b"\x80"})
    hub.add("me/musika", {"gen_ema.h5": b"x", "opt_dec.npy": b"x"})
    hub.add_folder("me/tiny", tiny_folder)
    refused = rtgen("models", *(a.format(tiny=tiny_folder) for a in asked))
    assert refused.code == 2
    assert refused.err.startswith(f"error: {says}") or says in refused.err.splitlines()[0]
    assert len(refused.err.splitlines()) <= 2
    assert refused.out == ""
    assert not library.exists()


def run_apart(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """`rtgen` in a process of its own: the library reads some switches when it is imported."""
    return subprocess.run(
        [sys.executable, "-m", "rtgen.cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | environment,
    )


def test_offline_means_that_the_hub_is_not_asked(
    hub: Hub, library: Path, tiny_folder: Path
) -> None:
    for verb in (("pull", "me/tiny"), ("push", tiny_folder, "me/tiny")):
        done = run_apart("models", *verb, HF_HUB_OFFLINE="1")
        assert done.returncode == 2
        assert done.stderr.startswith("error: HF_HUB_OFFLINE is set, so the hub is not asked\n")
    assert hub.sent == []


def test_a_hub_that_is_not_there_is_said_to_be(
    library: Path, rtgen: Rtgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    refused = rtgen("models", "pull", "me/tiny")
    assert refused.code == 2
    assert refused.err.startswith("error: cannot reach hf://me/tiny: ")
    assert len(refused.err.splitlines()) == 2


def test_without_the_extra_its_name_is_said(
    library: Path, rtgen: Rtgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtgen.bundle.hub.find_spec", lambda _name: None)
    refused = rtgen("models", "pull", "me/tiny")
    assert refused.code == 2
    assert refused.err == "error: the hub needs huggingface_hub\nhint: pip install 'rtgen[hub]'\n"


def test_doctor_says_whether_there_is_a_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_a_secret")
    found = checks.hub()
    assert found.word == "good"
    assert found.found.endswith(", a token")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert checks.hub().found == "HF_HUB_OFFLINE is set"
    monkeypatch.setattr("rtgen.bundle.hub.find_spec", lambda _name: None)
    assert checks.hub().to_do.endswith("pip install 'rtgen[hub]'")

"""What is no checkpoint of ours is refused in one sentence, and nothing is written."""

import json
import pickle

import pytest
import torch
from safetensors.torch import save_file

from rtgen.errors import CheckpointError
from rtgen.nets.autoencoder import Autoencoder
from rtgen.nets.checkpoint_file import open_checkpoint
from rtgen.nets.generator import Generator
from rtgen.nets.recipe import AutoencoderRecipe, GeneratorRecipe
from rtgen.train.checkpoints import save_checkpoint

WORDS = {
    "a pickle": "is no checkpoint",
    "nothing": "is no checkpoint",
    "cut off": "is no checkpoint",
    "without facts": "is no checkpoint",
    "facts that are no JSON": "is no checkpoint",
    "facts that are a list": "does not say how far",
    "no steps": "does not say how far",
    "another net": "is a checkpoint of another net",
    "absurd sizes": "is a checkpoint of another net",
    "other tensors": "does not hold the net 'best'",
}


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('the pickle ran')",))


def broken(path, kind):
    tensors = {"best/write.bias": torch.zeros(64)}
    recipe = Generator().recipe.model_dump()
    facts = {"step": 5, "recipe": recipe}
    if kind == "a pickle":
        return path.write_bytes(pickle.dumps(Bomb()))
    if kind == "nothing":
        return path.write_bytes(b"")
    if kind == "without facts":
        return save_file(tensors, path)
    if kind == "facts that are no JSON":
        return save_file(tensors, path, metadata={"facts": "{"})
    if kind == "another net":
        facts["recipe"] = {"wings": 2}
    if kind == "absurd sizes":
        facts["recipe"] = recipe | {"head_channels": 10**7}
    if kind == "no steps":
        del facts["step"]
    said = json.dumps([facts] if kind == "facts that are a list" else facts)
    save_file(tensors, path, metadata={"facts": said})
    if kind == "cut off":
        path.write_bytes(path.read_bytes()[:-20])
    return None


def into_a_net(path):
    file = open_checkpoint(path)
    file.fill(Generator(file.recipe(GeneratorRecipe)), "best")


@pytest.mark.parametrize("kind", WORDS)
def test_what_is_no_checkpoint_is_refused_in_a_sentence(tmp_path, kind):
    path = tmp_path / "gan.safetensors"
    broken(path, kind)
    with pytest.raises(CheckpointError, match=WORDS[kind]):
        into_a_net(path)


def test_the_command_says_it_and_writes_nothing(rtgen, tmp_path):
    recipe = AutoencoderRecipe(inner_channels=8, outer_channels=8)
    save_checkpoint(
        tmp_path / "autoencoder.safetensors",
        {"average": Autoencoder(recipe)},
        {},
        {"step": 1, "recipe": recipe.model_dump()},
    )
    broken(tmp_path / "gan.safetensors", "a pickle")
    words = ("--autoencoder", tmp_path / "autoencoder.safetensors")
    words += ("--gan", tmp_path / "gan.safetensors", "--out", tmp_path / "out")
    said = rtgen("export", *words)
    assert said.code == 2
    assert "is no checkpoint" in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "out").exists()

"""What `--help` says of options, and `rtgen models info` of controls."""

import pytest
import typer

from rtgen.cli.main import app
from rtgen.timeline.controls import NAMES


def leaves(command, path=()):
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, below in command.commands.items():
        yield from leaves(below, (*path, name))


VERBS = dict(leaves(typer.main.get_command(app)))
MAKING = {"corpus", "train", "export", "encode", "finetune", "attune", "evaluate", "bench"}
MAKING |= {"presets", "settle"}


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb[0] in MAKING], ids=" ".join)
def test_every_option_says_what_it_is_for(verb):
    assert [p.name for p in VERBS[verb].params if not p.help] == []


def test_the_rate_of_learning_is_not_called_as_that_of_samples():
    options = {option for p in VERBS["finetune",].params for option in p.opts}
    assert "--learning-rate" in options
    assert "--rate" not in options


def test_controls_are_told_with_their_defaults(rtgen, techno):
    told = rtgen("models", "info", techno.folder)
    lines = dict(line.split(maxsplit=1) for line in told.out.splitlines())
    assert lines.keys() >= set(NAMES)
    assert lines["density"] == "0 to 18 onsets/s, default 7"
    assert lines["energy"] == "0 to 1, default 0.65"
    assert lines["chroma"] == "any of C Db D Eb E F Gb G Ab A Bb B, default any"

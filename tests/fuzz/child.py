"""The process in which atheris fuzzes one target, with libFuzzer's options after its name."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import types

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import atheris

from tests.fuzz import json_mutation, protobuf_mutation
from tests.fuzz.reached import reached
from tests.fuzz.targets import TARGETS

INSTRUMENTED = ("rtgen.", "mido.", "pythonosc.")
NOT_INSTRUMENTED = "rtgen.timeline.passage"
"""Compares arrays. atheris 3.0 never lets go of what a comparison that it counts came to: a few
kilobytes for every song."""


def instrument() -> None:
    """Count the branches of what is loaded; import hooks miss what an editable install finds."""
    for found in gc.get_objects():
        if not isinstance(found, types.FunctionType) or found.__module__ == NOT_INSTRUMENTED:
            continue
        if str(found.__module__).startswith(INSTRUMENTED):
            atheris.instrument_func(found)


def mutator(name: str, module: object) -> json_mutation.Mutate | None:
    """How inputs of a target are changed, where libFuzzer's own way reaches little."""

    def bytes_of_it(data: bytes, most: int) -> bytes:
        return bytes(atheris.Mutate(data, most))

    if name == "onnx_graph":
        return protobuf_mutation.mutator(bytes_of_it)
    words = getattr(module, "WORDS", None)
    if words is None:
        return None
    as_json = json_mutation.mutator(words, bytes_of_it)
    return json_mutation.of_a_line(as_json, skip=2 if name == "handshake" else 0)


def main(name: str, *options: str) -> None:
    """Fuzz until libFuzzer has had enough."""
    module = importlib.import_module(f"tests.fuzz.{name}")
    hit, of = reached(TARGETS[name])  # before counting, since it loads what is loaded late
    print(f"reader: {hit} of {of} lines", file=sys.stderr)
    instrument()
    given = {} if (own := mutator(name, module)) is None else {"custom_mutator": own}
    atheris.Setup([sys.argv[0], *options], module.one_input, **given)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Which lines of a reader the kept inputs of a target in Python reach."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from tests.fuzz.targets import Target

Lines = dict[str, set[int]]
"""By file."""


def lines_to_reach(modules: tuple[str, ...]) -> Lines:
    """Lines inside of functions, but for those that run when a module is imported."""
    found: Lines = {}
    for name in modules:
        module = importlib.import_module(name)
        path = str(module.__file__)
        code = compile(inspect.getsource(module), path, "exec")
        with watched({path: set()}) as at_import:
            exec(code, {"__name__": name, "__file__": path})
        found[path] = _inside(code) - at_import[path]
    return found


def _inside(code: CodeType) -> set[int]:
    found = set()
    if code.co_flags & inspect.CO_OPTIMIZED:  # a function, no class
        found = {line for *_, line in code.co_lines() if line and line != code.co_firstlineno}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _inside(constant)
    return found


@contextmanager
def watched(files: Lines) -> Iterator[Lines]:
    """Lines of some files that run meanwhile, in this thread."""
    seen: Lines = {path: set() for path in files}

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        lines = seen.get(frame.f_code.co_filename)
        if lines is None:
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield seen
    finally:
        sys.settrace(before)


def reached(target: Target) -> tuple[int, int]:
    """How many lines of its reader the kept inputs of a target reach, and of how many."""
    one_input = importlib.import_module(f"tests.fuzz.{target.name}").one_input
    files = lines_to_reach(target.reader)
    with watched(files) as seen:
        for path in target.kept():
            one_input(path.read_bytes())
    hit = sum(len(seen[path] & lines) for path, lines in files.items())
    return hit, sum(map(len, files.values()))

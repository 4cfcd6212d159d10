"""The locks hold every package that is wanted, in the version that is wanted, each by its hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / ".ci" / "locks"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
AGAIN = "run `make locks`"
ENTRY = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)==(\S+)( ; [^\\]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$"
)


def entries(name: str) -> dict[str, str]:
    """Versions by package; nothing else may be in a lock."""
    found = {}
    for block in re.split(r"\n(?=\S)", (LOCKS / name).read_text().strip()):
        entry = ENTRY.match(block)
        assert entry is not None, f"{name}: {block[:80]}"
        found[entry[1]] = entry[2]
    return found


def wanted(*extras: str) -> list[Requirement]:
    """What the project asks for, extras of extras as well."""
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += EXTRAS[extra]
    out = []
    for requirement in map(Requirement, lines):
        if requirement.name == PROJECT["name"]:
            out += wanted(*sorted(requirement.extras))
        else:
            out.append(requirement)
    return out


@pytest.mark.parametrize("path", sorted(LOCKS.iterdir()), ids=lambda path: path.name)
def test_a_lock_holds_versions_and_hashes_and_names_no_place(path: Path) -> None:
    assert entries(path.name)
    assert "://" not in path.read_text()
    assert "--index-url" not in path.read_text()


@pytest.mark.parametrize(
    ("lock", "extras"), [("play", ()), ("test", ("train", "dev")), ("docs", ("docs",))]
)
def test_everything_that_is_asked_for_is_locked(lock: str, extras: tuple[str, ...]) -> None:
    locked = entries(f"{lock}.lock")
    if lock == "test":
        locked |= entries("torch-cpu.lock")
        assert entries("torch.lock")["torch"] == locked["torch"].removesuffix("+cpu")
    for requirement in wanted(*extras):
        name = canonicalize_name(requirement.name)
        assert name in locked, f"{name} is not in {lock}.lock: {AGAIN}"
        assert requirement.specifier.contains(locked[name]), f"{name} {locked[name]}: {AGAIN}"


def test_the_locks_agree_with_the_constraints() -> None:
    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().split() if line
    )
    for lock in ("play", "test", "docs", "torch"):
        locked = entries(f"{lock}.lock")
        for name, version in pinned.items():
            key = canonicalize_name(name)
            assert locked.get(key, version) == version, f"{key} in {lock}.lock: {AGAIN}"


def test_what_is_played_with_is_what_is_tested() -> None:
    assert entries("play.lock").items() <= entries("test.lock").items()

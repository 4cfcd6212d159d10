"""The command line, as the tests of `cli` have it."""

from __future__ import annotations

from tests.cli.conftest import rtgen

__all__ = ["rtgen"]

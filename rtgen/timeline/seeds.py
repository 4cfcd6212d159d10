"""Seeds: the numbers that styles and voices are known by."""

from __future__ import annotations

import secrets

LARGEST_SEED = 2**64 - 1
DRAWN_SEEDS = 2**31
"""Those that are drawn by chance are below this: short enough to read out, and OSC can say them."""


def drawn_seed() -> int:
    """A seed by chance."""
    return secrets.randbelow(DRAWN_SEEDS)

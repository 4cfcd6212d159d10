"""What a MIDI file has no message for, as markers that other programs show and leave alone.

A marker is the word `rtgen` and facts, `name=value`, with spaces between them.
"""

from __future__ import annotations

WORD = "rtgen"
NONE = "none"
TICKS_PER_BEAT = 960


def mark(**facts: object) -> str:
    """The text of a marker."""
    return " ".join([WORD, *(f"{name}={value}" for name, value in facts.items())])


def read_mark(text: str) -> dict[str, str]:
    """The facts of a marker; none if it is not ours."""
    word, *facts = text.split(" ")
    if word != WORD:
        return {}
    return dict(fact.partition("=")[::2] for fact in facts)

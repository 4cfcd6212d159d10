"""The parts of a model card that hubs read: a head with licence and tags, and facts of training."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from rtgen.bundle.manifest import Manifest

CARD = "README.md"
TAGS = ("music-generation", "onnx", "rtgen")
UNKNOWN = "unknown"
_WORDS = (
    "agpl-3.0 apache-2.0 artistic-2.0 bsd-2-clause bsd-3-clause bsl-1.0 cc cc-by-2.0 cc-by-2.5 "
    "cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 "
    "cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 "
    "cc0-1.0 epl-2.0 eupl-1.1 eupl-1.2 gpl-2.0 gpl-3.0 isc lgpl-2.1 lgpl-3.0 mit mpl-2.0 odbl "
    "osl-3.0 other unknown unlicense wtfpl zlib"
)
HUB_LICENCES = frozenset(_WORDS.split())
"""Words that hubs know; any other licence is given by name."""
TRAINING = "## Training"
_HEAD = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
_LICENCE = re.compile(r"^license(?:_name)?:.*\n", re.MULTILINE)
_TAGGED = re.compile(r"^tags:(.*)$", re.MULTILINE)


def licence_lines(licence: str) -> str:
    """A licence as hubs want it told."""
    word = licence.lower()
    if word in HUB_LICENCES:
        return f"license: {word}\n"
    return f"license: other\nlicense_name: {json.dumps(licence)}\n"


def head(licence: str, *more: str) -> str:
    """What stands before the text of a card.

    Parameters
    ----------
    more : tags besides those of every model of ours.
    """
    return f"---\n{licence_lines(licence)}tags: [{', '.join((*TAGS, *more))}]\n---\n"


def training_facts(training: Mapping[str, str | int | float]) -> str:
    """The facts of training as a list."""
    return "\n".join(f"- {key}: {value}" for key, value in training.items()) or "- nothing is told"


def completed(text: str, manifest: Manifest) -> str:
    """A card that says at least licence, tags and facts of training; nothing is taken from it.

    Parameters
    ----------
    text : the card so far; may be empty.
    """
    found = _HEAD.match(text)
    if found is None:
        body, before = text, head(manifest.licence)
        if not body.strip():
            body = f"# {manifest.name}\n\nAn rtgen bundle of the style {manifest.style}.\n"
    else:
        body, before = text[found.end() :], f"---\n{_mended(found[1], manifest.licence)}---\n"
    if TRAINING not in body:
        body = f"{body.rstrip()}\n\n{TRAINING}\n{training_facts(manifest.training)}\n"
    return before + body


def _mended(lines: str, licence: str) -> str:
    """The lines of a head with this licence, and with our tag among the others."""
    wanted = licence_lines(licence)
    if "".join(_LICENCE.findall(lines)) != wanted:
        lines = wanted + _LICENCE.sub("", lines)
    tags = _TAGGED.search(lines)
    if tags is None:
        return f"{lines}tags: [{', '.join(TAGS)}]\n"
    if re.search(r"^tags:[^:]*\brtgen\b", lines, re.MULTILINE):
        return lines
    inline = tags[1].strip().startswith("[")
    more = f"tags: [rtgen, {tags[1].strip()[1:]}" if inline else f"{tags[0]}\n- rtgen"
    return lines[: tags.start()] + more + lines[tags.end() :]

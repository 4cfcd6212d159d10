"""A card says licence, tags and training, and loses nothing of what it said before."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rtgen.bundle.card import completed, head
from rtgen.bundle.load import Bundle
from rtgen.bundle.manifest import Manifest

MINE = "---\nlanguage: en\nlicense: mit\n{}---\n# Mine\n\nI made it.\n\n## Training\n- long\n"


def front(card: str) -> dict[str, object]:
    data: dict[str, object] = yaml.safe_load(card.split("---\n")[1])
    return data


def with_licence(bundle: Bundle, licence: str) -> Manifest:
    return bundle.manifest.model_copy(update={"licence": licence})


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ("", ["music-generation", "onnx", "rtgen"]),
        ("tags: [jazz, slow]\n", ["rtgen", "jazz", "slow"]),
        ("tags:\n- jazz\n- slow\n", ["rtgen", "jazz", "slow"]),
        ("tags: [jazz, rtgen]\n", ["jazz", "rtgen"]),
        ("tags:\n- jazz\n- rtgen\n", ["jazz", "rtgen"]),
    ],
)
def test_the_head_of_a_card_is_mended_not_replaced(
    tiny: Bundle, tags: str, wanted: list[str]
) -> None:
    card = completed(MINE.format(tags), with_licence(tiny, "CC-BY-4.0"))
    assert front(card) == {"language": "en", "license": "cc-by-4.0", "tags": wanted}
    assert card.endswith("---\n# Mine\n\nI made it.\n\n## Training\n- long\n")


def test_a_licence_that_hubs_do_not_know_is_given_by_name(tiny: Bundle) -> None:
    card = completed("", with_licence(tiny, 'My own: "ask" me'))
    assert front(card)["license"] == "other"
    assert front(card)["license_name"] == 'My own: "ask" me'


@given(
    body=st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=200),
    licence=st.text(st.characters(min_codepoint=32, max_codepoint=0x2000), min_size=1, max_size=40),
)
def test_completing_twice_changes_nothing_and_keeps_the_text(
    tiny: Bundle, body: str, licence: str
) -> None:
    manifest = with_licence(tiny, licence)
    once = completed(body, manifest)
    assert completed(once, manifest) == once
    assert body.strip() in once
    assert once.startswith("---\nlicense: ")


def test_the_shipped_card_is_complete(techno: Bundle) -> None:
    card = (Path(techno.folder) / "README.md").read_text()
    assert completed(card, techno.manifest) == card
    assert card.startswith(head("Apache-2.0"))

"""What an error says can be shown, whoever it quotes."""

from __future__ import annotations

from rtgen.control.osc_datagram import Refused
from rtgen.errors import LONGEST_SENTENCE, BundleError


def test_an_error_that_quotes_a_stranger_is_one_line_without_escape_codes() -> None:
    error = BundleError("no model 'a\x1b[2J\n\u202eb\udcff'", hint="try\nthat")
    assert str(error) == "no model 'a\\x1b[2J\\n\\u202eb\\udcff'"
    assert error.hint == "try\\nthat"
    assert str(Refused("no address /\0")) == "no address /\\x00"


def test_an_error_is_not_endless() -> None:
    said = str(BundleError("x" * 10_000))
    assert len(said) == LONGEST_SENTENCE
    assert said.endswith("…")


def test_words_of_any_language_stay_as_they_are() -> None:
    assert str(BundleError("kein Modell 'Größe 音楽'")) == "kein Modell 'Größe 音楽'"

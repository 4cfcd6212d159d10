"""Messages of the page's control socket: the token first, then what steers."""

from __future__ import annotations

from rtgen.control.osc_addresses import ADDRESSES, AddressSpace
from rtgen.web.app import _token
from rtgen.web.control import MOST_ARGUMENTS, parse
from rtgen.web.guard import knows
from tests.fakes.notebook import Notebook
from tests.fuzz.steered import in_range
from tests.fuzz.walls import allowed, walled

SECRET = "correct horse"
WORDS = (*ADDRESSES, "token", SECRET)


def one_input(data: bytes) -> None:
    """Give it as a token, then line by line as messages; a socket's text is always UTF-8."""
    text = data.decode(errors="replace")
    with walled():
        token = _token(text)
        assert knows(SECRET, token) == (token == SECRET)
        assert knows(None, token)
        notebook = Notebook()
        space = AddressSpace(notebook)
        for line in text.split("\n"):
            parsed = allowed(parse, line)
            if parsed is not None:
                path, given = parsed
                assert len(given) <= MOST_ARGUMENTS
                allowed(space.act, path, given)
        in_range(notebook)

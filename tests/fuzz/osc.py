"""OSC datagrams from the network."""

from __future__ import annotations

import pythonosc.osc_message
import pythonosc.parsing.osc_types  # noqa: F401

from rtgen.control.osc_addresses import AddressSpace
from rtgen.control.osc_datagram import MOST_ARGUMENTS, MOST_MESSAGES, messages
from tests.fakes.notebook import Notebook
from tests.fuzz.steered import in_range
from tests.fuzz.walls import allowed, walled


def one_input(data: bytes) -> None:
    """Take it apart, and do what it asks."""
    with walled():
        notebook = Notebook()
        space = AddressSpace(notebook)
        found = allowed(messages, data) or []
        assert len(found) <= MOST_MESSAGES
        for path, given in found:
            assert len(given) <= MOST_ARGUMENTS
            allowed(space.act, path, given)
        in_range(notebook)
        space.release()

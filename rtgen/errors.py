"""Every error that a user can cause, and what to do about it.

RtgenError
├── ControlError   a control's name or value
├── BundleError    a model bundle that is missing, damaged or foreign
├── LibraryError   a library of models, here or elsewhere: out of reach, closed, in the way
├── CheckpointError  a checkpoint, ours or foreign, that cannot be used
├── DeviceError    a sound card, a rate, a recording
├── MidiError      a MIDI port or message
├── RenderError    a request for audio that makes no sense
├── EngineError    the background engine, its socket, its plugins
├── RemoteError    OSC, Ableton Link or the page: a place to listen, a missing extra
└── EvaluationError  a measurement that cannot be made as asked
"""

from __future__ import annotations

LONGEST_SENTENCE = 500


def shown(text: str) -> str:
    """A sentence that may quote a stranger, as a terminal can show it: one line, not endless."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return text if len(text) <= LONGEST_SENTENCE else text[: LONGEST_SENTENCE - 1] + "…"


class RtgenError(Exception):
    """A sentence for the user, the value that was wrong, and a hint what to do.

    Attributes
    ----------
    value : what was wrong, as given.
    hint : what to do, without a full stop, or None.
    """

    def __init__(self, message: str, *, value: object = None, hint: str | None = None) -> None:
        super().__init__(shown(message))
        self.value = value
        self.hint = None if hint is None else shown(hint)


class ControlError(RtgenError):
    """Unknown control, or a value outside its range."""


class BundleError(RtgenError):
    """A bundle that cannot be trusted or used."""


class LibraryError(RtgenError):
    """A library of models that cannot be reached, or cannot take one."""


class CheckpointError(RtgenError):
    """A checkpoint that cannot be read, or is of no known kind."""


class DeviceError(RtgenError):
    """A device, rate or file that cannot take sound."""


class MidiError(RtgenError):
    """A MIDI port that cannot be opened, or MIDI that cannot be read."""


class RenderError(RtgenError):
    """A position or length that cannot be rendered."""


class EngineError(RtgenError):
    """A background engine that cannot start, be reached, or serve a plugin."""


class RemoteError(RtgenError):
    """A way to be steered from outside that cannot be opened."""


class EvaluationError(RtgenError):
    """A measurement that cannot be made as asked."""

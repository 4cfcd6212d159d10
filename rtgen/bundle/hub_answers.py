"""What goes wrong with the hub, in sentences of ours; its library's hold whole answers."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from rtgen.bundle.formats import printable
from rtgen.errors import LibraryError

LOG_IN = "`hf auth login`, or a token in HF_TOKEN"


def endpoint() -> str:
    """Where the hub is: HF_ENDPOINT, or the public one."""
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or str(constants.ENDPOINT)).rstrip("/")


@contextmanager
def told_plainly(what: str, revision: str | None) -> Iterator[None]:
    """Turn what huggingface_hub raises into a LibraryError.

    Parameters
    ----------
    what : the place that was asked for.
    revision : of it, if one was.
    """
    transport = [importlib.import_module(m).HTTPError for m in ("httpx2", "httpx") if find_spec(m)]
    broken = (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, *transport)
    try:
        yield
    except broken as error:
        raise _explained(error, what, revision) from error


def _explained(error: BaseException, what: str, revision: str | None) -> LibraryError:
    from huggingface_hub import errors

    if isinstance(error, RuntimeError) and error.__cause__ is not None:
        return _explained(error.__cause__, what, revision)
    if isinstance(error, errors.RevisionNotFoundError):
        return LibraryError(
            f"{what} has no revision '{printable(revision or '', 80)}'", value=revision
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return LibraryError(f"{what} is not there, or not open to you", value=what, hint=LOG_IN)
    if isinstance(error, errors.HfHubHTTPError):
        code = error.response.status_code
        if code in (401, 403):
            return LibraryError(f"{what} does not let us in", value=code, hint=LOG_IN)
        return LibraryError(f"{what} answers with error {code}", value=code)
    if isinstance(error, errors.HFValidationError):
        return LibraryError(f"no hub can have {what}", value=what, hint="owner/name")
    if isinstance(error, ValueError | KeyError | TypeError | AttributeError):
        return LibraryError(
            f"{what} gives an answer that is none: {printable(str(error)) or 'nothing'}",
            value=endpoint(),
            hint="is that a hub?",
        )
    said = printable(getattr(error, "strerror", None) or str(error) or "no answer")
    return LibraryError(
        f"cannot reach {what}: {said.lower().rstrip('.')}",
        value=endpoint(),
        hint="is the network there? HF_ENDPOINT names another hub",
    )

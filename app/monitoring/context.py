"""For whom this thread works: the request or the task, so that every log line of it can name them."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from typing import Final

REQUEST_ID: ContextVar[str] = ContextVar("lec_request_id", default="")
"""The request that is being answered, or the one that asked for the task that is being done."""
TASK: ContextVar[tuple[str, str]] = ContextVar("lec_task", default=("", ""))
"""Id and name of the task that is being done."""

REQUEST_HEADER: Final = "lec_request_id"
"""The header of a message that names the request that asked for the task."""
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}\Z")
_DIGITS = re.compile(r"(?:\d[._-]?){12,}")


def request_id_of(given: str | None) -> str:
    """The request id that a proxy gave, where it can be one; a new one otherwise.

    It stands in log lines and on error pages: nothing but letters, digits, dots, dashes, and no number as long as an
    ID number.
    """
    if given and _SANE.match(given) and not _DIGITS.search(given):
        return given
    return uuid.uuid4().hex[:16]

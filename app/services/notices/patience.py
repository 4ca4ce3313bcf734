"""Writing down what has happened already, however long the database takes to elect a new primary."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from pymongo.errors import ConnectionFailure, PyMongoError

Written = TypeVar("Written")
log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds; an election takes 10 to 12, and the lease of a delivery is longer."""
PAUSE = 0.5
_PASSING = ("RetryableWriteError", "TransientTransactionError")


def through_election(write: Callable[[], Written], seconds: float = PATIENCE) -> Written:
    """Call `write`, which must do no harm when done twice, until the database takes it. Raises what it raised last.

    Only trouble that goes away is waited for: no primary, a cut connection.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return write()
        except PyMongoError as error:
            passing = isinstance(error, ConnectionFailure) or any(map(error.has_error_label, _PASSING))
            if not passing or time.monotonic() > until:
                raise
            log.warning("the database is away (%s): what came of a delivery is noted again", type(error).__name__)
            time.sleep(PAUSE)

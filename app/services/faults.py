"""Which unexpected errors go away by themselves, and which are mistakes of the program that trying again repeats."""

from __future__ import annotations

from billiard.exceptions import SoftTimeLimitExceeded, WorkerLostError
from kombu.exceptions import OperationalError
from pymongo.errors import (
    ConnectionFailure,
    CursorNotFound,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WTimeoutError,
)
from redis import RedisError

TRANSIENT = (
    ConnectionFailure, CursorNotFound, ExecutionTimeout, WaitQueueTimeoutError, WTimeoutError,  # MongoDB
    RedisError, OperationalError,  # the queue is away
    OSError, MemoryError,  # disk full, network gone, too little memory just now
    SoftTimeLimitExceeded, WorkerLostError,
)  # fmt: skip
RETRIED_LABELS = ("TransientTransactionError", "RetryableWriteError", "UnknownTransactionCommitResult")
TRANSIENT_CODES = frozenset({
    6, 7, 89,  # host unreachable or not found, network timeout
    46, 112, 251, 262,  # lock busy, write conflict, no such transaction, exceeded time limit
    91, 189, 10058, 10107, 11600, 11602, 13435, 13436,  # shutting down, stepping down, not primary
    133, 134, 211, 237, 246,  # majority cannot be read yet, cursor killed, snapshot unavailable
    14031,  # out of disk space
})  # fmt: skip
"""MongoDB's codes of trouble that passes (its error_codes.yml)."""


def is_transient(error: BaseException | None) -> bool:
    """Whether trying again later may succeed without a change of the program; its causes are looked at too."""
    while error is not None:
        if isinstance(error, TRANSIENT) or _passes(error):
            return True
        error = error.__cause__
    return False


def _passes(error: BaseException) -> bool:
    if isinstance(error, PyMongoError) and any(error.has_error_label(label) for label in RETRIED_LABELS):
        return True
    return isinstance(error, OperationFailure) and error.code in TRANSIENT_CODES

"""Which unexpected errors go away by themselves, and which are mistakes of the program that trying again repeats."""

from __future__ import annotations

from collections.abc import Iterator

from billiard.exceptions import SoftTimeLimitExceeded, WorkerLostError
from kombu.exceptions import OperationalError
from pymongo.errors import (
    BulkWriteError,
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
MISTAKEN = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError)
"""Errors of the operating system that say what the program did, not what the machine lacks."""
RETRIED_LABELS = ("TransientTransactionError", "RetryableWriteError", "UnknownTransactionCommitResult")
TRANSIENT_CODES = frozenset({
    6, 7, 89, 279, 9001,  # host unreachable or not found, network timeout, connection gone
    13, 18,  # rights or password while an administrator changes them
    24, 46, 112, 251, 262,  # lock busy, write conflict, no such transaction, exceeded time limit
    91, 189, 10058, 10107, 11600, 11601, 11602, 13435, 13436,  # shutting down, stepping down, not primary, interrupted
    63, 150, 13388,  # the shards' map moved
    133, 134, 175, 211, 225, 237, 239, 246, 290,  # cannot be read yet, cursor or transaction killed, snapshot too old
    14031,  # out of disk space
})  # fmt: skip
"""MongoDB's codes of trouble that passes (its error_codes.yml)."""


def is_transient(error: BaseException | None) -> bool:
    """Whether trying again later may succeed without a change of the program; what led to it is looked at too."""
    while error is not None:
        if _passes(error):
            return True
        # MongoEngine and others raise their own error in place of the database's without naming it as the cause.
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False


def _passes(error: BaseException) -> bool:
    if isinstance(error, TRANSIENT):
        return not isinstance(error, MISTAKEN)
    if isinstance(error, PyMongoError) and any(error.has_error_label(label) for label in RETRIED_LABELS):
        return True
    if isinstance(error, BulkWriteError):
        codes = list(_codes(error))
        return bool(codes) and all(code in TRANSIENT_CODES for code in codes)
    return isinstance(error, OperationFailure) and error.code in TRANSIENT_CODES


def _codes(error: BulkWriteError) -> Iterator[int | None]:
    """The codes of what went wrong with each write, and with keeping them on enough members."""
    for name in ("writeErrors", "writeConcernErrors"):
        for each in (error.details or {}).get(name) or ():
            yield each.get("code")

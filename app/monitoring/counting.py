"""Counts what an operator wants to know: one call for each event, from services, tasks and pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, ParamSpec

from app.queues import ROUTES

log = logging.getLogger(__name__)

P = ParamSpec("P")
OTHER: Final = "other"
METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def _never_in_the_way(count: Callable[P, None]) -> Callable[P, None]:
    """A full disk or a lost folder of counters must not stop what is counted."""

    @wraps(count)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            count(*args, **kwargs)
        except Exception as error:
            log.warning("not counted: %s", type(error).__name__)

    return guarded


def _metrics() -> Any:
    """The metrics, made at the first count: by then the process knows where it keeps them."""
    from app.monitoring import metrics

    return metrics


@_never_in_the_way
def count_process_start() -> None:
    """This process of a program begins to work: more than the program has processes means that some were lost."""
    _metrics().PROCESS_STARTS.inc()


@_never_in_the_way
def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """route: the rule of the address, never the address."""
    metrics = _metrics()
    metrics.REQUESTS.labels(route, method if method in METHODS else OTHER, str(status)).inc()
    metrics.REQUEST_SECONDS.labels(route).observe(seconds)


@_never_in_the_way
def count_upload(change: int) -> None:
    """change: 1 when a request with files has begun, -1 when it has ended."""
    _metrics().UPLOADS.inc(change)


@_never_in_the_way
def count_command(command: str, end: str, seconds: float) -> None:
    """A command to MongoDB; end: "ok" or "failed"."""
    metrics = _metrics()
    metrics.COMMANDS.labels(command, end).inc()
    metrics.COMMAND_SECONDS.labels(command).observe(seconds)


@_never_in_the_way
def count_task(task: str, end: str, seconds: float | None) -> None:
    """A task that a worker has ended; end: Celery's state in small letters."""
    metrics, task = _metrics(), task if task in ROUTES else OTHER
    metrics.TASKS.labels(task, end).inc()
    if seconds is not None:
        metrics.TASK_SECONDS.labels(task).observe(seconds)


@_never_in_the_way
def count_job(kind: str, end: str) -> None:
    """A job that came to an end: kind "report", end "done"."""
    _metrics().JOBS.labels(kind, end).inc()


@_never_in_the_way
def count_mail(end: str) -> None:
    """What came of handing a mail over: "sent", "temporary", "permanent" or "uncertain"."""
    _metrics().MAILS.labels(end).inc()


@_never_in_the_way
def count_import_rows(end: str, rows: int) -> None:
    """Rows that an import has dealt with: "applied", "unchanged" or "undone"."""
    _metrics().IMPORT_ROWS.labels(end).inc(rows)


@_never_in_the_way
def count_sign_in(result: str) -> None:
    """An attempt to sign in: "ok", "refused", "paused" for the account, "limited" for the address."""
    _metrics().SIGN_INS.labels(result).inc()


@_never_in_the_way
def count_fault(where: str) -> None:
    """An unexpected error: in a "request" or a "job"."""
    _metrics().FAULTS.labels(where).inc()

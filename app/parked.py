"""Tasks that this version cannot do are put back for one that can: during an upgrade two versions share the queues.

A worker that takes a message of a task that it does not know, or with arguments that its version of it does not take,
parks it in Valkey beside the queues. `queue_parked`, run by a sweep on every version from this one on, queues what
the worker that runs it can do; whatever nobody can do stays where it is, listed by `flask --app app parked-tasks`.
Nothing spins meanwhile, and nothing is dropped.
"""

from __future__ import annotations

import inspect
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from celery import Celery
from celery.exceptions import Reject
from celery.worker.consumer import Consumer

from app.queued import mark_of

log = logging.getLogger(__name__)

PARKED = "lec:parked"
"""The hash in Valkey: the mark of (task, arguments) → JSON of what it is. Asked for twice it is there once."""
AT_A_TIME = 500
UNREADABLE = "?"
"""The name of what is parked and cannot be read; no task has it."""


@dataclass(frozen=True)
class Parked:
    """A task that waits for another version: how often one of these could not do it, and since when (Unix time)."""

    key: str
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    times: int
    since: float
    why: str


def takes(task: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    """Whether this version's task takes these arguments."""
    try:
        inspect.signature(task.run).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def park(celery: Celery, name: str, args: Sequence[Any], kwargs: dict[str, Any], why: str) -> None:
    """Keep a task for a version that can do it. Raises redis's errors: then its message must not be acknowledged."""
    key = mark_of(name, args)
    with celery.producer_or_acquire() as sender:
        client = sender.channel.client
        before = client.hget(PARKED, key)
        known = _row(key, before) if before else None
        times, since = (known.times, known.since) if known else (0, time.time())
        row = {"name": name, "args": list(args), "kwargs": kwargs, "why": why}
        client.hset(PARKED, key, json.dumps({**row, "times": times + 1, "since": since}))
        client.delete(key)  # it waits in no queue any more, so it may be queued again
    log.warning("%s is put back for another version of LEC (%s); this one cannot do it", name, why)


def park_or_put_back(task: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    """`park` for a task that runs; where that fails its message goes back into its queue. Raises Celery's Reject."""
    try:
        park(task.app, task.name, args, kwargs, "unknown arguments")
    except Exception as error:
        raise Reject(type(error).__name__, requeue=True) from error


def queue_parked(celery: Celery) -> int:
    """Queue what this version can do of what is parked; returns how many."""
    queued = 0
    with celery.producer_or_acquire() as sender:
        client = sender.channel.client
        for row in _read(client):
            task = celery.tasks.get(row.name)
            if task is None or row.kwargs or not takes(task, row.args, row.kwargs):
                continue
            celery.send_task(row.name, args=row.args, producer=sender)
            client.hdel(PARKED, row.key)  # after sending: killed in between it comes twice, which every task here may
            queued += 1
    return queued


def parked_tasks(celery: Celery) -> list[Parked]:
    """What waits for another version, the oldest first."""
    with celery.producer_or_acquire() as sender:
        return sorted(_read(sender.channel.client), key=lambda row: row.since)


def drop_parked(celery: Celery) -> int:
    """Forget all that is parked; returns how many. What they work on stands in documents, and sweeps queue it anew."""
    with celery.producer_or_acquire() as sender:
        client = sender.channel.client
        dropped = int(client.hlen(PARKED))
        client.delete(PARKED)
    return dropped


def _read(client: Any) -> list[Parked]:
    found = []
    for key, text in client.hgetall(PARKED).items():
        name = key.decode(errors="replace") if isinstance(key, bytes) else str(key)
        found.append(_row(name, text) or Parked(name, UNREADABLE, (), {}, 0, 0.0, "unreadable"))
    return found


def _row(key: str, text: bytes | str) -> Parked | None:
    """What is parked under a key; None where it is nothing that `park` wrote: it must hold up nothing else."""
    try:
        row = json.loads(text)
        name, kwargs, why = str(row["name"]), dict(row["kwargs"]), str(row["why"])
        return Parked(key, name, tuple(row["args"]), kwargs, int(row["times"]), float(row["since"]), why)
    except (ValueError, KeyError, TypeError):
        return None


class PuttingBack(Consumer):
    """Celery's own consumer, which acknowledges and drops a task it does not know, but for that."""

    def on_unknown_task(self, body: Any, message: Any, exc: BaseException) -> None:
        """Park it; where that fails the message goes back into its queue."""
        name = str((message.headers or {}).get("task") or "")
        try:
            args, kwargs = _arguments(message)
        except Exception:  # no message of LEC's: nobody can do anything with it, and Celery says so
            super().on_unknown_task(body, message, exc)
            return
        try:
            park(self.app, name, args, kwargs, "unknown task")
        except Exception as error:  # whatever it is must not end the worker
            log.warning("%s goes back into its queue: the queue does not answer (%s)", name, type(error).__name__)
            message.reject_log_error(log, self.connection_errors, requeue=True)
        else:
            message.ack_log_error(log, self.connection_errors)


def _arguments(message: Any) -> tuple[list[Any], dict[str, Any]]:
    args, kwargs, _ = message.decode()
    if not isinstance(args, list) or not isinstance(kwargs, dict) or not (message.headers or {}).get("task"):
        raise ValueError
    return args, kwargs

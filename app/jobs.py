"""The only door to Celery: services ask for a job by its name and with plain values."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from flask import current_app
from kombu.exceptions import OperationalError
from redis import RedisError

from app.errors import Problem

log = logging.getLogger(__name__)

Plain = str | int | float | bool | None

LATER = "lec:later"
"""The sorted set in Valkey of jobs whose time has not come: JSON of name and argument → second of Valkey's clock."""
AT_A_TIME = 500


def enqueue(name: str, *args: Plain) -> str:
    """Put the task `name` ("reports.build") into its queue, unless the same with the same `args` waits there already.

    Returns the id of the task that waits. Raises Problem when the queue cannot be reached: what the task works on must
    be stored before, so that the sweeper picks it up later. Raises TypeError for anything but plain values: ids travel,
    documents do not.
    """
    _check_plain(name, args)
    with _in_words():
        return str(_celery().signature(name, args=args).apply_async().id)


def enqueue_later(name: str, each: Iterable[Plain], seconds: float) -> None:
    """Have the task `name` queued once for each argument, about `seconds` from now; what waits already keeps its time.

    It waits in Valkey and in no worker's hand. Lost together with Valkey's data, so only for what a later sweep finds
    anyhow. Raises as `enqueue` does.
    """
    each = list(each)
    _check_plain(name, each)
    if not each:
        return
    with _in_words(), _client() as client:
        due = _now(client) + seconds
        client.zadd(LATER, {json.dumps([name, one]): due for one in each}, nx=True)


def queue_due() -> int:
    """Put into their queues the jobs of `enqueue_later` whose time has come; returns how many. Raises Problem."""
    queued = 0
    while due := _due():
        for member in due:
            with _in_words(), _client() as client:
                # Removed before: what is asked for from now on is later than this check, and needs one more.
                mine = client.zrem(LATER, member)
            if mine:
                _queue_or_keep(member)
                queued += 1
    return queued


def _due() -> list[bytes]:
    with _in_words(), _client() as client:
        found: list[bytes] = client.zrangebyscore(LATER, "-inf", _now(client), start=0, num=AT_A_TIME)
    return found


def _queue_or_keep(member: bytes) -> None:
    name, argument = json.loads(member)
    try:
        enqueue(name, argument)
    except Problem:
        with _in_words(), _client() as client:
            client.zadd(LATER, {member: _now(client)}, nx=True)
        raise


def _now(client: Any) -> float:
    """Valkey's clock, which is one for all machines."""
    seconds, microseconds = client.time()
    return float(seconds) + float(microseconds) / 1e6


def _check_plain(name: str, args: Iterable[Any]) -> None:
    for value in args:
        if not isinstance(value, Plain):
            raise TypeError(f"{name}: a task takes plain values, not {type(value).__name__}")


def _celery() -> Celery:
    celery: Celery = current_app.extensions["celery"]
    return celery


@contextmanager
def _client() -> Iterator[Any]:
    """Valkey over the same connection as messages go."""
    with _celery().producer_or_acquire() as sender:
        yield sender.channel.client


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn every error of the queue into one Problem."""
    try:
        yield
    except (OperationalError, RedisError, OSError) as error:
        raise Problem(
            "ระบบงานเบื้องหลังไม่ตอบ: บันทึกงานไว้แล้ว และจะทำให้เองเมื่อระบบกลับมา",
            "The background queue does not answer: the job is recorded and will be done when it is back.",
        ) from error


def enqueue_stored(name: str, *args: Plain) -> bool:
    """Put the job of a stored document into its queue; False where the queue is down, and a sweep queues it later."""
    try:
        enqueue(name, *args)
    except Problem:
        log.warning("%s %s waits for the sweep: the queue does not answer", name, " ".join(map(str, args)))
        return False
    return True

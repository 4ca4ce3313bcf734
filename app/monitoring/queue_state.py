"""What waits in the queues: read from Valkey where Celery keeps it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Final

import redis

from app.queues import FORMER, QUEUES

QUEUED_ON: Final = "lec_queued_on"
"""The header of a message that says when it was put on its queue: seconds since 1970."""
PRIORITIES: Final = (3, 6, 9)
SEPARATOR: Final = "\x06\x16"
UNACKED: Final = "unacked"


@dataclass(frozen=True)
class QueueState:
    """Tasks that wait in a queue, and for how many seconds the oldest has; None where nothing waits or none says."""

    name: str
    length: int
    oldest_seconds: float | None


def lists_of(queue: str) -> list[str]:
    """The lists in which kombu keeps a queue: its own name, and one for each lower priority."""
    return [queue, *(f"{queue}{SEPARATOR}{priority}" for priority in PRIORITIES)]


def read_queues(client: redis.Redis, now: float | None = None) -> tuple[QueueState, ...]:
    """Every queue, in one round trip. Raises redis.RedisError."""
    names = (*QUEUES, FORMER)
    lists = [one for name in names for one in lists_of(name)]
    with client.pipeline(transaction=False) as pipe:
        for one in lists:
            pipe.llen(one)
            pipe.lindex(one, -1)  # kombu puts in on the left and takes from the right
        answers = pipe.execute()
    lengths, oldest = dict(zip(lists, answers[::2], strict=True)), dict(zip(lists, answers[1::2], strict=True))
    now = now or time.time()
    return tuple(_state(name, lengths, oldest, now) for name in names if name != FORMER or lengths[FORMER])


def count_unacked(client: redis.Redis) -> int:
    """Tasks that workers hold: being done, or lost with a worker and coming back. Raises redis.RedisError."""
    return int(client.hlen(UNACKED))


def _state(name: str, lengths: dict[str, int], oldest: dict[str, bytes | None], now: float) -> QueueState:
    since = [queued for one in lists_of(name) if (queued := queued_on(oldest[one])) is not None]
    length = sum(int(lengths[one]) for one in lists_of(name))
    return QueueState(name, length, max(0.0, now - min(since)) if since else None)


def queued_on(message: bytes | str | None) -> float | None:
    """When a message was put on its queue; None for one that does not say, as those of earlier versions."""
    if message is None:
        return None
    try:
        return float(json.loads(message)["headers"][QUEUED_ON])
    except (ValueError, KeyError, TypeError):
        return None

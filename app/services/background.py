"""Whether the background work can go on, for pages: read from Valkey at most once in five seconds a process."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

import redis
from flask import current_app

from app.monitoring.heartbeats import Liveness, liveness, quick_client, read_heartbeats
from app.monitoring.queue_state import QueueState, read_queues
from app.services.claims import HALTED
from app.services.halted_jobs import KINDS

log = logging.getLogger(__name__)

KEPT_SECONDS = 5
PAGE_SECONDS = 1.0
PATIENCE_SECONDS = 0.3
"""A page must not wait for a queue that hangs."""


@dataclass(frozen=True)
class Background:
    """What waits in the queues, and who serves them."""

    queues: tuple[QueueState, ...]
    alive: Liveness


@dataclass
class _Known:
    """What was read last; None where Valkey did not answer."""

    state: Liveness | None = None
    until: float = 0
    reading: threading.Lock = field(default_factory=threading.Lock)


def known_liveness() -> Liveness | None:
    """Who is alive, as of five seconds ago at most; None where the queue itself does not answer."""
    known: _Known = current_app.extensions.setdefault("lec_liveness", _Known())
    if time.monotonic() >= known.until and known.reading.acquire(blocking=known.until == 0):
        try:
            if time.monotonic() >= known.until:
                known.state = _read(current_app.extensions["lec_settings"].redis_url)
                known.until = time.monotonic() + KEPT_SECONDS
        finally:
            known.reading.release()
    return known.state


def forget_liveness() -> None:
    """Let the next page read anew."""
    current_app.extensions.pop("lec_liveness", None)


def is_served(queue: str) -> bool:
    """Whether somebody takes tasks from a queue."""
    state = known_liveness()
    return state is not None and queue not in state.missing_queues


def count_halted() -> dict[str, int]:
    """Kind → how many open jobs, which an index finds, a mistake in the program has stopped."""
    return {
        kind: each.document._get_collection().count_documents({**each.open_, **HALTED})
        for kind, each in KINDS.items()
    }


def read_background() -> Background | None:
    """Queues and who is alive, read now; None where the queue does not answer."""
    try:
        with quick_client(current_app.extensions["lec_settings"].redis_url, PAGE_SECONDS) as client:
            return Background(read_queues(client), liveness(read_heartbeats(client)))
    except redis.RedisError as error:
        log.warning("the queues cannot be read: %s", type(error).__name__)
        return None


def _read(redis_url: str) -> Liveness | None:
    try:
        with quick_client(redis_url, PATIENCE_SECONDS) as client:
            return liveness(read_heartbeats(client))
    except redis.RedisError as error:
        log.warning("nobody can tell which workers live: %s", type(error).__name__)
        return None

"""Writes the heartbeat of one process again and again: a Valkey that is away is said once, and never stops the work."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime

import redis

from app.monitoring.heartbeats import Heartbeat, Kind, quick_client, remove_heartbeat, write_heartbeat
from app.monitoring.version import version

log = logging.getLogger(__name__)


class Pulse:
    """The heartbeat of a worker or beat named `name`; `queues` is asked at each beat, for a worker may be told to
    serve others while it runs."""

    def __init__(self, redis_url: str, kind: Kind, name: str, queues: Callable[[], tuple[str, ...]] = tuple) -> None:
        self.kind: Kind = kind
        self.name = name
        self.sent: datetime | None = None
        self._queues = queues
        self._client = quick_client(redis_url)
        self._started = datetime.now(UTC)
        self._silent = False

    def beat(self) -> None:
        now = datetime.now(UTC)
        heartbeat = Heartbeat(
            self.kind, self.name, self._queues(), os.getpid(), version(), self._started, now, self.sent
        )
        try:
            write_heartbeat(self._client, heartbeat)
        except redis.RedisError as error:
            if not self._silent:
                log.warning("no heartbeat of %s can be written: %s", self.name, type(error).__name__)
            self._silent = True
        else:
            if self._silent:
                log.info("heartbeats of %s are written again", self.name)
            self._silent = False

    def end(self) -> None:
        try:
            remove_heartbeat(self._client, self.kind, self.name)
        except redis.RedisError:
            log.info("the heartbeat of %s ends by itself", self.name)

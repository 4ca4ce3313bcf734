"""Signs of life that workers and beat leave in Valkey, and what follows from those that are missing.

A heartbeat is a key `lec:heartbeat:<kind>:<name>` that runs out by itself; the set `lec:heartbeats` names the keys, so
that nobody searches all of Valkey for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.queues import QUEUES

Kind = Literal["worker", "beat"]

EVERY_SECONDS: Final = 5
KEPT_SECONDS: Final = 30
"""After so long without a heartbeat a worker counts as gone: six beats, so that one lost packet is no alarm."""
SENT_WITHIN: Final = timedelta(seconds=120)
"""The schedule has entries each 30 seconds: a beat that has sent none for so long does not do its work."""
NAMES: Final = "lec:heartbeats"


@dataclass(frozen=True)
class Heartbeat:
    """The latest sign of life of one worker or beat. Times are UTC; `sent` is beat's last task put on a queue."""

    kind: str
    name: str
    queues: tuple[str, ...]
    pid: int
    version: str
    started: datetime
    at: datetime
    sent: datetime | None = None


@dataclass(frozen=True)
class Liveness:
    """Who is alive. `missing_queues` have no worker; `beat` is False where the schedule does not go out."""

    heartbeats: tuple[Heartbeat, ...]
    missing_queues: tuple[str, ...]
    beat: bool

    @property
    def workers(self) -> tuple[Heartbeat, ...]:
        return tuple(one for one in self.heartbeats if one.kind == "worker")

    def serving(self, queue: str) -> int:
        """How many workers serve a queue."""
        return sum(queue in one.queues for one in self.workers)

    @property
    def missing(self) -> list[str]:
        """In words for machines: "worker:mail", "beat"."""
        return [f"worker:{queue}" for queue in self.missing_queues] + ([] if self.beat else ["beat"])


def quick_client(redis_url: str, seconds: float = 1) -> redis.Redis:
    """A client that waits `seconds` at most for a connection and for an answer, and asks once."""
    client: redis.Redis = redis.Redis.from_url(
        redis_url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )
    return client


def heartbeat_key(kind: str, name: str) -> str:
    return f"lec:heartbeat:{kind}:{name}"


def write_heartbeat(client: redis.Redis, heartbeat: Heartbeat) -> None:
    """Store one sign of life for KEPT_SECONDS. Raises redis.RedisError."""
    fields: dict[str, Any] = {
        "kind": heartbeat.kind, "name": heartbeat.name, "queues": heartbeat.queues, "pid": heartbeat.pid,
        "version": heartbeat.version, "started": heartbeat.started.isoformat(), "at": heartbeat.at.isoformat(),
        "sent": heartbeat.sent.isoformat() if heartbeat.sent else None,
    }  # fmt: skip
    key = heartbeat_key(heartbeat.kind, heartbeat.name)
    with client.pipeline(transaction=False) as pipe:
        pipe.set(key, json.dumps(fields), ex=KEPT_SECONDS)
        pipe.sadd(NAMES, key)
        pipe.execute()


def remove_heartbeat(client: redis.Redis, kind: Kind, name: str) -> None:
    """Say that a worker or beat has ended in order. Raises redis.RedisError."""
    key = heartbeat_key(kind, name)
    client.delete(key)
    client.srem(NAMES, key)


def read_heartbeats(client: redis.Redis) -> tuple[Heartbeat, ...]:
    """Everybody who is alive, by kind and name. Raises redis.RedisError."""
    keys = sorted(client.smembers(NAMES))
    if not keys:
        return ()
    values = client.mget(keys)
    gone = [key for key, value in zip(keys, values, strict=True) if value is None]
    if gone:
        client.srem(NAMES, *gone)  # who is alive after all names itself again with its next beat
    return tuple(_parsed(value) for value in values if value is not None)


def clock_difference(heartbeats: Iterable[Heartbeat], now: datetime | None = None) -> float:
    """By how many seconds the clock of a worker or beat differs most from this machine's, plus where it is ahead.

    A heartbeat that is still there is KEPT_SECONDS old at most, so only what is beyond that is called behind.
    """
    now = now or datetime.now(UTC)
    ages = [(one.at - now).total_seconds() for one in heartbeats]
    differences = [age if age > 0 else min(0.0, age + KEPT_SECONDS) for age in ages]
    return max(differences, key=abs, default=0.0)


def _parsed(value: bytes | str) -> Heartbeat:
    fields = json.loads(value)
    sent = fields["sent"]
    return Heartbeat(
        kind=fields["kind"],
        name=fields["name"],
        queues=tuple(fields["queues"]),
        pid=fields["pid"],
        version=fields["version"],
        started=datetime.fromisoformat(fields["started"]),
        at=datetime.fromisoformat(fields["at"]),
        sent=datetime.fromisoformat(sent) if sent else None,
    )


def liveness(heartbeats: Iterable[Heartbeat], now: datetime | None = None) -> Liveness:
    """What is served and what is not, as of `now` (UTC)."""
    alive = tuple(heartbeats)
    served = {queue for one in alive if one.kind == "worker" for queue in one.queues}
    now = now or datetime.now(UTC)
    beat = any(one.kind == "beat" and now - (one.sent or one.started) < SENT_WITHIN for one in alive)
    return Liveness(alive, tuple(queue for queue in QUEUES if queue not in served), beat)

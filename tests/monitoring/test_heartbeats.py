"""Heartbeats in a real Valkey: those of real workers and a real beat, and what is said when they are missing."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from celery import Celery
from celery.beat import PersistentScheduler, ScheduleEntry, SchedulingError

from app.devservers.processes import Child, wait_until
from app.devservers.valkey import EmbeddedValkey
from app.monitoring.beat_pulse import PulsingScheduler
from app.monitoring.heartbeats import (
    KEPT_SECONDS,
    NAMES,
    SENT_WITHIN,
    Heartbeat,
    clock_difference,
    heartbeat_key,
    liveness,
    quick_client,
    read_heartbeats,
    write_heartbeat,
)
from app.queues import FORMER, QUEUES, WORKERS
from config import Settings

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
WORKER = Heartbeat("worker", "w@here", (*QUEUES, FORMER), 7, "0.1.0", NOW, NOW)
BEAT = Heartbeat("beat", "beat@here", (), 8, "0.1.0", NOW, NOW, NOW)
Start = Callable[..., Child]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with quick_client(valkey.url, 5) as client:
        yield client


@pytest.fixture
def start(valkey: EmbeddedValkey, settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Starts `celery -A tasks.worker …` as production does."""
    children: list[Child] = []
    env = {"LEC_ENV": "testing", "MONGODB_URI": settings.mongodb_uri, "REDIS_URL": valkey.url}
    env |= {"LEC_DATA_DIR": str(tmp_path / "var"), "REMAP_SIGTERM": "SIGQUIT"}

    def begin(*arguments: str) -> Child:
        command = [sys.executable, "-m", "celery", "-A", "tasks.worker", *arguments, "--loglevel", "INFO"]
        children.append(Child(arguments[0], command, tmp_path / f"{len(children)}.log", env))
        return children[-1]

    yield begin
    for child in children:
        child.kill()


def start_worker(start: Start, name: str, *queues: str) -> Child:
    options = ("--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat")
    return start("worker", "-n", f"{name}@%h", "-Q", ",".join(queues), *options)


def wait_for(client: redis.Redis, key: str, child: Child) -> None:
    assert wait_until(lambda: bool(client.exists(key)), child, 90, pause=0.2), child.output()


def test_what_is_written_is_read_and_runs_out_by_itself(client: redis.Redis) -> None:
    for one in (WORKER, BEAT):
        write_heartbeat(client, one)
    assert read_heartbeats(client) == (BEAT, WORKER)
    assert 0 < client.ttl(heartbeat_key("worker", WORKER.name)) <= KEPT_SECONDS
    client.delete(heartbeat_key("worker", WORKER.name))  # as when its time is over
    assert read_heartbeats(client) == (BEAT,)
    assert client.smembers(NAMES) == {heartbeat_key("beat", BEAT.name).encode()}, "names of the dead do not pile up"


def test_a_queue_without_a_worker_is_missing() -> None:
    mail = replace(WORKER, name="m@here", queues=("mail",))
    rest = replace(WORKER, queues=("interactive", "imports", "sweeping"))
    state = liveness([mail, rest, BEAT], NOW)
    assert state.missing == ["worker:checks"]
    assert (state.serving("mail"), state.serving("checks")) == (1, 0)
    assert liveness([WORKER, BEAT], NOW).missing == []
    assert liveness([], NOW).missing == [*(f"worker:{queue}" for queue in QUEUES), "beat"]
    assert not [queue for queues in WORKERS.values() for queue in queues if queue not in (*QUEUES, FORMER)]


@pytest.mark.parametrize(
    ("seconds", "difference"), [([0], 0), ([-29, 0], 0), ([300, -10], 300), ([-300, 1], -270), ([], 0)]
)
def test_a_clock_that_is_wrong_is_told(seconds: list[float], difference: float) -> None:
    beats = [replace(WORKER, at=NOW + timedelta(seconds=one)) for one in seconds]
    assert clock_difference(beats, NOW) == difference


def test_a_beat_that_lives_and_sends_nothing_is_missing() -> None:
    late = NOW + SENT_WITHIN + timedelta(seconds=1)
    assert not liveness([WORKER, replace(BEAT, at=late)], late).beat
    assert not liveness([WORKER, replace(BEAT, at=late, sent=None)], late).beat
    assert liveness([WORKER, replace(BEAT, at=late, sent=late)], late).beat
    assert liveness([WORKER, replace(BEAT, at=late, sent=None, started=late)], late).beat, "it has just begun"


@pytest.mark.timeout(300)
def test_workers_and_beat_name_themselves_and_a_frozen_one_falls_silent(start: Start, client: redis.Redis) -> None:
    worker, other = start_worker(start, "one", "mail", "checks"), start_worker(start, "two", "imports")
    beat = start("beat", "--schedule", str(other.log.parent / "schedule"))
    host = os.uname().nodename
    keys = {name: heartbeat_key("worker", f"{name}@{host}") for name in ("one", "two")}
    keys["beat"] = heartbeat_key("beat", f"beat@{host}")
    for name, child in (("one", worker), ("two", other), ("beat", beat)):
        wait_for(client, keys[name], child)
    seen = {one.name: one for one in read_heartbeats(client)}
    first = seen[f"one@{host}"]
    assert (first.queues, first.pid, first.version) == (("checks", "mail"), worker.pid, "0.1.0")
    assert liveness(seen.values()).missing == ["worker:interactive", "worker:sweeping"]

    # The others beat twice while the frozen one does not.
    os.kill(worker.pid, signal.SIGSTOP)
    for _ in range(2):
        client.delete(*keys.values())
        for name, child in (("two", other), ("beat", beat)):
            wait_for(client, keys[name], child)
    assert not client.exists(keys["one"])
    os.kill(worker.pid, signal.SIGCONT)
    wait_for(client, keys["one"], worker)

    # The schedule's entries do go out: the sweeps of each half minute lie in the queue that nobody serves here.
    assert wait_until(lambda: client.llen("sweeping") > 0, beat, 90, pause=0.2), beat.output()
    sent = [one.sent for one in read_heartbeats(client) if one.kind == "beat"]
    assert wait_until(lambda: any(one.sent for one in read_heartbeats(client) if one.kind == "beat"), beat, 60), sent

    other.stop(patience=30)
    beat.stop(patience=30)
    assert {one.name for one in read_heartbeats(client)} == {f"one@{host}"}, "who ends in order is gone at once"


def test_a_worker_beats_again_after_valkey_lost_everything(
    start: Start, client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    worker = start_worker(start, "one", "mail")
    key = heartbeat_key("worker", f"one@{os.uname().nodename}")
    wait_for(client, key, worker)
    client.flushall()
    wait_for(client, key, worker)
    assert len(read_heartbeats(client)) == 1


def test_a_task_that_cannot_be_sent_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SchedulingError("Couldn't apply scheduled task reports-sweep: ConnectionError")

    monkeypatch.setattr(PersistentScheduler, "apply_async", refuse)
    celery = Celery("beat", set_as_current=False)
    scheduler = PulsingScheduler(app=celery, lazy=True, schedule_filename=str(tmp_path / "schedule"))
    scheduler.apply_entry(ScheduleEntry("reports-sweep", "reports.sweep", schedule=30, app=celery))
    [record] = caplog.records
    assert record.levelname == "WARNING" and record.exc_info is None
    assert "reports-sweep is not sent: " in record.getMessage() and "Traceback" not in record.getMessage()

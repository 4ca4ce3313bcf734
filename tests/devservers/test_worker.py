"""A real worker loses no task: not when its process is killed, and not when it is told to stop in the middle of one."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask

from app.devservers.processes import Child, wait_until
from app.devservers.valkey import EmbeddedValkey
from app.errors import Problem
from app.jobs import enqueue
from tests.devservers.proc import alive
from tests.devservers.worker_app import make_app

COMMAND = (sys.executable, "-m", "celery", "-A", "tests.devservers.worker_app", "worker", "--concurrency", "1")
OPTIONS = ("--without-mingle", "--without-gossip", "--include", "app.devservers.worker_hooks", "--loglevel", "INFO")


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path / "valkey") as valkey:
        yield valkey


@pytest.fixture
def app(queue: EmbeddedValkey) -> Flask:
    return make_app(queue.url)


@pytest.fixture
def worker(queue: EmbeddedValkey, tmp_path: Path) -> Iterator[Child]:
    env = {"REDIS_URL": queue.url, "REMAP_SIGTERM": "SIGQUIT"}
    child = Child("worker", [*COMMAND, *OPTIONS], tmp_path / "worker.log", env)
    yield child
    child.kill()


def test_the_task_of_a_killed_process_is_done_by_the_next_once(
    app: Flask, queue: EmbeddedValkey, worker: Child
) -> None:
    with app.app_context(), redis.Redis.from_url(queue.url) as client:
        enqueue("test.slow_at_first", "report")
        assert wait_until(lambda: client.llen("report.begun") == 1, worker, 20), worker.output()
        os.kill(int(client.lindex("report.begun", 0)), signal.SIGKILL)
        assert wait_until(lambda: client.llen("report.done") == 1, worker, 20), worker.output()
        assert client.llen("report.begun") == 2
        assert wait_until(lambda: client.hlen("unacked") == 0, worker, 5)


def test_a_worker_told_to_stop_hands_its_task_back(app: Flask, queue: EmbeddedValkey, worker: Child) -> None:
    with app.app_context(), redis.Redis.from_url(queue.url) as client:
        enqueue("test.slow_at_first", "notice")
        assert wait_until(lambda: client.llen("notice.begun") == 1, worker, 20), worker.output()
        pool_process = int(client.lindex("notice.begun", 0))
        worker.stop(patience=15)
        assert worker.exit_code() is not None
        assert "Restoring 1 unacknowledged message" in worker.output()
        assert not alive(pool_process)
        assert client.llen("sweeping") == 1
        assert client.llen("notice.done") == 0


def test_only_plain_values_travel(app: Flask, queue: EmbeddedValkey) -> None:
    with app.app_context(), redis.Redis.from_url(queue.url) as client:
        with pytest.raises(TypeError, match="plain values, not dict"):
            enqueue("test.slow_at_first", {"a": "document"})  # type: ignore[arg-type]
        assert client.llen("sweeping") == 0
        assert enqueue("no.such.task", "text", 1, 2.5, True, None)
        assert client.llen("sweeping") == 1


def test_a_queue_that_is_away_is_said_in_words_and_soon(app: Flask, queue: EmbeddedValkey) -> None:
    queue.child.kill()
    begun = time.monotonic()
    with app.app_context(), pytest.raises(Problem) as caught:
        enqueue("test.slow_at_first", "late")
    assert "the job is recorded" in caught.value.en
    assert time.monotonic() - begun < 10

"""Two versions on one queue: what a real worker does not know it puts back, and one that knows it takes it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.devservers.processes import Child, wait_until
from app.jobs import enqueue
from app.parked import PARKED, drop_parked, parked_tasks, queue_parked
from app.queued import mark_of
from tests.devservers.broker import Broker
from tests.devservers.worker_app import noted

COMMAND = (
    sys.executable, "-m", "celery", "-A", "tests.devservers.worker_app", "worker", "--concurrency", "1",
    "--without-mingle", "--without-gossip", "--loglevel", "INFO",
)  # fmt: skip


@pytest.fixture
def worker(queue: Broker, tmp_path: Path) -> Iterator[Child]:
    """The older version."""
    child = Child("worker", list(COMMAND), tmp_path / "worker.log", {"REDIS_URL": queue.url})
    yield child
    child.kill()


def of_one(_: Any) -> None: ...


def of_two(_: Any, __: Any) -> None: ...


def test_a_task_of_a_newer_version_is_put_back_and_taken_by_it(
    queue_app: Flask, valkey: Any, worker: Child, tmp_path: Path
) -> None:
    for number in range(3):
        queue_app.extensions["celery"].send_task("newer.task", args=["a", number])
    folder = str(tmp_path)
    (tmp_path / "go").touch()
    enqueue("test.wait_for_go", folder)
    assert wait_until(lambda: valkey.hlen(PARKED) == 3 and noted(tmp_path, "done") == 1, worker, 60), worker.output()
    assert "Traceback" not in worker.output()
    assert not valkey.exists(mark_of("newer.task", ("a", 1))), "it may be asked for again"
    celery = queue_app.extensions["celery"]
    found = {one.args: (one.name, one.times, one.why) for one in parked_tasks(celery)}
    assert found == {("a", number): ("newer.task", 1, "unknown task") for number in range(3)}
    assert queue_parked(celery) == 0 and valkey.hlen(PARKED) == 3, "a version that does not know it leaves it there"
    worker.kill()

    celery.task(name="newer.task", shared=False)(of_two)
    assert queue_parked(celery) == 3 and valkey.hlen(PARKED) == 0
    assert valkey.llen("sweeping") == 3


def test_what_is_asked_for_again_and_again_is_parked_once(queue_app: Flask, valkey: Any, worker: Child) -> None:
    for times in (1, 2):
        queue_app.extensions["celery"].send_task("newer.task", args=["a"])
        assert wait_until(
            lambda times=times: [one.times for one in parked_tasks(queue_app.extensions["celery"])] == [times],
            worker,
            60,
        ), worker.output()
    assert wait_until(lambda: valkey.llen("sweeping") == 0 and valkey.hlen("unacked") == 0, worker, 10)
    assert drop_parked(queue_app.extensions["celery"]) == 1 and not valkey.exists(PARKED)


def test_arguments_of_a_newer_version_are_put_back(
    queue_app: Flask, valkey: Any, worker: Child, tmp_path: Path
) -> None:
    queue_app.extensions["celery"].send_task("test.wait_for_go", args=[str(tmp_path), "a new one"])
    assert wait_until(lambda: valkey.hlen(PARKED) == 1, worker, 60), worker.output()
    assert wait_until(lambda: valkey.hlen("unacked") == 0, worker, 10)
    celery = queue_app.extensions["celery"]
    (one,) = parked_tasks(celery)
    assert one.why == "unknown arguments" and noted(tmp_path, "begun") == 0
    celery.task(name="test.wait_for_go", shared=False)(of_one)
    assert queue_parked(celery) == 0
    del celery.tasks["test.wait_for_go"]
    celery.task(name="test.wait_for_go", shared=False)(of_two)
    assert queue_parked(celery) == 1


def test_a_message_that_is_none_of_ours_ends_no_worker(
    queue_app: Flask, valkey: Any, worker: Child, tmp_path: Path
) -> None:
    about = {"exchange": "sweeping", "routing_key": "sweeping"}
    strange = {
        "body": "e30=", "headers": {"task": "x.y", "id": "1"}, "content-type": "application/json",
        "content-encoding": "utf-8",
        "properties": {"body_encoding": "base64", "delivery_tag": "t", "delivery_info": about},
    }  # fmt: skip
    valkey.lpush("sweeping", json.dumps(strange))
    (tmp_path / "go").touch()
    enqueue("test.wait_for_go", str(tmp_path))
    assert wait_until(lambda: noted(tmp_path, "done") == 1, worker, 60), worker.output()
    assert valkey.hlen(PARKED) == 0


@pytest.mark.parametrize("broken", ["{", "[]", '{"name": "x"}', "\\xff"])
def test_one_that_cannot_be_read_keeps_no_other_waiting(queue_app: Flask, valkey: Any, broken: str) -> None:
    celery = queue_app.extensions["celery"]
    whole = {"name": "newer.task", "args": ["a", 1], "kwargs": {}, "times": 1, "since": 1.0, "why": "unknown task"}
    valkey.hset(PARKED, "broken", broken)
    valkey.hset(PARKED, mark_of("newer.task", ("a", 1)), json.dumps(whole))
    celery.task(name="newer.task", shared=False)(of_two)
    assert queue_parked(celery) == 1
    assert valkey.hkeys(PARKED) in ([b"broken"], ["broken"])
    assert [one.name for one in parked_tasks(celery)] == ["?"], "it is listed, so that somebody drops it"

"""A real worker and a real Valkey that is killed, loses its data, or is frozen under it: the work goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.broker import PAGE_WAITS
from app.devservers.processes import Child, wait_until
from app.errors import Problem
from app.jobs import enqueue
from app.queues import WORKERS
from tests.devservers.broker import Broker
from tests.devservers.worker_app import noted

COMMAND = (sys.executable, "-m", "celery", "-A", "tests.devservers.worker_app", "worker", "--concurrency", "2")
OPTIONS = ("--without-mingle", "--without-gossip", "--include", "app.devservers.worker_hooks", "--loglevel", "INFO")
QUEUES = ("-Q", ",".join(WORKERS["worker-background"]))
TASK = "test.wait_for_go"


@pytest.fixture
def worker(queue: Broker, tmp_path: Path) -> Iterator[Child]:
    child = Child("worker", [*COMMAND, *QUEUES, *OPTIONS], tmp_path / "worker.log", {"REDIS_URL": queue.url})
    yield child
    child.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    """A folder in which a task writes what becomes of it."""

    def make(name: str, go: bool = True) -> Path:
        made = tmp_path / name
        made.mkdir()
        if go:
            (made / "go").touch()
        return made

    return make


def held(queue: Broker, number: int) -> Callable[[], bool]:
    def reached() -> bool:
        with queue.client() as client:
            return bool(client.hlen("unacked") == number)

    return reached


@pytest.mark.timeout(180)
@pytest.mark.parametrize("data", [True, False], ids=["data kept", "data lost"])
def test_a_worker_that_holds_messages_outlives_the_queue_and_goes_on(
    queue_app: Flask, queue: Broker, worker: Child, folder: Callable[..., Path], data: bool
) -> None:
    running, delayed, later = folder("running", go=False), folder("delayed"), folder("later")
    enqueue(TASK, str(running))
    assert wait_until(lambda: noted(running, "begun") == 1, worker, 30), worker.output()
    queue_app.extensions["celery"].signature(TASK, args=(str(delayed),)).apply_async(countdown=3600)
    assert wait_until(held(queue, 2), worker, 30), worker.output()

    queue.kill(data)
    time.sleep(1)  # the worker's first attempts to restore and to connect fail
    queue.start()
    enqueue(TASK, str(later))
    (running / "go").touch()

    assert wait_until(lambda: noted(later, "done") == 1, worker, 60), worker.output()
    assert worker.exit_code() is None
    assert (noted(running, "begun"), noted(running, "done")) == (1, 1), "what ran was not taken away"


@pytest.mark.timeout(180)
def test_a_frozen_queue_holds_up_no_page_and_no_worker(
    queue_app: Flask, queue: Broker, worker: Child, folder: Callable[..., Path]
) -> None:
    first, second, third = folder("first"), folder("second"), folder("third")
    enqueue(TASK, str(first))
    assert wait_until(lambda: noted(first, "done") == 1, worker, 30), worker.output()
    queue.freeze()
    begun = time.monotonic()
    with pytest.raises(Problem) as caught:
        enqueue(TASK, str(second))
    assert "the job is recorded" in caught.value.en
    assert time.monotonic() - begun < 30 * PAGE_WAITS, "it is bounded at all; 1 second on a quiet machine"
    assert worker.wait(12) is None, "longer than the worker waits for any answer"
    queue.thaw()
    enqueue(TASK, str(third))
    assert wait_until(lambda: noted(third, "done") == 1, worker, 60), worker.output()


def test_what_the_version_before_left_in_its_one_queue_is_done(
    queue_app: Flask, queue: Broker, worker: Child, folder: Callable[..., Path]
) -> None:
    left = folder("left")
    queue_app.extensions["celery"].send_task(TASK, (str(left),), queue="celery")
    assert wait_until(lambda: noted(left, "done") == 1, worker, 30), worker.output()

"""Nothing waits twice in a queue, and no wake-up is lost: counts of messages in a real Valkey."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app import queued
from app.errors import Problem
from app.jobs import enqueue

TASK = "test.slow_at_first"


def take(queue_app: Flask, *args: str) -> None:
    """What a worker does when a message comes."""
    celery = queue_app.extensions["celery"]
    task = celery.tasks.get(TASK) or celery.task(name=TASK)(lambda *_: None)
    queued.remove_mark(request=SimpleNamespace(task=task, name=TASK, args=list(args)))


def test_what_waits_is_not_queued_again_and_what_runs_is(queue_app: Flask, valkey: Any) -> None:
    ids = {enqueue(TASK, "a") for _ in range(5)}
    assert len(ids) == 1 and valkey.llen("sweeping") == 1
    enqueue(TASK, "b")
    enqueue(TASK, "1")
    enqueue(TASK, 1)
    assert valkey.llen("sweeping") == 4, "other arguments are another task"
    take(queue_app, "a")
    assert enqueue(TASK, "a") not in ids
    assert valkey.llen("sweeping") == 5, "asked for while it runs: once more, or a wake-up is lost"


def test_periodic_jobs_pile_up_as_little_and_two_beats_do_no_harm(queue_app: Flask, valkey: Any) -> None:
    celery = queue_app.extensions["celery"]
    for _ in range(20):
        celery.send_task("notices.sweep", expires=900, headers={"celery_beat_task": True})
    assert valkey.llen("sweeping") == 1


def test_a_message_that_could_not_be_sent_leaves_no_mark(
    queue_app: Flask, valkey: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise OSError("the line is cut")

    with monkeypatch.context() as broken, pytest.raises(Problem):
        broken.setattr(queue_app.extensions["celery"].amqp, "send_task_message", fails)
        enqueue(TASK, "a")
    assert not valkey.keys("lec:queued:*")
    enqueue(TASK, "a")
    assert valkey.llen("sweeping") == 1


def test_a_mark_whose_message_is_lost_ends_by_itself(queue_app: Flask, valkey: Any) -> None:
    enqueue(TASK, "a")
    key = queued.mark_of(TASK, ("a",))
    assert 0 < valkey.ttl(key) <= queued.MARK_SECONDS
    valkey.delete("sweeping")  # an older copy of the data, or a worker lost with the message in hand
    enqueue(TASK, "a")
    assert valkey.llen("sweeping") == 0
    valkey.pexpire(key, 1)
    while valkey.exists(key):
        pass
    enqueue(TASK, "a")
    assert valkey.llen("sweeping") == 1


def test_a_sender_killed_between_mark_and_message_holds_nothing_up_for_long(
    queue_app: Flask, valkey: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    celery = queue_app.extensions["celery"]
    send = celery.amqp.send_task_message

    def look(*args: object, **kwargs: object) -> object:
        seen.append(valkey.ttl(queued.mark_of(TASK, ("a",))))
        return send(*args, **kwargs)

    monkeypatch.setattr(celery.amqp, "send_task_message", look)
    enqueue(TASK, "a")
    assert 0 < seen[0] <= queued.UNSENT_SECONDS < queued.MARK_SECONDS

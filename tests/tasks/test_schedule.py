"""Every periodic job and every job that a service asks for exists, and the worker knows it."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

from flask import Flask

from app.queues import FORMER, QUEUES, ROUTES, WORKERS
from tasks.schedule import SCHEDULE

ROOT = Path(__file__).resolve().parents[2]
THIN = sorted(path.stem for path in (ROOT / "tasks").glob("*.py"))
MODULES = [name for name in THIN if name not in ("__init__", "worker", "schedule")]


def names_of_tasks() -> set[str]:
    """The names given to `shared_task` in the modules of tasks/."""
    found: set[str] = set()
    for module in MODULES:
        importlib.import_module(f"tasks.{module}")
        text = (ROOT / "tasks" / f"{module}.py").read_text(encoding="utf-8")
        found |= set(re.findall(r'@shared_task\(\s*name="([^"]+)"', text))
    return found


def test_every_periodic_job_is_a_task() -> None:
    assert {entry["task"] for entry in SCHEDULE.values()} <= names_of_tasks()


def test_every_job_asked_for_is_a_task() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py")]
    asked = {name for text in texts for name in re.findall(r'enqueue\(\s*"([^"]+)"', text)}
    assert asked and asked <= names_of_tasks()


def test_the_worker_loads_every_module_of_tasks() -> None:
    tree = ast.parse((ROOT / "tasks" / "worker.py").read_text(encoding="utf-8"))
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "tasks"
        for alias in node.names
    }  # fmt: skip
    assert set(MODULES) <= imported


def test_every_task_has_a_queue_and_every_queue_a_worker() -> None:
    assert set(ROUTES) == names_of_tasks()
    assert set(ROUTES.values()) == set(QUEUES)
    served = [queue for queues in WORKERS.values() for queue in queues]
    assert sorted(served) == sorted((*QUEUES, FORMER))


def test_a_task_is_sent_to_its_queue_and_the_worker_without_a_choice_serves_them_all(app: Flask) -> None:
    celery = app.extensions["celery"]
    router = celery.amqp.Router()
    for task, queue in ROUTES.items():
        sent = router.route({}, task)["queue"]
        assert (sent.name, sent.exchange.name, sent.routing_key) == (queue, queue, queue)
    assert set(celery.amqp.queues.consume_from) == {*QUEUES, FORMER}

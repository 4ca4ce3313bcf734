"""A worker's application whose tasks tell what becomes of them (`celery -A tests.devservers.worker_app`)."""

import os
import time
from pathlib import Path

import redis
from flask import Flask, current_app

from app.celery_init import init_celery
from config import load


def make_app(redis_url: str) -> Flask:
    settings = load({"LEC_ENV": "testing", "REDIS_URL": redis_url})
    app = Flask("worker_app")
    app.config.from_mapping(settings.flask_config())
    app.config["CELERY"]["worker_soft_shutdown_timeout"] = 0.5
    app.config["QUEUE"] = settings.redis_url
    init_celery(app)
    return app


celery = make_app(os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0")).extensions["celery"]


@celery.task(name="test.slow_at_first")
def slow_at_first(name: str) -> None:
    """Sleeps for a minute the first time; done at once the second time."""
    with redis.Redis.from_url(current_app.config["QUEUE"]) as client:
        client.rpush(f"{name}.begun", os.getpid())
        if client.llen(f"{name}.begun") == 1:
            time.sleep(60)
        client.rpush(f"{name}.done", os.getpid())


@celery.task(name="test.wait_for_go")
def wait_for_go(folder: str) -> None:
    """Says in files, which no restart of the queue touches, that it began and was done; waits for the file "go"."""
    note(folder, "begun")
    while not (Path(folder) / "go").exists():
        time.sleep(0.02)
    note(folder, "done")


def note(folder: str, word: str) -> None:
    with open(Path(folder) / word, "a") as file:
        file.write("x")


def noted(folder: Path, word: str) -> int:
    """How often a task said `word`."""
    path = folder / word
    return path.stat().st_size if path.exists() else 0

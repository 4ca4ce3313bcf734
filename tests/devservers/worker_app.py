"""A worker's application whose one task tells Valkey what becomes of it (`celery -A tests.devservers.worker_app`)."""

import os
import time

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

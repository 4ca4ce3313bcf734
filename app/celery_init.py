"""Celery bound to the Flask application: tasks run inside its context and survive a lost worker."""

from typing import Any

from celery import Celery, Task
from flask import Flask
from kombu import Exchange, Queue

from app.queues import FORMER, QUEUES, ROUTES, SWEEPING

HOUR = 3600

# The addresses come from app.config["CELERY"]; tests may override any key there.
DEFAULTS: dict[str, Any] = {
    "task_serializer": "json",
    "result_serializer": "json",
    "accept_content": ["json"],
    "timezone": "Asia/Bangkok",
    "enable_utc": True,
    "result_expires": 24 * HOUR,
    # Each with an exchange of its own name: without one, all would be bound to one and get every message. Nothing is
    # sent to FORMER any more; a worker without -Q serves all of them.
    "task_queues": [Queue(name, Exchange(name), routing_key=name) for name in (*QUEUES, FORMER)],
    "task_default_queue": SWEEPING,
    "task_routes": {task: {"queue": queue} for task, queue in ROUTES.items()},
    "task_track_started": True,
    # A task is taken off the queue when it is done, not when it is begun, and goes back when its process is lost.
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    # What a worker held when the whole of it was lost comes back after this long. It must be longer than the longest
    # task and the longest countdown, or they run twice; the sweepers in tasks.schedule bring lost work back sooner.
    "broker_transport_options": {"visibility_timeout": HOUR, "socket_connect_timeout": 5},
    "task_soft_time_limit": HOUR // 2,
    "task_time_limit": HOUR // 2 + 60,
    # On SIGQUIT (and SIGTERM with REMAP_SIGTERM=SIGQUIT) tasks get these seconds to finish, then go back to the queue.
    "worker_soft_shutdown_timeout": 5.0,
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "worker_max_tasks_per_child": 500,
    "broker_connection_retry_on_startup": True,
    # A web page must not hang while the queue is away.
    "task_publish_retry_policy": {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5},
}


def init_celery(app: Flask) -> Celery:
    """Make the application's Celery from app.config["CELERY"] and keep it at app.extensions["celery"]."""

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery = Celery(app.name, task_cls=FlaskTask)
    celery.config_from_object({**DEFAULTS, **app.config["CELERY"]})
    celery.set_default()
    app.extensions["celery"] = celery
    return celery

"""Celery bound to the Flask application: tasks run inside its context and survive a lost worker."""

import logging
from typing import Any

from celery import Celery, Task
from flask import Flask
from kombu import Exchange, Queue

from app.broker import FOR_PAGES, survive_restarts
from app.parked import park_or_put_back, takes
from app.queued import UniqueCelery
from app.queues import FORMER, QUEUES, ROUTES, SWEEPING

log = logging.getLogger(__name__)

HOUR = 3600

# The addresses come from app.config["CELERY"]; tests may override any key there.
DEFAULTS: dict[str, Any] = {
    "task_serializer": "json",
    "accept_content": ["json"],
    "timezone": "Asia/Bangkok",
    "enable_utc": True,
    # Each with an exchange of its own name: without one, all would be bound to one and get every message. Nothing is
    # sent to FORMER any more; a worker without -Q serves all of them.
    "task_queues": [Queue(name, Exchange(name), routing_key=name) for name in (*QUEUES, FORMER)],
    "task_default_queue": SWEEPING,
    "task_routes": {task: {"queue": queue} for task, queue in ROUTES.items()},
    # What became of a task stands in documents. A place for results would be one more connection that can be away: its
    # error once made a worker acknowledge, and so lose, the task it was cancelling.
    "result_backend": None,
    "task_ignore_result": True,
    # A task is taken off the queue when it is done, not when it is begun, and goes back when its process is lost.
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "broker_transport_options": FOR_PAGES,
    "task_soft_time_limit": HOUR // 2,
    "task_time_limit": HOUR // 2 + 60,
    # On SIGQUIT (and SIGTERM with REMAP_SIGTERM=SIGQUIT) tasks get these seconds to finish, then go back to the queue.
    "worker_soft_shutdown_timeout": 5.0,
    # What a newer version asks for and this one does not know is put back for that one, not dropped.
    "worker_consumer": "app.parked:PuttingBack",
    # A restart of the queue takes no work away: what runs goes on, and its second delivery finds it claimed or done.
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_connection_max_retries": None,  # for ever
    "worker_max_tasks_per_child": 500,
    "broker_connection_retry_on_startup": True,
    "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
}


def init_celery(app: Flask) -> Celery:
    """Make the application's Celery from app.config["CELERY"] and keep it at app.extensions["celery"]."""

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                if app.extensions.get("lec_being_restored", _never)():
                    # What was to be done stands in documents: a sweep finds it once the database is whole.
                    log.warning("%s is left out: the database is being restored", self.name)
                    return None
                if not self.request.called_directly and not takes(self, args, kwargs):
                    park_or_put_back(self, args, kwargs)
                    return None
                return self.run(*args, **kwargs)

    celery = UniqueCelery(app.name, task_cls=FlaskTask)
    survive_restarts()
    celery.config_from_object({**DEFAULTS, **app.config["CELERY"]})
    celery.set_default()
    app.extensions["celery"] = celery
    return celery


def _never() -> bool:
    return False

"""Ties Celery's pool processes to their worker (`celery worker --include app.devservers.worker_hooks`).

Without it they live on when the worker is killed with -9, and may finish a task that another worker has taken over.
"""

from typing import Any

from celery.signals import worker_process_init

from app.devservers.processes import die_with_parent


@worker_process_init.connect
def tie_to_worker(**_: Any) -> None:
    die_with_parent()

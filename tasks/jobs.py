"""Thin task of jobs whose time comes: no message waits in a worker's hand, so a sweep queues what is due."""

from __future__ import annotations

from celery import Task, shared_task

from app import jobs
from app.parked import queue_parked


@shared_task(name="jobs.queue_due", ignore_result=True, bind=True)
def queue_due(self: Task) -> None:
    """Queue what was asked for with a time that has come, and what another version put back for this one.

    Every 10 seconds, safe to repeat.
    """
    jobs.queue_due()
    queue_parked(self.app)

"""Thin task of jobs whose time comes: no message waits in a worker's hand, so a sweep queues what is due."""

from __future__ import annotations

from celery import shared_task

from app import jobs


@shared_task(name="jobs.queue_due", ignore_result=True)
def queue_due() -> None:
    """Queue what was asked for with a time that has come; every 10 seconds, safe to repeat."""
    jobs.queue_due()

"""Thin tasks of roster imports: plain ids in, the service does the work."""

from __future__ import annotations

from celery import shared_task
from flask import current_app

from app.monitoring.counting import count_job
from app.services import imports


@shared_task(name="imports.work", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def work(run_id: str) -> None:
    """Read, apply or undo the run whose turn it is until it waits for people; running twice does no harm."""
    end = imports.work_in_turn(run_id, current_app.extensions["lec_settings"].import_lease_seconds)
    if end is not None:
        count_job("import", end.value)


@shared_task(name="imports.sweep", ignore_result=True)
def sweep() -> None:
    """Queue imports that a dead worker left or that never reached one; every 30 seconds."""
    imports.sweep()

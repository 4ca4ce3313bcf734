"""Thin tasks of the validation rules: plain codes in, the service does the work."""

from __future__ import annotations

from celery import shared_task

from app.monitoring.counting import count_job
from app.services import findings


@shared_task(name="findings.check", ignore_result=True)
def check(school_code: str) -> None:
    """Check one school after its roster was changed; safe to repeat."""
    findings.check_changed(school_code)


@shared_task(name="findings.run", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def run(key: str) -> None:
    """Go on with the check of an area ("lao:5301401"); running twice does no harm."""
    if findings.run(key):
        count_job("check", "done")


@shared_task(name="findings.sweep", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def sweep() -> None:
    """Each hour: go on with what was cut off, and check the whole country once a night."""
    findings.sweep()

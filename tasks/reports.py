"""Thin tasks of count reports: plain ids in, the service does the work."""

from __future__ import annotations

from celery import shared_task
from flask import current_app

from app.monitoring.counting import count_job
from app.services import reports


def _settings() -> reports.BuildSettings:
    settings = current_app.extensions["lec_settings"]
    return reports.BuildSettings(settings.report_lease_seconds, settings.report_chunk or None)


@shared_task(name="reports.build", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def build(run_id: str) -> None:
    """Work on the run whose turn it is until it ends; running twice does no harm."""
    end = reports.build_in_turn(run_id, _settings())
    if end is not None:
        count_job("report", end.value)


@shared_task(name="reports.sweep", ignore_result=True)
def sweep() -> None:
    """Queue runs that a dead worker left or that never reached one; every 30 seconds."""
    reports.sweep()

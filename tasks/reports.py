"""Thin tasks of count reports: plain ids in, the service does the work."""

from __future__ import annotations

import os

from celery import shared_task

from app.services import reports


def _settings() -> reports.BuildSettings:
    """From the environment: seconds a claim holds, and schools at a time (unset: the size of the run decides)."""
    chunk = os.environ.get("LEC_REPORT_CHUNK", "")
    return reports.BuildSettings(float(os.environ.get("LEC_REPORT_LEASE_SECONDS", "60")), int(chunk) if chunk else None)


@shared_task(name="reports.build", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def build(run_id: str) -> None:
    """Work on a run until it ends; running twice does no harm."""
    reports.build(run_id, _settings())


@shared_task(name="reports.sweep", ignore_result=True)
def sweep() -> None:
    """Queue runs that a dead worker left or that never reached one; every 30 seconds."""
    reports.sweep()

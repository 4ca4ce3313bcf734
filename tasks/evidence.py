"""Thin tasks of certified lists: a plain id in, the service does the work."""

from __future__ import annotations

from celery import shared_task
from flask import current_app

from app.services import evidence


@shared_task(name="evidence.read_list", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def read_list(key: str) -> None:
    """Read a file that was sent; running twice does no harm."""
    evidence.read_list(key, current_app.extensions["lec_settings"].import_lease_seconds)


@shared_task(name="evidence.sweep", ignore_result=True)
def sweep() -> None:
    """Queue lists that a dead worker left or that never reached one; every 30 seconds."""
    evidence.sweep_lists()

"""Thin task of retention: what is older than it is kept goes, each night."""

from __future__ import annotations

from celery import shared_task
from flask import current_app

from app.services.retention import remove_old


@shared_task(name="retention.remove", ignore_result=True)
def remove() -> None:
    """Remove old rows, files and entries, each kind by its setting; safe to repeat and to cut off."""
    remove_old(current_app.extensions["lec_settings"].retention)

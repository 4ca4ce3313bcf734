"""Thin task of files: what no record points at goes, once a day."""

from __future__ import annotations

from celery import shared_task

from app.services import files


@shared_task(name="files.sweep", ignore_result=True)
def sweep() -> None:
    """Remove orphaned files older than a day; safe to repeat."""
    files.sweep()

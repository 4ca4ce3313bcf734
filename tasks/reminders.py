"""Thin task of reminders: those that are due today."""

from __future__ import annotations

from celery import shared_task

from app.services.reminders import remind


@shared_task(name="reminders.remind", ignore_result=True)
def send() -> None:
    """Remind the LAOs that are behind; each hour of the working day, which a second run on a day does not double."""
    remind()

"""Thin tasks of notices: plain ids in, the service does the work."""

from __future__ import annotations

from celery import shared_task
from flask import current_app

from app.notices.settings import mail_of
from app.services import notices


@shared_task(name="notices.deliver", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def deliver(delivery_id: str) -> None:
    """Try one delivery once; running twice does no harm."""
    notices.deliver(delivery_id, mail_of(current_app.extensions))


@shared_task(name="notices.sweep", ignore_result=True)
def sweep() -> None:
    """Queue what is due and settle what dead workers left; every 30 seconds, and after each sending."""
    notices.sweep(mail_of(current_app.extensions))

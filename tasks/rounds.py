"""Thin tasks of rounds: a code in, the service does the work."""

from __future__ import annotations

from celery import shared_task

from app.services.submissions import carry_out, sweep_openings


@shared_task(name="rounds.open", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def open_round(round_code: str) -> None:
    """Give every school that must report its submission; running twice does no harm."""
    carry_out(round_code)


@shared_task(name="rounds.sweep", ignore_result=True)
def sweep() -> None:
    """Queue openings that a dead worker left; each minute."""
    sweep_openings()

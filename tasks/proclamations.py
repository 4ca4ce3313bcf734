"""Thin task of proclamations: those that come into force today."""

from __future__ import annotations

from celery import shared_task

from app.services.proclamations import apply_due


@shared_task(name="proclamations.apply", ignore_result=True)
def apply() -> None:
    """Close the schools of proclamations in force since midnight; safe to repeat."""
    apply_due()

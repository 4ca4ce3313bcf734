"""Every periodic job of LEC in one table."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    # What a dead worker left behind, and retries whose time has come, are picked up within half a minute.
    "reports-sweep": {"task": "reports.sweep", "schedule": 30.0},
    # Each hour and not only after midnight, so that a night without beat is caught up.
    "proclamations-apply": {"task": "proclamations.apply", "schedule": crontab(minute=5)},
    "rounds-sweep": {"task": "rounds.sweep", "schedule": 60.0},
    "notices-sweep": {"task": "notices.sweep", "schedule": 30.0},
}

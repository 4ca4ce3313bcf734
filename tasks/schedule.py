"""Every periodic job of LEC in one table."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    # What a dead worker left behind, and retries whose time has come, are picked up within half a minute.
    "reports-sweep": {"task": "reports.sweep", "schedule": 30.0},
    "imports-sweep": {"task": "imports.sweep", "schedule": 30.0},
    # Each hour and not only after midnight, so that a night without beat is caught up.
    "proclamations-apply": {"task": "proclamations.apply", "schedule": crontab(minute=5)},
    # At 8 in the morning of Thailand, and again until noon where beat was away; a second run of a day sends nothing.
    "reminders": {"task": "reminders.remind", "schedule": crontab(minute=10, hour="8-12")},
    # At night, for it reads what every document names as a file.
    "files-sweep": {"task": "files.sweep", "schedule": crontab(hour=3, minute=30)},
    "imports-clear": {"task": "imports.clear", "schedule": crontab(hour=3, minute=10)},
    # Each hour: what was cut off goes on, and the country is checked once a night.
    "findings-sweep": {"task": "findings.sweep", "schedule": crontab(minute=20)},
    "rounds-sweep": {"task": "rounds.sweep", "schedule": 60.0},
    "notices-sweep": {"task": "notices.sweep", "schedule": 30.0},
}

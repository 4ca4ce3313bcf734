"""Every periodic job of LEC in one table."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

from app.queued import MARK_SECONDS

HOUR = 3600
Entry = dict[str, Any]


def _job(task: str, schedule: Any, expires: int = HOUR) -> Entry:
    """A periodic job. While no worker runs one of each waits, for `expires` seconds: what is older is not done late.

    Two beats do no harm: the second finds the job waiting, or it runs twice, which every job here may.
    """
    return {"task": task, "schedule": schedule, "options": {"expires": expires}}


def _sweep(task: str, seconds: float) -> Entry:
    """Not shorter than its mark, or a dropped one would keep the next from being queued."""
    return _job(task, seconds, MARK_SECONDS)


SCHEDULE: dict[str, Entry] = {
    # What a dead worker left behind, and retries whose time has come, are picked up within half a minute.
    "reports-sweep": _sweep("reports.sweep", 30.0),
    "imports-sweep": _sweep("imports.sweep", 30.0),
    "evidence-sweep": _sweep("evidence.sweep", 30.0),
    # Each hour and not only after midnight, so that a night without beat is caught up.
    "proclamations-apply": _job("proclamations.apply", crontab(minute=5)),
    # At 8 in the morning of Thailand, and again until noon where beat was away; a second run of a day sends nothing.
    "reminders": _job("reminders.remind", crontab(minute=10, hour="8-12")),
    # At night, for it reads what every document names as a file.
    "files-sweep": _job("files.sweep", crontab(hour=3, minute=30), 3 * HOUR),
    # Before files are swept, so that those of removed history go in the same night.
    "retention": _job("retention.remove", crontab(hour=3, minute=0), 3 * HOUR),
    # Each hour: what was cut off goes on, and the country is checked once a night.
    "findings-sweep": _job("findings.sweep", crontab(minute=20)),
    "jobs-queue-due": _sweep("jobs.queue_due", 10.0),
    "rounds-sweep": _sweep("rounds.sweep", 60.0),
    "notices-sweep": _sweep("notices.sweep", 30.0),
}

"""What `celery -A tasks.worker` loads: the application with every task registered."""

from app import create_app
from tasks import (  # noqa: F401 - importing registers their tasks
    files,
    findings,
    imports,
    notices,
    proclamations,
    reminders,
    reports,
    rounds,
)
from tasks.schedule import SCHEDULE

celery = create_app().extensions["celery"]
celery.conf.beat_schedule = SCHEDULE

"""What `celery -A tasks.worker` loads: the application with every task registered."""

from app import create_app
from tasks import files, findings, notices, proclamations, reminders, reports, rounds  # noqa: F401 - registers them
from tasks.schedule import SCHEDULE

celery = create_app().extensions["celery"]
celery.conf.beat_schedule = SCHEDULE

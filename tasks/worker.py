"""What `celery -A tasks.worker` loads: the application with every task registered."""

import gc

from app import create_app
from app.broker import FOR_WORKERS
from tasks import (  # noqa: F401 - importing registers their tasks
    files,
    findings,
    imports,
    jobs,
    notices,
    proclamations,
    reminders,
    reports,
    rounds,
)
from tasks.schedule import SCHEDULE

celery = create_app().extensions["celery"]
celery.conf.broker_transport_options = FOR_WORKERS
celery.conf.beat_schedule = SCHEDULE

# What is loaded by now stays as long as the process: looking through it for garbage took a third of a large import.
gc.freeze()

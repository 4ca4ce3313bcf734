"""What `celery -A tasks.worker` loads: the application with every task registered."""

import gc
from typing import Any

import click
from celery.signals import worker_init

from app import create_app
from app.broker import FOR_WORKERS
from app.patience import WORK
from app.schema_guard import end_on_newer_data
from tasks import (  # noqa: F401 - importing registers their tasks
    evidence,
    files,
    findings,
    imports,
    jobs,
    notices,
    proclamations,
    reminders,
    reports,
    retention,
    rounds,
)
from tasks.schedule import SCHEDULE

try:
    application = create_app(patience=WORK)
except click.ClickException as refusal:  # a setting that cannot be used: a sentence, no traceback
    raise SystemExit(refusal.message) from None
celery = application.extensions["celery"]
celery.conf.broker_transport_options = FOR_WORKERS
celery.conf.beat_schedule = SCHEDULE

# What is loaded by now stays as long as the process: looking through it for garbage took a third of a large import.
gc.freeze()


@worker_init.connect
def end_on_data_of_a_newer_version(**_: Any) -> None:
    """A worker of an older version touches nothing of a newer one's data."""
    end_on_newer_data(application.extensions["lec_settings"])

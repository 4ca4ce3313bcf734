"""A worker for the test of a killed one: the real application, with a lease short enough to wait for."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from app import create_app
from app.notices.settings import mail_settings
from tasks import notices  # noqa: F401 - importing registers its tasks

application = create_app()
application.extensions["lec_mail"] = dataclasses.replace(
    mail_settings(application.extensions["lec_settings"]), lease=timedelta(seconds=2), pace=0.01
)
celery = application.extensions["celery"]

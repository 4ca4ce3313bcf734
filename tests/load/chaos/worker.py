"""What the workers of a chaos run load: those of production, with a mail lease and waits that end within the run."""

from __future__ import annotations

import dataclasses
import os
from datetime import timedelta

from app.notices import settings as mail
from tasks.worker import celery
from tests.load.chaos.shape import MAIL_LEASE, MAIL_PACE

__all__ = ["celery"]

_production = mail.mail_settings


def _hurried(installation: mail.Installation) -> mail.MailSettings:
    lease, pace = timedelta(seconds=float(os.environ[MAIL_LEASE])), float(os.environ[MAIL_PACE])
    return dataclasses.replace(_production(installation), lease=lease, pace=pace)


mail.mail_settings = _hurried

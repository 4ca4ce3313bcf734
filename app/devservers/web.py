"""Gunicorn's settings under run.py (`gunicorn -c python:app.devservers.web`)."""

import os
from typing import Any

from app.devservers.processes import die_with_parent
from app.gunicorn_settings import *  # noqa: F403

bind = f"127.0.0.1:{os.environ.get('PORT', '8080')}"
graceful_timeout = 5


def post_fork(server: Any, worker: Any) -> None:
    """A web process whose master is killed with -9 ends too."""
    die_with_parent()

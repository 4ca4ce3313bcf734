"""The web's processes count together; called by Gunicorn's settings."""

from __future__ import annotations

import contextlib
from typing import Any

import config
from app.monitoring.counting import count_process_start
from app.monitoring.logs import configure_logging
from app.monitoring.programs import begin_program, folder_of


def begin_web() -> None:
    """Let this Gunicorn and the processes it forks write their lines and count in one folder; before the first fork.

    A setting that cannot be used is not said here: the application says it, which has the same settings.
    """
    with contextlib.suppress(config.ConfigError):
        settings = config.load()
        configure_logging(settings)
        begin_program("web", folder_of(settings.data_dir, settings.monitoring.metrics_dir))


def serve_web_metrics(application: Any) -> None:
    """In a web process: count its start; serve METRICS_ADDRESS, where it is set and no other process does."""
    count_process_start()
    serve = getattr(application, "extensions", {}).get("lec_serve_metrics")
    if serve is not None:
        serve()

"""Joins everything that an operator sees to the application."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery, signals
from flask import Flask, Response, abort, request

import config
from app.monitoring.commands import init_command_metrics
from app.monitoring.exposition import CONTENT_TYPE, PATH, Exposition, is_token, serve_when_free
from app.monitoring.live import LiveCollector
from app.monitoring.logs import init_worker_logging
from app.monitoring.programs import folder_of, program_folder
from app.monitoring.worker_hooks import init_task_metrics
from app.monitoring.worker_pulse import init_heartbeats

EXPOSITION = "lec_exposition"
Halted = Callable[[], dict[str, int]]


def init_worker_monitoring(celery: Celery, settings: config.Settings) -> None:
    """Log lines and heartbeats of workers and beat, counters of workers."""
    init_worker_logging(settings)
    init_heartbeats(celery, settings.redis_url)
    init_task_metrics(celery, folder_of(settings.data_dir, settings.monitoring.metrics_dir))


def init_metrics(app: Flask, settings: config.Settings, halted: Halted) -> None:
    """GET /metrics for who sends METRICS_TOKEN, 404 for everybody else; and METRICS_ADDRESS, where it is set."""
    init_command_metrics()
    monitoring = settings.monitoring
    base = folder_of(settings.data_dir, monitoring.metrics_dir)

    def exposition() -> Exposition:
        """Made at the first scrape: by then it is known whether this process counts with others."""
        if EXPOSITION not in app.extensions:
            together = base if program_folder() else None
            live = LiveCollector(settings.redis_url, settings.data_dir, halted)
            app.extensions[EXPOSITION] = Exposition(together, live)
        made: Exposition = app.extensions[EXPOSITION]
        return made

    @app.get(PATH)
    def metrics() -> Response:
        if not is_token(request.headers.get("Authorization", ""), monitoring.metrics_token):
            abort(404)
        return Response(exposition().text(), content_type=CONTENT_TYPE)

    def serve(**_: object) -> None:
        if monitoring.metrics_address is not None:
            host, port = monitoring.metrics_address
            serve_when_free(host, port, exposition(), monitoring.metrics_token)

    app.extensions["lec_serve_metrics"] = serve
    signals.worker_process_init.connect(serve, weak=False, dispatch_uid="lec-serve-metrics")

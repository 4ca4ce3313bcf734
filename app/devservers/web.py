"""Gunicorn's settings under run.py (`gunicorn -c python:app.devservers.web`)."""

import os
from typing import Any

from app.devservers.processes import die_with_parent

bind = f"127.0.0.1:{os.environ.get('PORT', '8080')}"
worker_class = "gthread"
workers = 2  # an export that keeps one process busy leaves the other for everybody else
threads = 8
preload_app = True  # loaded once, then forked: what talks to MongoDB or Valkey connects at its first use
graceful_timeout = 5
control_socket_disable = True
# Gunicorn touches a file there all the time; on a slow disk that can stall a worker.
SHARED_MEMORY = "/dev/shm"  # noqa: S108
worker_tmp_dir = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None


def post_fork(server: Any, worker: Any) -> None:
    """A web process whose master is killed with -9 ends too."""
    die_with_parent()

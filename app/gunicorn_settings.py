"""Gunicorn's settings that development and production share; `deploy/gunicorn.conf.py` and run.py build on them."""

from __future__ import annotations

import gc
import os
import signal
from typing import Any

from gunicorn.systemd import sd_notify

from app.monitoring.gunicorn_hooks import begin_web, serve_web_metrics

worker_class = "gthread"
workers = 2  # an export that keeps one process busy leaves the other for everybody else
threads = 8
preload_app = True  # loaded once, then forked: what talks to MongoDB or Valkey connects at its first use
control_socket_disable = True
# Gunicorn touches a file there all the time; on a slow disk that can stall a worker.
SHARED_MEMORY = "/dev/shm"  # noqa: S108
worker_tmp_dir = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None

PREVIOUS_MASTER = "GUNICORN_PID"
"""Set by Gunicorn in a master that another one started on SIGUSR2, until it is alone."""


def when_ready(server: Any) -> None:
    """Before the first worker is forked: what is loaded by now is shared by all of them, so it is never looked through.

    A collection in a worker would write into every loaded object and so copy its page of memory.
    """
    begin_web()
    gc.collect()
    gc.freeze()
    if PREVIOUS_MASTER in os.environ:
        sd_notify(f"MAINPID={os.getpid()}\nREADY=1", server.log)


def post_worker_init(worker: Any) -> None:
    """After SIGUSR2: the first worker of the new master that can answer lets the previous master end its requests."""
    previous = os.environ.get(PREVIOUS_MASTER, "")
    if previous.isdigit() and is_previous_master(int(previous)):
        os.kill(int(previous), signal.SIGTERM)
    serve_web_metrics(worker.wsgi)


def is_previous_master(pid: int) -> bool:
    """Whether `pid` started this worker's master and still lives: a number used again does not pass."""
    try:
        with open(f"/proc/{os.getppid()}/stat") as file:
            parent = int(file.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return False
    return parent == pid

"""Gunicorn's settings, the same for every system: one worker process, eight threads."""

import os

from app.devservers.processes import die_with_parent

bind = f"127.0.0.1:{os.environ['PORT']}"
worker_class = "gthread"
workers = 1
threads = 8
keepalive = 60
graceful_timeout = 3
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def post_fork(server: object, worker: object) -> None:
    """A worker whose master is killed ends too."""
    die_with_parent()

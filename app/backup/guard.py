"""Keeps people and workers out of a database whose restore has not ended."""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import Flask, request
from mongoengine.connection import get_db
from pymongo.errors import PyMongoError

from app.backup.marker import marked, unfinished

LOOK_EVERY = 5.0
"""Seconds between two looks of one web process: a page does not pay for it."""
OPEN_ENDPOINTS = ("healthz", "readyz", "metrics")


class Watch:
    """Whether the database is being restored, as this process last saw it."""

    def __init__(self) -> None:
        self._lock, self._next, self._marked = threading.Lock(), 0.0, False

    def marked(self) -> bool:
        """At most one command each five seconds; while it is marked, one each time."""
        now = time.monotonic()
        with self._lock:
            if now < self._next and not self._marked:
                return False
            self._next = now + LOOK_EVERY
        try:
            self._marked = marked(get_db())
        except PyMongoError:  # pages say by themselves that the database is away; what it held last still counts
            return self._marked
        return self._marked


def being_restored() -> bool:
    """Whether a task must not run now. A database that does not answer is the task's own matter."""
    try:
        return marked(get_db())
    except PyMongoError:
        return False


def init_guard(app: Flask) -> None:
    """Answer every page with a sentence, and leave every task out, while the database is not whole."""
    watch = Watch()
    app.extensions["lec_being_restored"] = being_restored

    @app.before_request
    def refuse() -> Any:
        name = request.endpoint or ""
        if name not in OPEN_ENDPOINTS and name.rpartition(".")[2] != "static" and watch.marked():
            raise unfinished()
        return None

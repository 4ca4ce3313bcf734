"""A web that does not touch data of a newer version than it knows: it says so on every page instead."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, request
from mongoengine.connection import get_db
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from app.errors import Problem
from app.migrations.schema import refuse_newer
from config import Settings

log = logging.getLogger(__name__)

KNOWN = "lec_schema_known"
"""The application's extension that is there once this process has seen that it may work with the data."""
ALWAYS_ANSWERED = ("healthz", "readyz", "metrics")


def init_schema_guard(app: Flask) -> None:
    """Look at the version of the data before the first request of each process that needs them.

    Once is enough: a program of a newer major version is only let in after the older ones were stopped.
    """

    @app.before_request
    def _look_once() -> None:
        static = request.endpoint is None or request.endpoint.rpartition(".")[2] == "static"
        if KNOWN in app.extensions or static or request.endpoint in ALWAYS_ANSWERED:
            return
        refuse_newer(get_db())
        app.extensions[KNOWN] = True


def end_on_newer_data(settings: Settings) -> None:
    """For a worker, before it forks: end with one sentence. Raises SystemExit.

    By a connection of its own, closed again: none may be open when a process forks. Where the database does not answer
    the worker starts all the same, and waits for it with its first task.
    """
    client: MongoClient[dict[str, Any]] = MongoClient(settings.mongodb_uri, serverSelectionTimeoutMS=5000)
    try:
        refuse_newer(client[settings.database_name])
    except Problem as problem:
        raise SystemExit(f"{problem.th}\n{problem.en}") from None
    except PyMongoError as error:
        log.warning("the version of the data is not known yet: %s", type(error).__name__)
    finally:
        client.close()

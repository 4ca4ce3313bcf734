"""Web and worker that do not touch data of a version they cannot work with: they say so instead."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, request
from mongoengine.connection import get_db
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from app.errors import Problem
from app.migrations import admit
from config import Settings

log = logging.getLogger(__name__)

KNOWN = "lec_schema_known"
"""The application's extension that is there once this process has seen that it may work with the data."""
ALWAYS_ANSWERED = ("healthz", "readyz", "metrics")


def init_schema_guard(app: Flask) -> None:
    """Look at the version of the data before the first request of each process that needs them.

    Once is enough, and costs no page a command: a newer major is only let in after the older programs were stopped.
    """

    @app.before_request
    def _look_once() -> None:
        static = request.endpoint is None or request.endpoint.rpartition(".")[2] == "static"
        if KNOWN in app.extensions or static or request.endpoint in ALWAYS_ANSWERED:
            return
        _admit(get_db())
        app.extensions[KNOWN] = True


def _admit(database: Database[dict[str, Any]]) -> None:
    """As `admit`; what is still to run, and lets this program work meanwhile, is one line in the log."""
    if admit(database) == "pending":
        log.warning("the database waits for migrations: run `flask init`; `flask migrate` lists them")


def end_on_newer_data(settings: Settings) -> None:
    """For a worker, before it forks: end with one sentence. Raises SystemExit.

    By a connection of its own, closed again: none may be open when a process forks. Where the database does not answer
    the worker starts all the same, and waits for it with its first task.
    """
    client: MongoClient[dict[str, Any]] = MongoClient(settings.mongodb_uri, serverSelectionTimeoutMS=5000)
    try:
        _admit(client[settings.database_name])
    except Problem as problem:
        raise SystemExit(f"{problem.th}\n{problem.en}") from None
    except PyMongoError as error:
        log.warning("the version of the data is not known yet: %s", type(error).__name__)
    finally:
        client.close()

"""How long each purpose waits for MongoDB, which elects a new primary for 10 to 12 seconds after it lost one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pymongo
from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ANSWER_WITHIN = 5.0
"""Seconds that somebody waits who only asks whether the database is there."""
SAVE_WITHIN = 30.0
"""Seconds that one request which writes may take of MongoDB in all, repeated transactions included."""
WRITES = frozenset(("POST", "PUT", "PATCH", "DELETE"))


@dataclass(frozen=True)
class Patience:
    """Seconds. select: for a primary to be found. answer: for a reply; a frozen server is given up after it."""

    select: float
    answer: float

    def for_client(self) -> dict[str, Any]:
        """The keywords of pymongo's client, for all who wait so long.

        A write is acknowledged when a majority has it on disk, so that no election takes it back. A server that is
        frozen or unplugged is noticed by its heartbeats within about ten seconds.
        """
        return {
            "serverSelectionTimeoutMS": int(self.select * 1000),
            "socketTimeoutMS": int(self.answer * 1000),
            "connectTimeoutMS": 5000,
            "heartbeatFrequencyMS": 5000,
            "waitQueueTimeoutMS": 10_000,
            "retryReads": True,
            "retryWrites": True,
            "w": "majority",
            "journal": True,
        }


PAGES = Patience(select=20, answer=45)
"""A page waits through an election; its longest single reply is a country's sums."""
WORK = Patience(select=60, answer=300)
"""A job waits longer than a page may."""


class BoundedWrites:
    """Gives each request that writes SAVE_WITHIN seconds of MongoDB: its transactions are repeated through an election,
    and then a sentence comes rather than the proxy's time-out. A response that is streamed later is not bounded."""

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") not in WRITES:
            return self.wsgi_app(environ, start_response)
        with pymongo.timeout(SAVE_WITHIN):
            return self.wsgi_app(environ, start_response)


def init_bounded_writes(app: Flask) -> None:
    """Bound what every writing request of the application waits for MongoDB."""
    bounded: Callable[..., Any] = BoundedWrites(app.wsgi_app)
    app.wsgi_app = bounded  # type: ignore[method-assign]

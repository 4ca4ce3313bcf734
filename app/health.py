"""Two addresses for whoever watches the service: it lives, and what of it can work."""

from __future__ import annotations

import logging
from typing import Any

import pymongo
import redis
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from mongoengine.connection import get_db

from app import db
from app.backup.marker import refuse_unfinished
from app.errors import Problem
from app.migrations import admit
from app.monitoring.heartbeats import liveness, quick_client, read_heartbeats

log = logging.getLogger(__name__)

DATABASE_SECONDS = 1.5
QUEUE_SECONDS = 0.5
"""For a connection and again for each answer: with the database's both are told within three seconds, frozen or not."""


def init_health(app: Flask) -> None:
    """Add GET /healthz (the process answers) and GET /readyz (database, queue, workers and beat).

    /readyz says 503 where the database is down, or of a version that this program must not touch ("schema"): then no
    page can be shown. A queue, worker or schedule that is
    missing is named as "degraded" with 200, for a balancer must not take away pages that still save what people type;
    `?strict=1` says 503 for these too.
    """

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        state = readiness(app.extensions["lec_settings"].redis_url)
        strict = request.args.get("strict", "0") not in ("", "0")
        failed = state["status"] == "down" or (strict and state["status"] != "ok")
        return jsonify(state), 503 if failed else 200


def readiness(redis_url: str) -> dict[str, Any]:
    """{"status": "ok", "degraded" or "down", "down": servers that do not answer, "missing": workers and beat}.

    Of a queue that does not answer it is not known who serves it: then `missing` is empty.
    """
    down, missing = [], []
    try:
        with pymongo.timeout(DATABASE_SECONDS):
            db.ping()
            refuse_unfinished(get_db())
            admit(get_db())
    except Problem as problem:
        log.warning("no page can be shown: %s", problem.en)
        down.append("schema" if problem.kind == "conflict" else "mongodb")
    except Exception as error:
        log.warning("database does not answer: %s", type(error).__name__)
        down.append("mongodb")
    try:
        with quick_client(redis_url, QUEUE_SECONDS) as client:
            missing = liveness(read_heartbeats(client)).missing
    except redis.RedisError as error:
        log.warning("queue does not answer: %s", type(error).__name__)
        down.append("redis")
    status = "down" if {"mongodb", "schema"} & set(down) else "degraded" if down or missing else "ok"
    return {"status": status, "down": down, "missing": missing}

"""Two addresses for whoever watches the service: it lives, and it can work."""

from __future__ import annotations

import logging

import redis
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from app import db

log = logging.getLogger(__name__)


def init_health(app: Flask) -> None:
    """Add GET /healthz (the process answers) and GET /readyz (database and queue answer too)."""

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        down = []
        try:
            db.ping()
        except Exception as error:
            log.warning("database does not answer: %s", type(error).__name__)
            down.append("mongodb")
        try:
            redis.Redis.from_url(app.extensions["lec_settings"].redis_url, socket_timeout=2).ping()
        except redis.RedisError as error:
            log.warning("queue does not answer: %s", type(error).__name__)
            down.append("redis")
        return jsonify(status="down" if down else "ok", down=down), 503 if down else 200

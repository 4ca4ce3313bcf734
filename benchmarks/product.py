"""LEC itself, as it runs in production, behind the counter of commands."""

from __future__ import annotations

from flask import Flask

from app import create_app
from benchmarks.counting import Counted


def application() -> Flask:
    """The real application of the environment's settings."""
    app = create_app()
    app.wsgi_app = Counted(app.wsgi_app)  # type: ignore[method-assign]
    return app

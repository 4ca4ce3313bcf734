"""LEC: the census of students of Thailand's local administrative organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import config

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: config.Settings | None = None) -> Flask:
    """The web application of one installation; raises config.ConfigError when it cannot start."""
    # Imported here so that the pure parts (app.rules, app.thai) load without the web framework.
    from app.assembly import assemble

    settings = settings or config.load()
    settings.require_servers()
    return assemble(settings)

"""LEC: the census of students of Thailand's local administrative organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import config

if TYPE_CHECKING:
    from flask import Flask

    from app.patience import Patience


def create_app(settings: config.Settings | None = None, patience: Patience | None = None) -> Flask:
    """The web application of one installation; raises config.ConfigError when it cannot start.

    patience: how long it waits for MongoDB; a page's where nothing is said.
    """
    # Imported here so that the pure parts (app.rules, app.thai) load without the web framework.
    from app.assembly import assemble
    from app.patience import PAGES

    settings = settings or config.load()
    settings.require_servers()
    config.require_writable(settings.data_dir)
    return assemble(settings, patience or PAGES)

"""Real servers for the tests: one MongoDB and one Valkey for the run, an empty database for each test."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mongoengine
import pymongo.monitoring
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from pymongo.database import Database

import config
from app import db as app_db
from app.devservers.mongo import EmbeddedMongo
from app.devservers.valkey import EmbeddedValkey
from tests.commands import COMMANDS, CommandCounter
from tests.people import People

pymongo.monitoring.register(COMMANDS)

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]

KEPT = {"roles", "permissions", "view_menus", "permission_views"}
"""What `flask init` writes; it is put back for each test, since other applications share the database."""


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedMongo]:
    """A MongoDB replica set for the whole run."""
    with EmbeddedMongo(tmp_path_factory.mktemp("mongo"), database="lec_test") as server:
        yield server


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey for the whole run."""
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@pytest.fixture(scope="session")
def settings(
    mongo: EmbeddedMongo, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> config.Settings:
    """Settings of the test installation."""
    folder: Path = tmp_path_factory.mktemp("data")
    return dataclasses.replace(
        config.load(
            {
                "LEC_ENV": "testing",
                "MONGODB_URI": mongo.uri,
                "REDIS_URL": valkey_url,
                "LEC_DATA_DIR": str(folder),
            }
        )
    )


@pytest.fixture(scope="session")
def _connected(settings: config.Settings) -> Iterator[None]:
    app_db.connect(settings)
    app_db.ensure_indexes()
    yield
    mongoengine.disconnect_all()


@pytest.fixture
def db(_connected: None) -> Database[dict[str, Any]]:
    """The test database, emptied of everything but roles and permissions; indexes stand."""
    database: Database[dict[str, Any]] = mongoengine.get_db()
    for name in database.list_collection_names():
        if name not in KEPT and not name.startswith("system."):
            database[name].delete_many({})
    return database


@pytest.fixture(scope="session")
def _application(settings: config.Settings, _connected: None) -> tuple[Flask, Rows]:
    from app import create_app
    from app.services.roles import sync_roles

    app = create_app(settings)
    with app.app_context():
        sm = app.extensions["appbuilder"].sm
        sm.sync_permissions()
        sync_roles(sm)
    database = mongoengine.get_db()
    return app, {name: list(database[name].find()) for name in KEPT}


@pytest.fixture
def app(_application: tuple[Flask, Rows], db: Database[dict[str, Any]], valkey_url: str) -> Flask:
    """The application on an empty database with empty queues, its roles and permissions as they were at first."""
    application, rows = _application
    with redis.Redis.from_url(valkey_url) as client:
        client.flushdb()
    for name, kept in rows.items():
        db[name].delete_many({})
        db[name].insert_many(kept)
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def people(app: Flask, db: Database[dict[str, Any]]) -> People:
    """One person of each role on a small tree of places."""
    return People(app, db)


@pytest.fixture
def commands() -> CommandCounter:
    """Counts database commands: `with commands.counting() as sent: ...; assert len(sent) <= 5`."""
    return COMMANDS


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One real browser for the run: its driver allows no second one beside it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()

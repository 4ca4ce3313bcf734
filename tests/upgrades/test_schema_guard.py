"""Web and worker on data of another version: a newer minor is worked with, a newer major refused in one sentence."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

import config
from app import create_app
from app.migrations.declared import newest
from app.migrations.running import run_pending
from app.migrations.state import COLLECTION, KEY
from tests.devservers.running import ROOT, environment

Raw = dict[str, Any]


def store(database: Database[Raw], major: int, minor: int = 0) -> None:
    row = {"version": f"{major}.{minor}", "app_version": "7.1", "applied": []}
    database[COLLECTION].replace_one({"_id": KEY}, row, upsert=True)


@pytest.mark.parametrize("path", ["/", "/login/", "/students/list/", "/api/v1/students/"])
def test_pages_refuse_data_of_a_newer_major_version(
    app: Flask, db: Database[Raw], settings: config.Settings, path: str
) -> None:
    store(db, newest().major + 1)
    client = create_app(settings).test_client()
    answer = client.get(path)
    assert answer.status_code == 409
    assert "LEC รุ่น 7.1" in answer.text or path.startswith("/api/")
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json["down"] == ["schema"]
    store(db, newest().major)
    assert client.get("/login/").status_code == 200, "once it fits, no restart is needed"


def test_data_of_a_newer_minor_version_are_worked_with(
    app: Flask, db: Database[Raw], settings: config.Settings
) -> None:
    store(db, newest().major, newest().minor + 5)
    assert create_app(settings).test_client().get("/login/").status_code == 200


def test_pending_migrations_are_said_once_in_the_log(
    app: Flask, db: Database[Raw], settings: config.Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        client = create_app(settings).test_client()
        assert [client.get("/login/").status_code for _ in range(3)] == [200] * 3
    assert sum("waits for migrations" in line for line in caplog.messages) == 1
    caplog.clear()
    run_pending(db, "0", lambda line: None)
    with caplog.at_level(logging.WARNING):
        create_app(settings).test_client().get("/login/")
    assert not any("waits for migrations" in line for line in caplog.messages)


def test_the_version_costs_no_page_a_command(
    app: Flask, db: Database[Raw], settings: config.Settings, commands: Any
) -> None:
    client = create_app(settings).test_client()
    client.get("/login/")
    with commands.counting() as sent:
        client.get("/login/")
    assert not any("installation" in str(command) for command in sent) and len(sent) <= 1


def test_a_worker_ends_with_a_sentence_before_data_of_a_newer_version(
    db: Database[Raw], settings: config.Settings, tmp_path: Path
) -> None:
    store(db, newest().major + 1)
    env = environment(tmp_path, 8080, LEC_ENV="testing", **settings.server_addresses())
    command = [sys.executable, "-m", "celery", "-A", "tasks.worker", "worker", "-Q", "mail", "-n", "newer@%h"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode != 0
    assert "newer than this program" in ended.stderr + ended.stdout


def test_init_refuses_data_of_a_newer_version(app: Flask, db: Database[Raw]) -> None:
    store(db, 99)
    refused = app.test_cli_runner().invoke(args=["init"])
    assert refused.exit_code == 1 and "newer than this program" in refused.output

"""Migrations: in order, once, by one process, resumed after a kill, tried on a copy; newer data are refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo import UpdateOne
from pymongo.database import Database

import config
from app import create_app
from app.errors import Problem
from app.migrations import declared
from app.migrations.migration import Migration, Steps
from app.migrations.runner import pending_migrations, run_migrations, try_migrations
from app.migrations.schema import COLLECTION, schema_version
from tests.devservers.running import ROOT, environment

Raw = dict[str, Any]


@pytest.fixture
def database(db: Database[Raw]) -> Iterator[Database[Raw]]:
    yield db
    db[COLLECTION].delete_many({})
    db.test_rows.drop()


def doubling(pause: Callable[[], object] = lambda: None) -> Migration:
    """Doubles `n` of each row into `twice`; doing a row again changes nothing."""

    def run(steps: Steps) -> None:
        def change(rows: Sequence[Raw]) -> int:
            changes = [
                UpdateOne({"_id": row["_id"]}, {"$set": {"twice": 2 * row["n"]}, "$inc": {"visits": 1}}) for row in rows
            ]
            steps.database.test_rows.bulk_write(changes)
            pause()
            return len(rows)

        steps.change_rows("test_rows", {}, change, {"n": 1})

    return Migration(900, (1, 1), "คูณสอง", "Doubles.", ("test_rows",), run)


def declare(patch: pytest.MonkeyPatch, *more: Migration) -> None:
    patch.setattr(declared, "MIGRATIONS", (*declared.MIGRATIONS, *more))


def test_the_declared_list_is_in_order_and_its_versions_rise() -> None:
    numbers = [one.number for one in declared.MIGRATIONS]
    versions = [one.version for one in declared.MIGRATIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert versions == sorted(set(versions))
    files = sorted(path.stem for path in (ROOT / "app" / "migrations").glob("m[0-9]*.py"))
    assert [int(name[1:5]) for name in files] == numbers, "each has its file, and each file is declared"


def test_what_is_pending_runs_once_and_is_noted(database: Database[Raw], monkeypatch: pytest.MonkeyPatch) -> None:
    database.test_rows.insert_many({"_id": n, "n": n} for n in range(2500))
    declare(monkeypatch, doubling())
    assert schema_version(database) is None
    applied = run_migrations(database)
    assert [one.migration.number for one in applied] == [one.number for one in declared.MIGRATIONS]
    assert applied[-1].counts == {"test_rows": 2500}
    assert database.test_rows.count_documents({"$expr": {"$ne": ["$twice", {"$multiply": ["$n", 2]}]}}) == 0
    assert schema_version(database) == "1.1"
    assert run_migrations(database) == [] == pending_migrations(database)
    stored = database[COLLECTION].find_one({"_id": "schema"})
    assert stored is not None and not {"worker", "lease_until", "running"} & set(stored)


def test_a_migration_that_raises_keeps_its_place_and_the_next_run_goes_on(
    database: Database[Raw], monkeypatch: pytest.MonkeyPatch
) -> None:
    database.test_rows.insert_many({"_id": n, "n": n} for n in range(3000))
    calls = []

    def dies() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("disk full")

    declare(monkeypatch, doubling(dies))
    with pytest.raises(OSError, match="disk full"):
        run_migrations(database)
    assert run_migrations(database)[-1].counts == {"test_rows": 3000}
    assert database.test_rows.count_documents({"visits": 1}) == 2000, "the chunk that was cut off is done again"
    assert database.test_rows.count_documents({"visits": 2}) == 1000


def test_two_processes_do_not_migrate_at_once(database: Database[Raw], monkeypatch: pytest.MonkeyPatch) -> None:
    database.test_rows.insert_one({"_id": 1, "n": 1})
    refused = []

    def meanwhile(steps: Steps) -> None:
        with pytest.raises(Problem) as problem:
            run_migrations(database)
        refused.append(problem.value.kind)

    declare(monkeypatch, Migration(900, (1, 1), "–", "–", (), meanwhile))
    run_migrations(database)
    assert refused == ["conflict"]


SCRIPT = """
import sys, time
from app import create_app
from app.migrations import declared
from app.migrations.migration import Migration
from app.migrations.runner import run_migrations
import app.migrations.runner as runner
from mongoengine.connection import get_db
sys.path.insert(0, {root!r})
from tests.migrations.test_migrations import doubling
declared.MIGRATIONS = (*declared.MIGRATIONS, doubling(lambda: time.sleep(0.2)))
create_app()
runner.LEASE = 2.0
print("begun", flush=True)
run_migrations(get_db(), wait=30)
print("done", flush=True)
"""


def test_a_process_killed_twice_in_the_middle_is_gone_on_by_the_next(
    database: Database[Raw], settings: config.Settings, tmp_path: Path
) -> None:
    database.test_rows.insert_many({"_id": n, "n": n} for n in range(12_000))
    env = environment(tmp_path, 8080, LEC_ENV="testing", **settings.server_addresses())
    command = [sys.executable, "-c", SCRIPT.format(root=str(ROOT))]
    for share in (2000, 6000):
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while database.test_rows.count_documents({"twice": {"$exists": True}}) < share:
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert schema_version(database) != "1.1"
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert "done" in done.stdout, done.stderr
    assert database.test_rows.count_documents({"$expr": {"$eq": ["$twice", {"$multiply": ["$n", 2]}]}}) == 12_000
    assert database.test_rows.count_documents({"visits": {"$gt": 1}}) <= 2000, "at most one chunk for each kill"
    assert schema_version(database) == "1.1"


def test_a_trial_runs_on_a_copy_and_leaves_nothing(database: Database[Raw], monkeypatch: pytest.MonkeyPatch) -> None:
    database.test_rows.insert_many({"_id": n, "n": n} for n in range(1500))
    declare(monkeypatch, doubling())
    before = set(database.client.list_database_names())
    trials = try_migrations(database)
    assert trials[-1].applied.counts == {"test_rows": 1500} and trials[-1].partial == []
    assert database.test_rows.count_documents({"twice": {"$exists": True}}) == 0
    assert set(database.client.list_database_names()) == before
    assert schema_version(database) is None


def test_a_trial_says_of_what_it_copied_a_part_only(database: Database[Raw], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.migrations.runner.MOST_COPIED", 1000)
    database.test_rows.insert_many({"_id": n, "n": n} for n in range(1500))
    declare(monkeypatch, doubling())
    assert try_migrations(database)[-1].partial == ["test_rows"]


def newer(database: Database[Raw], major: int, minor: int = 0) -> None:
    version = {"major": major, "minor": minor}
    database[COLLECTION].replace_one({"_id": "schema"}, {"version": version, "applied": []}, upsert=True)


@pytest.mark.parametrize("path", ["/", "/login/", "/students/list/", "/api/v1/students/"])
def test_pages_refuse_data_of_a_newer_major_version(
    app: Flask, database: Database[Raw], settings: config.Settings, path: str
) -> None:
    newer(database, declared.VERSION[0] + 1)
    client = create_app(settings).test_client()
    answer = client.get(path)
    assert answer.status_code == 409
    assert "โปรแกรมรุ่นใหม่กว่า" in answer.text or path.startswith("/api/")
    assert client.get("/healthz").status_code == 200


def test_data_of_a_newer_minor_version_are_worked_with(
    app: Flask, database: Database[Raw], settings: config.Settings
) -> None:
    newer(database, declared.VERSION[0], declared.VERSION[1] + 5)
    assert create_app(settings).test_client().get("/login/").status_code == 200


def test_a_worker_ends_with_a_sentence_before_data_of_a_newer_version(
    database: Database[Raw], settings: config.Settings, tmp_path: Path
) -> None:
    newer(database, declared.VERSION[0] + 1)
    env = environment(tmp_path, 8080, LEC_ENV="testing", **settings.server_addresses())
    command = [sys.executable, "-m", "celery", "-A", "tasks.worker", "worker", "-Q", "mail", "-n", "newer@%h"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode != 0
    assert "newer than this program" in ended.stderr + ended.stdout


def test_the_commands_say_what_they_do(app: Flask, database: Database[Raw], monkeypatch: pytest.MonkeyPatch) -> None:
    run = app.test_cli_runner().invoke
    assert "0001" in run(args=["migrate"]).output
    declare(monkeypatch, doubling())
    database.test_rows.insert_one({"_id": 1, "n": 1})
    assert "A trial on a copy" in run(args=["migrate", "--dry-run"]).output
    told = run(args=["init"])
    assert "0900" in told.output and "test_rows 1" in told.output, told.output
    assert "Nothing is pending" in run(args=["migrate"]).output
    newer(database, 99)
    refused = run(args=["init"])
    assert refused.exit_code == 1 and "newer than this program" in refused.output

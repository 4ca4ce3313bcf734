"""Migrations: in order, once, one process at a time, on where a killed one stood, tried on a copy."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo import MongoClient
from pymongo.database import Database

from app.devservers.mongo import EmbeddedMongo
from app.errors import Problem
from app.migrations import MIGRATIONS, Version, admit, schema_version
from app.migrations.declared import newest
from app.migrations.m0002_superseded_indexes import SUPERSEDED
from app.migrations.running import run_pending
from app.migrations.state import COLLECTION, KEY, Lease, state
from app.migrations.trying import try_pending
from tests.upgrades.slow_migration import ROWS, doubling

Raw = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
NAME = "lec_upgrades"


@pytest.fixture
def ground(mongo: EmbeddedMongo) -> Iterator[Database[Raw]]:
    """A database of its own with rows to rewrite."""
    with MongoClient[Raw](mongo.uri) as client:
        client.drop_database(NAME)
        client[NAME].things.insert_many([{"_id": f"{n:05}", "n": n} for n in range(ROWS)])
        yield client[NAME]
        client.drop_database(NAME)


def quiet(_: str) -> None: ...


def test_the_declared_list_is_in_order_and_each_says_what_it_does() -> None:
    names = [one.name for one in MIGRATIONS]
    assert names == sorted(names) and len(set(names)) == len(names)
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    versions = [one.version for one in MIGRATIONS]
    assert versions == sorted(versions)
    modules = {path.stem for path in (ROOT / "app" / "migrations").glob("m0*.py")}
    assert modules == {f"m{name}" for name in names}
    assert all(one.th and one.en.endswith(".") for one in MIGRATIONS)


def test_a_database_is_brought_to_the_newest_form_once(ground: Database[Raw]) -> None:
    assert schema_version(ground) == "1.0" and admit(ground) == "pending"
    assert run_pending(ground, "9.9", quiet) == [one.name for one in MIGRATIONS]
    assert schema_version(ground) == str(newest()) and admit(ground) == "ready"
    assert run_pending(ground, "9.9", quiet) == []
    stored = state(ground)
    assert "running" not in stored and "lease" not in stored and stored["app_version"] == "9.9"
    assert all(isinstance(entry["finished_on"], datetime) for entry in stored["applied"])


def test_superseded_indexes_go_and_nothing_else(ground: Database[Raw]) -> None:
    for collection, names in SUPERSEDED.items():
        ground[collection].create_index([("kept", 1)])
        for number, name in enumerate(names):
            ground[collection].create_index([(f"former{number}", 1)], name=name)
    run_pending(ground, "9.9", quiet)
    for collection in SUPERSEDED:
        assert set(ground[collection].index_information()) == {"_id_", "kept_1"}
    assert state(ground)["applied"][1]["changed"] == sum(map(len, SUPERSEDED.values()))


def test_a_process_killed_at_any_moment_is_gone_on_with(mongo: EmbeddedMongo, ground: Database[Raw]) -> None:
    """Three are killed with signal 9 in the middle; at the end each row was written once."""
    moments = random.Random(10)
    seen = 0
    for _ in range(3):
        slow = start(mongo, pause=0.01)
        goal = seen + moments.randint(20, 90)
        wait_until(lambda goal=goal: written(ground) >= goal, slow)
        slow.kill()
        slow.communicate()
        seen = written(ground)
        assert state(ground)["running"]["changed"] == seen < ROWS
        assert schema_version(ground) == "1.0"
    last = start(mongo, pause=0)
    said, _ = last.communicate(timeout=60)
    assert last.returncode == 0 and "goes on behind" in said
    assert ground.things.count_documents({"written": 1}) == ROWS
    assert all(row["double"] == 2 * row["n"] for row in ground.things.find())
    entry = state(ground)["applied"][-1]
    assert (entry["before"], entry["changed"]) == (ROWS, ROWS)


def test_two_at_once_one_waits_and_says_for_whom(mongo: EmbeddedMongo, ground: Database[Raw]) -> None:
    first = start(mongo, pause=0.004)
    wait_until(lambda: written(ground) > 0, first)
    said: list[str] = []
    assert run_pending(ground, "0.0.1", said.append, migrations=[doubling(0)], lease_seconds=1) == []
    assert first.wait(60) == 0
    assert any("is migrating; waiting" in line and Lease(ground).machine in line for line in said)
    assert ground.things.count_documents({"written": 1}) == ROWS


def test_who_cannot_wait_is_told_who_migrates(ground: Database[Raw]) -> None:
    other = Lease(ground)
    assert other.take() and not Lease(ground).take()
    with pytest.raises(Problem, match=other.machine):
        run_pending(ground, "0", quiet, wait_seconds=0)
    other.give_back()
    assert Lease(ground).take()


def test_a_silent_holder_loses_the_lease_and_writes_nothing_more(ground: Database[Raw]) -> None:
    """The first one freezes in the middle of a chunk, the second does all; the first then finds its lease gone."""
    frozen, done = threading.Event(), threading.Event()

    def freeze(row: Raw) -> Raw:
        if row["n"] == 150:
            silent = {"lease.until": datetime(2020, 1, 1), "lease.holder": ""}
            ground[COLLECTION].update_one({"_id": KEY}, {"$set": silent})
            frozen.set()
            done.wait(60)
        return {"$set": {"double": -1}}

    slow = replace(doubling(0), run=lambda context: context.rewrite("things", {"double": None}, freeze))
    ended: list[BaseException] = []

    def first() -> None:
        try:
            run_pending(ground, "0", quiet, migrations=[slow], chunk=100)
        except Problem as problem:
            ended.append(problem)

    thread = threading.Thread(target=first)
    thread.start()
    assert frozen.wait(60)
    run_pending(ground, "0", quiet, migrations=[doubling(0)], chunk=100)
    done.set()
    thread.join(60)
    assert "took the migration over" in ended[0].en  # type: ignore[attr-defined]
    assert ground.things.count_documents({"double": -1}) == 100  # its whole first chunk, from when it held the lease
    assert ground.things.count_documents({"double": None}) == 0


def test_a_row_that_cannot_be_rewritten_is_said_and_the_version_stays(ground: Database[Raw]) -> None:
    stubborn = replace(doubling(0), run=lambda context: context.rewrite("things", {}, lambda row: None))
    with pytest.raises(Problem, match="เหลือ 400"):
        run_pending(ground, "0", quiet, migrations=[stubborn])
    assert schema_version(ground) == "1.0"
    assert run_pending(ground, "0", quiet, migrations=[doubling(0)]) == ["0003_double"]


def test_a_trial_says_what_would_change_and_changes_nothing(ground: Database[Raw]) -> None:
    ground.things.create_index("n", unique=True)
    before = list(ground.things.find())
    names = set(ground.client.list_database_names())
    tried = try_pending(ground, "0", quiet, migrations=[doubling(0)])
    assert [(one.name, one.before, one.changed) for one in tried] == [("0003_double", ROWS, ROWS)]
    assert list(ground.things.find()) == before and state(ground) == {}
    assert set(ground.client.list_database_names()) == names
    said: list[str] = []
    assert try_pending(ground, "0", said.append, migrations=[doubling(0)], most_rows=100)[0].changed == 100
    assert "first 100 of about 400" in said[0]


def test_a_trial_that_fails_leaves_no_copy(ground: Database[Raw]) -> None:
    stubborn = replace(doubling(0), run=lambda context: None)
    names = set(ground.client.list_database_names())
    with pytest.raises(Problem):
        try_pending(ground, "0", quiet, migrations=[stubborn])
    assert set(ground.client.list_database_names()) == names


@pytest.mark.parametrize(("stored", "fits"), [("1.99", True), ("2.0", False), ("10.0", False)])
def test_a_newer_minor_is_worked_on_and_a_newer_major_is_not(ground: Database[Raw], stored: str, fits: bool) -> None:
    run_pending(ground, "0", quiet)
    ground[COLLECTION].update_one({"_id": KEY}, {"$set": {"version": stored, "app_version": "7.1"}})
    if fits:
        assert admit(ground) == "ready"
        return
    for refused in (admit, lambda database: run_pending(database, "0", quiet), lambda db: try_pending(db, "0", quiet)):
        with pytest.raises(Problem, match=r"LEC รุ่น 7\.1"):
            refused(ground)


def test_a_program_of_a_newer_major_waits_for_init(ground: Database[Raw]) -> None:
    coming = [*MIGRATIONS, replace(doubling(0), version=Version(2, 0))]
    with pytest.raises(Problem, match="flask --app app init"):
        admit(ground, coming)
    run_pending(ground, "0", quiet, migrations=coming)
    assert admit(ground, coming) == "ready"


def test_the_command_says_where_the_database_stands(app: Flask, db: Database[Raw]) -> None:
    def said(*arguments: str) -> str:
        result = app.test_cli_runner().invoke(args=["migrate", *arguments])
        assert result.exit_code == 0, result.output
        return str(result.output)

    assert f"to run   {MIGRATIONS[0].name}" in said()
    assert "nothing was changed" in said("--dry-run") and state(db) == {}
    assert "up to date" in said("--run")
    assert f"schema {newest()}" in said() and "nothing is to run" in said()


def start(mongo: EmbeddedMongo, pause: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.upgrades.slow_migration", mongo.uri, NAME, str(pause)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def written(ground: Database[Raw]) -> int:
    return ground.things.count_documents({"written": {"$gte": 1}})


def wait_until(condition: Any, process: subprocess.Popen[str]) -> None:
    for _ in range(6000):
        if condition():
            return
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.01)
    raise AssertionError("it never came so far")

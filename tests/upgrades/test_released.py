"""A database as each released version left it: migrated, killed on the way, every page of it opened as each role."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bson
import pytest
from flask import Flask
from pymongo import IndexModel
from pymongo.database import Database

import config
from app.fabmongo.security.models import User
from app.migrations.declared import newest
from app.migrations.state import COLLECTION, KEY
from tests.devservers.running import ROOT, environment
from tests.people import Browser

Raw = dict[str, Any]
HERE = Path(__file__).parent
RELEASED = sorted(path.name for path in HERE.iterdir() if (path / "rows.bson.gz").exists())
ROLES = ("dla", "province", "district", "lao", "school")
REWRITTEN = {"permissions", "view_menus", "permission_views", "roles", "installation", "rule_settings"}
"""What `flask init` writes anew; everything else must be as it was."""
NOT_WALKED = {"SignInView.logout", "static", "appbuilder.static"}
INIT_SLOWLY = """
import sys, time
import app.migrations.running as running
from app.migrations import declared
from app import create_app
app = create_app()
import app.cli_migrate as cli
from functools import partial
import tests.upgrades.rewriting as rewriting
cli.run_pending = partial(running.run_pending, migrations=(*declared.MIGRATIONS, rewriting.MIGRATION), lease_seconds=1,
                          chunk=50)
print("begun", flush=True)
result = app.test_cli_runner().invoke(args=["init"])
print(result.output, flush=True)
sys.exit(result.exit_code)
"""


def load(database: Database[Raw], version: str) -> None:
    """Put the rows and indexes of a dump into an empty database."""
    rows: dict[str, list[Raw]] = {}
    with gzip.open(HERE / version / "rows.bson.gz") as file:
        for document in bson.decode_file_iter(file):
            if "row" in document:
                rows.setdefault(document["of"], []).append(document["row"])
                continue
            rows.setdefault(document["of"], [])
            specs = [spec for spec in document["indexes"] if spec["name"] != "_id_"]
            for spec in specs:
                options = {name: value for name, value in spec.items() if name not in ("key", "v", "ns")}
                database[document["of"]].create_indexes([IndexModel(list(spec["key"].items()), **options)])
    for name, found in rows.items():
        if found:
            database[name].insert_many(found)


@pytest.fixture(params=RELEASED)
def released(request: pytest.FixtureRequest, app: Flask, db: Database[Raw]) -> Iterator[tuple[str, Database[Raw]]]:
    """The test run's database as a released version left it."""
    for name in db.list_collection_names():
        if not name.startswith("system."):
            db[name].delete_many({})
    load(db, request.param)
    yield request.param, db
    for name in db.list_collection_names():
        if not name.startswith("system."):
            db[name].delete_many({})


def picture(database: Database[Raw]) -> dict[str, list[Raw]]:
    """Every row of every collection that an upgrade must not touch."""
    names = [name for name in database.list_collection_names() if not name.startswith("system.")]
    return {name: list(database[name].find().sort("_id", 1)) for name in names if name not in REWRITTEN}


def test_there_is_a_dump_of_the_version_before_schema_versions() -> None:
    assert "0.1.0" in RELEASED


def test_init_killed_twice_on_the_way_changes_no_row_and_every_page_opens(
    released: tuple[str, Database[Raw]], app: Flask, settings: config.Settings, tmp_path: Path
) -> None:
    version, database = released
    told = json.loads((HERE / version / "numbers.json").read_text("utf-8"))
    before = picture(database)
    killed_twice(database, settings, tmp_path)
    after = picture(database)
    students = after["students"]
    assert all(row.pop("upgraded") == str(row["_id"]) and row.pop("times") == 1 for row in students)
    assert {name for name in before if before[name] != after.get(name)} == set()
    assert database[COLLECTION].find_one({"_id": KEY})["version"] >= str(newest())  # type: ignore[index]
    for name, count in told["collections"].items():
        if name not in REWRITTEN:
            assert len(after.get(name, [])) == count, name
    for role in ROLES:
        browser = Browser(app, User.objects.get(username=role))
        for path, text in told["pages"][role].items():
            answer = browser.get(path)
            said = answer.data.decode("utf-8-sig") if answer.status_code == 200 else str(answer.status_code)
            assert said == text, (role, path)
        walk(app, browser, database)


def killed_twice(database: Database[Raw], settings: config.Settings, tmp_path: Path) -> None:
    """`flask init` of a version that rewrites every student, killed twice by signal 9, then left to its end."""
    env = environment(tmp_path, 8080, LEC_ENV="testing", LEC_DEMO="0", **settings.server_addresses())
    command = [sys.executable, "-c", INIT_SLOWLY, "0"]
    total, moments = database.students.count_documents({}), random.Random(2567)
    for least in (0.05, 0.4):
        goal = int(total * (least + moments.random() / 4))
        kept = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, cwd=ROOT, env=env, text=True, **kept)  # type: ignore[call-overload]
        end = time.monotonic() + 90
        while database.students.count_documents({"upgraded": {"$exists": True}}) < goal:
            assert process.poll() is None and time.monotonic() < end, process.communicate()[0]
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        done = database.students.count_documents({"upgraded": {"$exists": True}})
        assert goal <= done < total, "killed in the middle"
    last = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=150, check=False)
    assert last.returncode == 0 and "goes on behind" in last.stdout, last.stdout + last.stderr


def walk(app: Flask, browser: Browser, database: Database[Raw]) -> None:
    """Open every GET route with keys of stored rows; no answer is a fault of the server."""
    views = {view.endpoint: view for view in app.extensions["appbuilder"].baseviews}
    walked = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in NOT_WALKED or rule.endpoint.endswith("static"):
            continue
        view = views.get(rule.endpoint.split(".")[0])
        for values in fillings(rule, view, database):
            path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda match, v=values: v[match[1]], rule.rule)
            answer = browser.get(path)
            assert answer.status_code < 500 or path == "/readyz", (browser.user.username, path, answer.status_code)
            assert answer.data is not None  # read to its end: a streamed one may fail there
            walked += 1
    assert walked > 150, walked


def fillings(rule: Any, view: Any, database: Database[Raw]) -> list[dict[str, str]]:
    """Values for a route's places: keys of three stored rows of its own collection, and what the others may be."""
    datamodel = getattr(view, "datamodel", None)
    name = datamodel.obj._get_collection_name() if datamodel is not None else "submissions"
    keys = [str(row["_id"]) for row in database[name].find({}, {"_id": 1}).limit(3)] or ["nothing"]
    lao = database.laos.find_one() or {}
    choices = {
        "pk": keys, "name": ["nothing"], "column": (getattr(view, "show_columns", None) or ["x"])[:2], "locale": ["th"],
        "entry": [str(row["_id"]) for row in database.audit_entries.find({"of": name}).limit(2)] or ["0" * 24],
        "path": ["name_th"], "kind": ["lec_1"], "round_code": ["2567-2"], "lao_code": [str(lao.get("_id"))],
        "row": [str(row["_id"]) for row in database.import_rows.find().limit(2)] or ["0" * 24],
    }  # fmt: skip
    filled: list[dict[str, str]] = [{}]
    for argument in rule.arguments:
        filled = [{**one, argument: value} for one in filled for value in choices.get(argument, ["nothing"])]
    return filled

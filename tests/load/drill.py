"""`python -m tests.load.drill --students 1000000 --seed 1`: back up under writes, destroy, restore, prove.

Everything runs through the commands that an operator types, on embedded servers in a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mongoengine
from mongoengine.connection import get_db
from pymongo import MongoClient

import config
from app import create_app
from app.backup.checking import check_file
from app.backup.sealing import read_secret
from app.backup.snapshot import WINDOW
from app.devservers.mongo import EmbeddedMongo
from app.devservers.valkey import EmbeddedValkey
from app.fabmongo.scope import Area
from app.migrations.declared import newest
from app.services import reports
from app.services.accounts import SYSTEM
from app.services.reports.requests import request_report
from benchmarks.measure import visit
from benchmarks.systems import Product
from tests.load.drilling.data import ROUND, grow
from tests.load.drilling.floor import bare_copy, bare_insert
from tests.load.drilling.truth import certificates_of, compare, files_of, truth_of
from tests.load.drilling.writers import Writers, differences

Raw = dict[str, Any]
BEGAN = time.monotonic()
PAGES = ("/", "/students/list/", "/completeness/list/", "/submissions/list/", "/notices/list/", "/reports/list/")
DISTRICT = Area("district", {"province": "30", "district": "3014"})


@dataclass
class Outcome:
    """Seconds and numbers by name, what was told of backup and restore, and the differences: there must be none."""

    figures: dict[str, float] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.figures[name] = round(time.monotonic() - began, 2)
        print(f"{time.monotonic() - BEGAN:7.1f} s  {name}: {self.figures[name]} s", file=sys.stderr, flush=True)

    def expect(self, same: bool, what: str) -> None:
        if not same:
            self.differences.append(what)


class Drill:
    """One installation before and after its end."""

    def __init__(self, folder: Path, students: int, seed: int) -> None:
        self.folder, self.students, self.seed = folder, students, seed
        self.outcome, self.backup = Outcome(), folder / "backups" / "drill.lecbackup"
        self.key = folder / "key"
        self.key.write_text(secrets.token_hex(32))
        self.backup.parent.mkdir()
        self.secret_key = secrets.token_hex(32)

    def run(self) -> Outcome:
        """The whole drill."""
        with self._servers("before") as env, self._connected(env):
            self._fill(env)
            before = self._facts()
            truth, writers, moment = self._back_up(env)
            files = files_of(get_db())
        shutil.rmtree(self.folder / "before")  # mongod and Valkey are gone, and all they stored
        with self._servers("after") as env:
            self._restore(env)
            with self._connected(env), self.outcome.timed("comparing with the moment of the backup"):
                database = get_db()
                self.outcome.differences += compare(truth, truth_of(database, None))
                acknowledged, wrong = differences(database, writers, moment)
                self.outcome.differences += wrong
                self.outcome.figures["writes acknowledged before the moment"] = acknowledged
                self.outcome.expect(files_of(database) == files, "files in GridFS differ")
                self._compare_facts(before, self._facts())
            self._command(env, "init")
            self._visit(env)
        return self.outcome

    @contextmanager
    def _servers(self, name: str) -> Iterator[dict[str, str]]:
        place = self.folder / name
        with EmbeddedMongo(place / "mongo", database="drill") as mongo, EmbeddedValkey(place / "valkey") as valkey:
            yield {
                **os.environ, "LEC_ENV": "testing", "LEC_DEMO": "1", "LEC_DATA_DIR": str(self.folder / "data"),
                "MONGODB_URI": mongo.uri, "REDIS_URL": valkey.url, "SECRET_KEY": self.secret_key, "PYTHONUTF8": "1",
            }  # fmt: skip

    @contextmanager
    def _connected(self, env: dict[str, str]) -> Iterator[None]:
        mongoengine.disconnect_all()
        app = create_app(config.load(env))
        with app.app_context():
            yield
        mongoengine.disconnect_all()

    def _command(self, env: dict[str, str], *args: str) -> str:
        command = [sys.executable, "-m", "flask", "--app", "app", *args]
        ended = subprocess.run(command, cwd=config.ROOT, env=env, capture_output=True, text=True)
        if ended.returncode:
            raise RuntimeError(f"{args[0]}: {ended.stderr[-2000:]}")
        return ended.stdout

    def _fill(self, env: dict[str, str]) -> None:
        with self.outcome.timed("filling"):
            self._command(env, "init")
            grow(get_db(), self.students, self.seed)
            run = request_report(SYSTEM, ROUND, DISTRICT)
            reports.build(str(run.pk))
        self.outcome.figures["students"] = get_db().students.estimated_document_count()
        stats = get_db().command("dbStats")
        self.outcome.figures["MB of documents"] = round(stats["dataSize"] / 1e6)

    def _facts(self) -> dict[str, Any]:
        """What people would look at: fingerprints computed anew, a report made anew, the sums of completeness."""
        database = get_db()
        run = request_report(SYSTEM, ROUND, DISTRICT)
        reports.build(str(run.pk))
        rows = database.report_rows.find({"run": run.pk}).sort("path", 1)
        sums = [{key: value for key, value in row.items() if key not in ("_id", "run")} for row in rows]
        for collection in (database.report_rows, database.report_runs):
            collection.delete_many({"run" if collection.name == "report_rows" else "_id": run.pk})
        group = {"_id": "$state", "n": {"$sum": 1}, "total": {"$sum": "$total"}}
        states = sorted(database.submissions.aggregate([{"$group": group}]), key=lambda row: row["_id"])
        return {"report": sums, "states": states, "certificates": certificates_of(database)}

    def _compare_facts(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        for name in before:
            self.outcome.expect(before[name] == after[name], f"{name} differ")
        self.outcome.figures["fingerprints"] = len(after["certificates"])
        self.outcome.figures["rows of the report"] = len(after["report"])
        self.outcome.expect(bool(after["certificates"]) and bool(after["report"]), "there was nothing to compare")

    def _back_up(self, env: dict[str, str]) -> tuple[Any, Any, Any]:
        database = get_db()
        # Only so that what the database held at the backup's moment can be read afterwards, to compare with it.
        database.client.admin.command({"setParameter": 1, WINDOW: 7200})
        database["drill_writes"].create_index("writer")
        with Writers(env["MONGODB_URI"], 3) as writers:
            time.sleep(0.5)
            with self.outcome.timed("backup under writes"):
                self._tell(self._command(env, "backup", str(self.backup), "--key-file", str(self.key)))
            time.sleep(0.5)
        with self.outcome.timed("verifying"):
            manifest = check_file(self.backup, read_secret(self.key.read_bytes()), newest().major).manifest
        with self.outcome.timed("backup without writes"):
            self._command(env, "backup", str(self.folder / "quiet"), "--key-file", str(self.key))
        with self.outcome.timed("floor: bare copy"):
            bare_copy(database, self.folder / "bare")
        moment = manifest["cluster_time"]
        with self.outcome.timed("reading the moment of the backup"):
            truth = truth_of(database, moment)
        self.outcome.figures["writes acknowledged in all"] = sum(len(one.acknowledged) for one in writers.all)
        self.outcome.figures["MB of the backup"] = round(self.backup.stat().st_size / 1e6, 1)
        return truth, writers.all, moment

    def _restore(self, env: dict[str, str]) -> None:
        with MongoClient[Raw](env["MONGODB_URI"]) as client:
            with self.outcome.timed("floor: bare insert"):
                bare_insert(client["bare"], self.folder / "bare")
            client.drop_database("bare")
        with self.outcome.timed("restore"):
            self._tell(self._command(env, "restore", str(self.backup), "--key-file", str(self.key)))

    def _tell(self, text: str) -> None:
        self.outcome.told += [re.sub(r"SHA-256 \w+", "", line) for line in text.splitlines() if "·" in line]

    def _visit(self, env: dict[str, str]) -> None:
        """People sign in with their old passwords, and pages open."""
        accounts = {row["role"]: row for row in json.loads((self.folder / "data" / "demo_accounts.json").read_text())}
        server = Product(self.folder / "log", env)
        try:
            server.wait_ready()
            for role in ("dla", "lao", "school"):
                client = server.sign_in(accounts[role]["username"], accounts[role]["password"])
                for page in PAGES if role == "dla" else PAGES[:2]:
                    visit(client, page)
        except (RuntimeError, LookupError) as error:
            self.outcome.differences.append(f"pages: {error}")
        finally:
            server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.load.drill", description=__doc__)
    for name, default in (("students", 1_000_000), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lec-drill-") as folder:
        outcome = Drill(Path(folder), given.students, given.seed).run()
    for line in outcome.told:
        print(re.sub(r"/\S*/", "", line))
    for name, value in outcome.figures.items():
        print(f"{name}: {value:,}")
    print(f"differences: {outcome.differences or 'none'}")
    sys.exit(bool(outcome.differences))


if __name__ == "__main__":
    main()

"""`python -m tests.load.import_kills --rows 100000 --kills 50 --seed 1`: an import whose worker is killed at random.

The same file goes into two databases: into one undisturbed, into the other while the worker's whole process group gets
kill -9 at random moments of reading, applying and undoing. What is stored must be the same.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import mongoengine
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

import config
from app import create_app
from app import db as app_db
from app.devservers.mongo import EmbeddedMongo
from app.devservers.valkey import EmbeddedValkey
from app.documents.imports import ImportRun
from app.services import imports
from app.services.accounts import SYSTEM
from app.services.imports.uploading import start
from app.services.submissions import open_round
from benchmarks import roster_file

Raw = dict[str, Any]
BEGAN = time.monotonic()
LEASE = 2
TRANSACTION = 3
"""Seconds after which MongoDB ends a transaction that a dead worker left open. It holds its documents so long, and with
the 60 s that are usual 50 kills would be an hour of waiting."""
ROUND = "2567-2"
LARGE = 4
"""One school holds a quarter of the rows, so that it goes in batches."""
SMALL = 500
TRACES = ("_id", "_v", "created_by", "created_on", "changed_by", "changed_on")
PHASES = {"reading": "preview", "applying": "applied", "undoing": "undone"}


@dataclass
class Outcome:
    """What was compared: kills by phase, seconds, and the differences, of which there must be none."""

    kills: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    calm: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    students: int = 0
    differences: list[str] = field(default_factory=list)


class Worker:
    """A Celery worker of the real application, in a process group of its own."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        command = [sys.executable, "-m", "celery", "-A", "tasks.worker", "worker", "-c", "1", "-n", "kills@test"]
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command, cwd=config.ROOT, env=env, stdout=out, stderr=out, start_new_session=True
            )

    def kill(self) -> None:
        """As a power cut would: the worker, its children and the reader of the file."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Installation:
    """One database with the roster that is there before, and the file to be imported."""

    def __init__(self, settings: config.Settings, app: Flask, folder: Path, sizes: dict[str, int]) -> None:
        self.settings, self.app, self.folder, self.sizes = settings, app, folder, sizes
        mongoengine.disconnect_all()
        app_db.connect(settings)
        app_db.ensure_indexes()
        self.db: Database[Raw] = mongoengine.get_db()
        self._seed()
        self.before = self.students()

    def _seed(self) -> None:
        day = datetime(2024, 6, 10)
        self.db.schools.insert_many(roster_file.schools(self.sizes))
        self.db.laos.insert_one({"_id": roster_file.LAO["lao_code"], "name_th": "ทดสอบ", "type": "tambon"})
        self.db.rounds.insert_one(
            {"_id": ROUND, "academic_year": 2567, "number": 2, "kind": "correction", "opens_on": day,
             "census_date": day, "needs_reason": True}
        )  # fmt: skip
        there = list(_known(self.sizes))
        for at in range(0, len(there), 5000):
            self.db.students.insert_many(there[at : at + 5000])
        with self.app.app_context():
            open_round(SYSTEM, ROUND)

    def environment(self) -> dict[str, str]:
        own = {
            "LEC_ENV": "testing", "MONGODB_URI": self.settings.mongodb_uri, "REDIS_URL": self.settings.redis_url,
            "LEC_DATA_DIR": str(self.settings.data_dir), "SECRET_KEY": self.settings.secret_key,
            "LEC_IMPORT_LEASE_SECONDS": str(LEASE),
        }  # fmt: skip
        return {**os.environ, **own}

    def run(self, key: ObjectId) -> Raw:
        found: Raw | None = self.db.import_runs.find_one({"_id": key})
        assert found is not None
        return found

    def students(self) -> dict[Any, Raw]:
        """Number -> the student without key, version and traces; nothing is nothing, absent or None."""
        return {row["national_id"]: _plain(row) for row in self.db.students.find()}

    def told(self, key: ObjectId) -> dict[str, Any]:
        """All that an import leaves, in a form that two databases share."""
        run, via = self.run(key), {"via": f"import:{key}"}
        entries = Counter(row["key"] for row in self.db.audit_entries.find(via, {"key": 1}))
        return {
            "students": self.students(),
            "counts": {row["_id"]: (row.get("total"), row.get("counts")) for row in self.db.submissions.find()},
            "entries of a student": Counter(entries.values()),
            "corrections": Counter(_register(row) for row in self.db.corrections.find()),
            "numbers": {name: run.get(name) for name in ("numbers", "rows", "applied", "left_out", "again")},
            "rows": Counter((row["deed"], row["state"]) for row in self.db.import_rows.find({"run": key})),
            "schools": Counter(row["state"] for row in self.db.import_schools.find({"run": key})),
        }


def _plain(row: Raw) -> Raw:
    return {name: value for name, value in row.items() if value is not None and name not in TRACES}


def _register(row: Raw) -> str:
    kept = {name: value for name, value in row.items() if name not in ("_id", "student_id", "made_on")}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str)


def _known(sizes: dict[str, int]) -> Iterator[Raw]:
    """Who is there before: every third of the file; some with another room, some on another school's roster."""
    codes = list(sizes)
    for number, row in enumerate(roster_file.rosters(sizes)):
        if number % 3:
            continue
        there = row | {"_id": ObjectId(f"{number:024x}"), "_v": 1}
        if number % 4 == 0:
            there["room"] = "99"
        if number % 15 == 0:
            there["school_code"] = codes[(codes.index(row["school_code"]) + 1) % len(codes)]
        yield there


def sizes_of(rows: int) -> dict[str, int]:
    """Schools with so many rows altogether: a large one and small ones."""
    large = rows // LARGE
    small = {f"91{number:06}": SMALL for number in range((rows - large) // SMALL)}
    return {"90000000": rows - sum(small.values()), **small}


def say(text: str) -> None:
    """How far it is, beside the result."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", file=sys.stderr, flush=True)


def _wait(what: Callable[[], Any], seconds: float = 300) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise TimeoutError(f"waited {seconds} s in vain")


class Killing:
    """Works a run through its phases with a worker that is killed so many times."""

    def __init__(self, place: Installation, kills: int, seed: int, calm: dict[str, float]) -> None:
        self.place, self.left, self.rng, self.calm = place, kills, random.Random(seed), calm
        self.killed: Counter[str] = Counter()
        self.worker: Worker | None = None

    def work(self, key: ObjectId, phase: str, kills: int) -> None:
        """Let a phase end; until then the worker dies `kills` times, each at a random moment of its life."""
        while self.place.run(key)["state"] == phase:
            if self.worker is None:
                self.worker = Worker(self.place.environment(), self.place.folder / "worker.log")
            if not kills:
                _wait(lambda: self.place.run(key)["state"] != phase)
                break
            attempts = self.place.run(key).get("attempts", 0)
            held = _wait(lambda: (run := self.place.run(key))["state"] != phase or (run.get("worker") and run))
            if held is True:
                break
            # Long enough that most lives get somewhere, for a file is opened anew in each.
            time.sleep(self.rng.uniform(0, self.calm[phase] / 2.5))
            self.worker.kill()
            self.worker = None
            if self.place.run(key)["state"] != phase:
                break
            kills, self.left = kills - 1, self.left - 1
            self.killed[phase] += 1
            assert self.place.run(key)["attempts"] >= attempts
            say(f"killed while {phase}, {self.left} to go")
            with self.place.app.app_context():
                _wait(imports.sweep)
        state = self.place.run(key)["state"]
        if state != PHASES[phase]:
            raise AssertionError(f"{phase} ended as {state}: {self.place.run(key).get('error_en')}")

    def stop(self) -> None:
        if self.worker is not None:
            self.worker.kill()


def undisturbed(place: Installation, file: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """What an import leaves that nobody disturbs, and the seconds of its phases."""
    killing, seconds = Killing(place, 0, 0, {}), dict[str, float]()
    try:
        key = _upload(place, file)
        for phase in PHASES:
            began = time.monotonic()
            if phase == "undoing":
                told = place.told(key)
            _ask(place, key, phase)
            killing.work(key, phase, 0)
            seconds[phase] = time.monotonic() - began
    finally:
        killing.stop()
    return told, seconds


def _upload(place: Installation, file: Path) -> ObjectId:
    with place.app.app_context():
        key: ObjectId = start(SYSTEM, file.name, file.read_bytes(), lao=roster_file.LAO["lao_code"]).pk
    return key


def _ask(place: Installation, key: ObjectId, phase: str) -> None:
    """What a person does before a phase."""
    with place.app.app_context():
        run = ImportRun.objects.get(pk=key)
        if phase == "applying":
            imports.apply(SYSTEM, run, "ไฟล์ต้นปี")
        elif phase == "undoing":
            imports.undo(SYSTEM, run)


def disturbed(place: Installation, file: Path, calm: dict[str, Any], outcome: Outcome, kills: int, seed: int) -> None:
    """Import and undo with kills until all of them are spent, comparing each time."""
    killing = Killing(place, kills, seed, outcome.calm)
    total = sum(outcome.calm.values())
    try:
        while killing.left or not outcome.rounds:
            place.db.corrections.delete_many({})
            key = _upload(place, file)
            for phase in PHASES:
                _ask(place, key, phase)
                share = round(min(killing.left, kills) * outcome.calm[phase] / total) + 1
                killing.work(key, phase, min(killing.left, share))
                if phase == "applying":
                    _compare(calm, place.told(key), outcome)
            if (after := place.students()) != place.before:
                outcome.differences.append(f"after undoing {_unlike(place.before, after)} students differ")
            outcome.rounds += 1
    finally:
        killing.stop()
        outcome.kills = killing.killed


def _compare(calm: dict[str, Any], told: dict[str, Any], outcome: Outcome) -> None:
    for name, wanted in calm.items():
        if told[name] != wanted:
            outcome.differences.append(f"{name}: {_unlike(wanted, told[name])} differ")
    outcome.students = len(told["students"])


def _unlike(one: Any, other: Any) -> str:
    keys = [key for key in {*one, *other} if one.get(key) != other.get(key)]
    return f"{len(keys)} of {len(one)}"


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Callable[[str], config.Settings], Flask]]:
    """A MongoDB, a Valkey, the settings of a database on them, and the application that asks for work."""
    mongo, valkey = EmbeddedMongo(folder / "mongo", database="calm"), EmbeddedValkey(folder / "valkey")
    with mongo, valkey:
        env = {
            "LEC_ENV": "testing", "MONGODB_URI": mongo.uri, "REDIS_URL": valkey.url, "LEC_DATA_DIR": str(folder),
            "SECRET_KEY": secrets.token_hex(32),
        }  # fmt: skip
        calm = config.load(env)
        app = create_app(calm)
        mongoengine.get_db().client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=TRANSACTION)
        try:
            yield lambda name: dataclasses.replace(calm, mongodb_uri=mongo.uri.replace("/calm", f"/{name}")), app
        finally:
            mongoengine.disconnect_all()


def run(folder: Path, rows: int, kills: int, seed: int) -> Outcome:
    """The whole comparison, in a folder of its own."""
    began, outcome, sizes = time.monotonic(), Outcome(), sizes_of(rows)
    file = folder / "roster.xlsx"
    roster_file.write_workbook(file, roster_file.rosters(sizes))
    with servers(folder) as (settings, app):
        place = Installation(settings("calm"), app, folder, sizes)
        calm, outcome.calm = undisturbed(place, file)
        say(f"undisturbed: {', '.join(f'{name} {seconds:.1f} s' for name, seconds in outcome.calm.items())}")
        if place.students() != place.before:
            outcome.differences.append("undoing undisturbed left something")
        place = Installation(settings("killed"), app, folder, sizes)
        disturbed(place, file, calm, outcome, kills, seed)
    outcome.seconds = time.monotonic() - began
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.load.import_kills", description=__doc__)
    for name, default in (("rows", 100_000), ("kills", 50), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lec-kills-") as folder:
        outcome = run(Path(folder), given.rows, given.kills, given.seed)
    kills = ", ".join(f"{number} while {phase}" for phase, number in outcome.kills.items())
    number = sum(outcome.kills.values())
    print(f"{given.rows:,} rows, seed {given.seed}: {number} kills ({kills}) in {outcome.rounds} imports")
    print(f"{outcome.students:,} students, {outcome.seconds:.0f} s, differences: {outcome.differences or 'none'}")
    sys.exit(bool(outcome.differences))


if __name__ == "__main__":
    main()

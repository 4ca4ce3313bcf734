"""`python -m tests.load.sharded`: which of LEC's own questions one shard answers, asked of two real shards.

The embedded server brings no mongos. But a shard of MongoDB 6 can route by itself, with the same code: `clusterFind`
and its kin are what mongos does, so a config server and two shards are enough to let MongoDB say by `explain` whom it
would ask. They carry no transaction, so LEC runs beside them on one mongod with the same rows, and what it sent there
is asked of the shards: a list, a report and an import of an LAO.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import mongoengine
import pymongo.monitoring
from bson import MaxKey, MinKey
from flask import Flask
from pymongo import MongoClient
from pymongo.errors import OperationFailure

import config
from app import create_app
from app import db as app_db
from app.devservers.mongo import EmbeddedMongo, find_mongod
from app.devservers.valkey import EmbeddedValkey
from app.enums import ImportState
from app.services import imports, reports
from app.services.accounts import SYSTEM
from app.services.imports.uploading import start
from app.services.roles import sync_roles
from app.services.submissions import open_round
from tests.devservers.program import Program
from tests.factories.people import some_students
from tests.factories.rosters.files import make_file
from tests.notices.smtp import free_port
from tests.people import People

Raw = dict[str, Any]
Client = MongoClient[Raw]
DATABASE, SPLIT_AT = "lec", "6000000"
"""LAOs whose code is below lie on the first shard."""
KEY = {"lao_code": 1, "school_code": 1}
AS_UNIQUE = [("lao_code", 1), ("school_code", 1), ("national_id", 1)]
MAJORITY = {"writeConcern": {"w": "majority"}}
OF_CONNECTION = ("lsid", "txnNumber", "startTransaction", "autocommit", "readConcern", "writeConcern", "maxTimeMS")
WORK = ("a list of an LAO", "the list of a school", "a report of an LAO", "an import of an LAO")


class Recorder(pymongo.monitoring.CommandListener):
    """What was sent about students, by the work it was sent for."""

    def __init__(self) -> None:
        self.work = ""
        self.sent: list[tuple[str, Raw]] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        name = event.command_name
        if self.work and name in ("find", "aggregate", "update") and event.command[name] == "students":
            self.sent.append((self.work, dict(event.command)))

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        """Nothing to note."""


class Cluster:
    """A config server and two shards; `router` is the first shard."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.config = _member(folder, "config", "configsvr", stack)
        shards = {name: _member(folder, name, "shardsvr", stack) for name in ("shard-0", "shard-1")}
        self.shards, self.router = shards, shards["shard-0"]
        for name, client in shards.items():
            address = f"{name}/{client.address[0]}:{client.address[1]}"  # type: ignore[index]
            self._tell({"_configsvrAddShard": address, "name": name})
            self._tell({"_configsvrAddShardToZone": name, "zone": name})
        self._tell({"_configsvrCreateDatabase": DATABASE, "primaryShardId": "shard-0"})

    def shard_students(self) -> None:
        """Zones first, so that the empty collection begins with a chunk on each shard. Raises OperationFailure."""
        least, most = dict.fromkeys(KEY, MinKey()), dict.fromkeys(KEY, MaxKey())
        middle = {**least, "lao_code": SPLIT_AT}
        for zone, low, high in (("shard-0", least, middle), ("shard-1", middle, most)):
            where = {"min": low, "max": high, "zone": zone}
            self._tell({"_configsvrUpdateZoneKeyRange": f"{DATABASE}.students", **where})
        version = self.config.config.databases.find_one({"_id": DATABASE})["version"]  # type: ignore[index]
        wanted = {"shardKey": KEY, "databaseVersion": version, **MAJORITY}
        self.router[DATABASE].command({"_shardsvrCreateCollection": "students", **wanted})

    def ask(self, command: Raw) -> Raw:
        """A command as mongos would carry it out."""
        name = next(iter(command))
        return self.router[DATABASE].command({f"cluster{name.capitalize()}": command[name], **_rest(command)})

    def shards_asked(self, command: Raw) -> int:
        name = next(iter(command))
        inner = {f"cluster{name.capitalize()}": command[name], **_rest(command)}
        told = self.router[DATABASE].command({"explain": inner, "verbosity": "queryPlanner"})
        plan = told.get("queryPlanner", {}).get("winningPlan", {})
        return len(told.get("shards") or plan.get("shards") or ())

    def _tell(self, command: Raw) -> None:
        self.config.admin.command({**command, **MAJORITY})


def _member(folder: Path, name: str, role: str, stack: ExitStack) -> Client:
    """A replica set of one with a role in the cluster, and a client of it."""
    port, place = free_port(), folder / name
    place.mkdir()
    command = [
        *(find_mongod(), "--dbpath", str(place), "--replSet", name, f"--{role}", "--bind_ip", "127.0.0.1"),
        *("--port", str(port), "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"),
        *("--networkMessageCompressors", "snappy,zstd"),
    ]
    program = Program(name, command, folder / f"{name}.log")
    program.launch()
    stack.callback(program.kill)
    client: Client = MongoClient(f"mongodb://127.0.0.1:{port}/?directConnection=true", serverSelectionTimeoutMS=60_000)
    stack.callback(client.close)
    members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
    client.admin.command("replSetInitiate", {"_id": name, "members": members, "configsvr": role == "configsvr"})
    while not client.admin.command("hello")["isWritablePrimary"]:
        pass
    return client


def _rest(command: Raw) -> Raw:
    kept = {name: value for name, value in command.items() if not name.startswith("$") and name not in OF_CONNECTION}
    return {name: value for name, value in kept.items() if name != next(iter(command))}


def record(folder: Path, stack: ExitStack) -> tuple[Recorder, list[Raw]]:
    """LEC at work on one mongod; what it sent, and the students it left."""
    recorder = Recorder()
    pymongo.monitoring.register(recorder)
    mongo = stack.enter_context(EmbeddedMongo(folder / "one"))
    valkey = stack.enter_context(EmbeddedValkey(folder / "valkey"))
    env = {"LEC_ENV": "testing", "MONGODB_URI": mongo.uri, "REDIS_URL": valkey.url, "LEC_DATA_DIR": str(folder)}
    app = create_app(config.load(env))
    stack.callback(mongoengine.disconnect_all)
    return recorder, _work(app, recorder)


def _work(app: Flask, recorder: Recorder) -> list[Raw]:
    app_db.ensure_indexes()
    manager = app.extensions["appbuilder"].sm
    with app.app_context():
        manager.sync_permissions()
        sync_roles(manager)
    db = mongoengine.get_db()
    people = People(app, db)
    homes = people.places.takhop_tambon, people.places.takhop_sao
    rows = [row for home in homes for row in some_students(40, int(home.code), _id=home.own, **home.path)]
    db.students.insert_many(rows)
    lao, school = people.browser("lao"), people.browser("school")
    recorder.work = WORK[0]
    assert lao.get("/students/list/?_oc_StudentView=last_name&_od_StudentView=asc").status_code == 200
    recorder.work = WORK[1]
    assert school.get("/students/list/").status_code == 200
    with app.app_context():
        _in_background(people, recorder, rows)
    recorder.work = ""
    return list(db.students.find())


def _in_background(people: People, recorder: Recorder, rows: list[Raw]) -> None:
    home, actor = people.places.takhop_tambon, people["lao"]
    open_round(SYSTEM, people.places.round_2)
    recorder.work = WORK[2]
    assert reports.build(str(reports.request_report(actor, people.places.round_2, home.area()).pk)) is not None
    recorder.work = WORK[3]
    body = {"room": "9", "weight_kg": 30.0, "height_cm": 120.0, "religion": "พุทธ"}
    changed = [row | body for row in rows if row["lao_code"] == home.code]
    file = make_file("lec", "xlsx", (), people=changed, school={"_id": home.own})
    run = start(actor, file.name, file.data, school=home.own, reason="ตรวจแล้ว")
    imports.work(str(run.pk), 60)
    run.reload()
    imports.apply(actor, run, "ตรวจแล้ว")
    imports.work(str(run.pk), 60)
    run.reload()
    assert run.state is ImportState.APPLIED, (run.state, run.error_en)


def compare(cluster: Cluster, recorder: Recorder, students: list[Raw]) -> Iterator[str]:
    """The table, and each answer that two shards give otherwise than one mongod."""
    for at in range(0, len(students), 40):
        cluster.ask({"insert": "students", "documents": students[at : at + 40]})
    spread = {name: client[DATABASE].students.count_documents({}) for name, client in cluster.shards.items()}
    yield f"students on each shard: {spread}"
    asked: Counter[tuple[str, str, int]] = Counter()
    one = mongoengine.get_db()
    for work, command in recorder.sent:
        name = next(iter(command))
        questions = [{"find": "students", "filter": update["q"]} for update in command.get("updates", ())] or [command]
        for question in questions:
            asked[work, name, cluster.shards_asked(question)] += 1
            mine = one.command({next(iter(question)): "students", **_rest(question)})["cursor"]["firstBatch"]
            theirs = cluster.ask(question)["cursor"]["firstBatch"]
            if _sorted(mine) != _sorted(theirs):
                yield f"DIFFERENCE: {work}: {name} gives {len(mine)} rows, and {len(theirs)} from the shards"
    yield "| work | command on students | shards asked | times |"
    yield "|---|---|--:|--:|"
    for (work, name, shards), number in sorted(asked.items()):
        yield f"| {work} | {name} | {shards} | {number} |"
    if any(work == WORK[0] and shards != 1 for work, _, shards in asked):
        yield "DIFFERENCE: an LAO's list asks more than one shard"


def _sorted(rows: list[Raw]) -> list[str]:
    return sorted(repr(row) for row in rows)


def run(folder: Path) -> Iterator[str]:
    with ExitStack() as stack:
        recorder, students = record(folder, stack)
        cluster = Cluster(folder, stack)
        cluster.router[DATABASE].students.create_index([("school_code", 1), ("national_id", 1)], unique=True)
        try:
            cluster.shard_students()
            yield "DIFFERENCE: MongoDB shards students in spite of their unique index, so this guide is out of date"
        except OperationFailure as refusal:
            said = (refusal.details or {}).get("errmsg")
            yield f"with the unique index (school, ID number) MongoDB refuses the key {KEY}: {said}"
        cluster.router[DATABASE].students.drop()
        cluster.router[DATABASE].students.create_index(AS_UNIQUE, unique=True)
        cluster.shard_students()
        yield "with the unique index (LAO, school, ID number) it is sharded by that key"
        yield from compare(cluster, recorder, students)


def main() -> None:
    wrong = False
    with tempfile.TemporaryDirectory(prefix="lec-sharded-", ignore_cleanup_errors=True) as folder:
        for line in run(Path(folder)):
            print(line, flush=True)
            wrong = wrong or line.startswith("DIFFERENCE")
    sys.exit(wrong)


if __name__ == "__main__":
    main()

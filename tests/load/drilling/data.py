"""The database of the drill: the demo, and as many pupils, files and entries of history more as were asked for."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

import gridfs
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from app import db as app_db
from app.services.accounts import SYSTEM
from app.services.submissions import open_round
from benchmarks.seed import Size, student_rows

Raw = dict[str, Any]
BATCH = 5000
FIRST_KEY = 10**9
PER_SCHOOL = 100
DUPLICATE = 11000
ROUND = "2567-1"


def grow(database: Database[Raw], pupils: int, seed: int) -> None:
    """Add schools, pupils, history and files until there are `pupils`; the round counts the new schools too."""
    chance = random.Random(seed)
    more = pupils - database.students.estimated_document_count()
    if more <= 0:
        return
    laos = list(database.laos.find().sort("_id", 1))
    number = max(1, more // PER_SCHOOL)
    schools = [_school(laos[n % len(laos)], n) for n in range(number)]
    database.schools.insert_many(schools)
    shares = [more // number + (n < more % number) for n in range(number)]
    for name in ("students", "audit_entries"):
        for index in database[name].list_indexes():  # built again below, which is faster
            if index["name"] != "_id_" and not index.get("unique"):
                database[name].drop_index(index["name"])
    rows = student_rows(chance, list(zip(schools, shares, strict=True)), Size(pupils, number))
    _insert(database, "students", (row | {"_id": ObjectId(f"{FIRST_KEY + n:024x}")} for n, row in enumerate(rows)))
    _insert(database, "audit_entries", (_entry(n) for n in range(0, more, 10)))
    app_db.ensure_indexes()
    bucket = gridfs.GridFSBucket(database, "import_files")
    for n in range(min(200, max(5, pupils // 5000))):
        bucket.upload_from_stream(f"roster-{n}.xlsx", chance.randbytes(chance.randrange(1_000, 600_000)))
    open_round(SYSTEM, ROUND)


def _school(lao: Raw, number: int) -> Raw:
    return {
        "_id": f"77{number:08}", "name_th": f"โรงเรียนซ้อมกู้คืน {number + 1}", "kind": "school", "status": "open",
        "grades": ["P1", "P2", "P3", "P4", "P5", "P6"], "lao_code": lao["_id"],
        "district_code": lao["district_code"], "province_code": lao["province_code"],
    }  # fmt: skip


def _entry(number: int) -> Raw:
    return {
        "of": "students", "key": ObjectId(f"{FIRST_KEY + number:024x}"), "version": 1, "verb": "change",
        "at": datetime(2026, 11, 30, 2, number % 60), "by": "drill", "changes": {"room": ["1", "2"]},
    }  # fmt: skip


def _insert(database: Database[Raw], name: str, rows: Iterable[Raw]) -> None:
    """Insert in batches; a number that a demo pupil has already is left out."""
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        try:
            database[name].insert_many(batch, ordered=False)
        except BulkWriteError as error:
            if any(one["code"] != DUPLICATE for one in error.details["writeErrors"]):
                raise

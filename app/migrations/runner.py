"""Runs what is pending, one process at a time, and goes on where a killed one stopped; or tries it on a copy."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from app.clock import stored_now
from app.errors import Problem
from app.migrations import declared
from app.migrations.migration import Migration, Raw, Steps
from app.migrations.schema import COLLECTION, KEY, read_schema, refuse_newer
from app.services.claims import Claim, is_free

LEASE = 120.0
"""Seconds after which a process that says nothing any more has lost the right to migrate."""
MOST_COPIED = 500_000
"""Rows of one collection that a trial copies."""

Tell = Callable[[str, str], None]


@dataclass
class Applied:
    """A migration that was run: seconds, and the numbers it told {name: rows}."""

    migration: Migration
    seconds: float
    counts: dict[str, int] = field(default_factory=dict)


def pending_migrations(database: Database[Raw]) -> list[Migration]:
    """Those that this database has not had yet, in their order. Raises Problem on data of a newer major version."""
    refuse_newer(database)
    done = {one["number"] for one in read_schema(database).get("applied", [])}
    return [one for one in declared.MIGRATIONS if one.number not in done]


def run_migrations(
    database: Database[Raw], *, wait: float = 0, now: Callable[[], float] = time.monotonic
) -> list[Applied]:
    """Run all that is pending and note each. Raises Problem "conflict" where another process is at it.

    wait: seconds to wait for that other process. A migration that raises leaves its place stored; the next call goes
    on from there.
    """
    if not pending_migrations(database):
        return []
    claim = _claim(database, now() + wait, now)
    try:
        return [_apply(claim, database, one) for one in pending_migrations(database)]
    finally:
        database[COLLECTION].update_one(
            {"_id": KEY, "worker": claim.job["worker"]}, {"$unset": {"worker": "", "lease_until": ""}}
        )


def _claim(database: Database[Raw], until: float, now: Callable[[], float]) -> Claim:
    rows = database[COLLECTION]
    with suppress(DuplicateKeyError):  # another process made it at the same moment
        rows.update_one({"_id": KEY}, {"$setOnInsert": {"applied": []}}, upsert=True)
    while (claim := Claim.take(rows, {"_id": KEY, **is_free()}, LEASE)) is None:
        if now() > until:
            raise Problem(
                "กำลังปรับรุ่นข้อมูลอยู่จากอีกเครื่องหรืออีกหน้าต่างหนึ่ง โปรดรอให้เสร็จแล้วสั่งอีกครั้ง",
                "Another process is migrating the data. Wait for its end, then try again.",
                kind="conflict",
            )
        time.sleep(0.5)
    return claim


def _apply(claim: Claim, database: Database[Raw], migration: Migration) -> Applied:
    running: Raw = claim.job.get("running") or {}
    state = running.get("state", {}) if running.get("number") == migration.number else {}
    begun = time.monotonic()

    def note(state: Raw) -> None:
        claim.update({"$set": {"running": {"number": migration.number, "state": state}, "cursor": migration.number}})

    note(state)
    steps = Steps(database, note, state)
    migration.run(steps)
    counts = dict(steps.state.get("counts", {}))
    seconds = time.monotonic() - begun
    row = {"number": migration.number, "on": stored_now(), "seconds": round(seconds, 3), "counts": counts}
    major, minor = migration.version
    claim.update(
        {"$push": {"applied": row}, "$set": {"version": {"major": major, "minor": minor}}, "$unset": {"running": ""}}
    )
    return Applied(migration, seconds, counts)


@dataclass
class Trial:
    """What a migration did to a copy. partial: collections of which only MOST_COPIED rows were copied."""

    applied: Applied
    partial: list[str]


def try_migrations(database: Database[Raw]) -> list[Trial]:
    """Run what is pending on a copy of the collections it touches, in a database of its own that is dropped afterwards.

    Raises Problem where the account may not write such a database.
    """
    found = []
    with _scratch(database) as copy:
        copied: dict[str, bool] = {}
        for migration in pending_migrations(database):
            for name in migration.collections:
                if name not in copied:
                    copied[name] = _copy(database, copy, name)
            begun = time.monotonic()
            steps = Steps(copy)
            migration.run(steps)
            applied = Applied(migration, time.monotonic() - begun, dict(steps.state.get("counts", {})))
            found.append(Trial(applied, [name for name in migration.collections if copied[name]]))
    return found


@contextmanager
def _scratch(database: Database[Raw]) -> Iterator[Database[Any]]:
    copy: Database[Any] = database.client[f"{database.name[:40]}_trial_{secrets.token_hex(4)}"]
    try:
        yield copy
    finally:
        database.client.drop_database(copy.name)


def _copy(database: Database[Raw], copy: Database[Any], name: str) -> bool:
    """Copy a collection, or its first rows; whether some were left out."""
    out = {"$out": {"db": copy.name, "coll": name}}
    database[name].aggregate([{"$sort": {"_id": 1}}, {"$limit": MOST_COPIED}, out], allowDiskUse=True)
    return database[name].estimated_document_count() > MOST_COPIED

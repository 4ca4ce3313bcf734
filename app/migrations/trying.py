"""Trying the migrations that are still to run on a copy, in a database of its own on the same server."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo import IndexModel
from pymongo.database import Database

from app.migrations.admission import refuse_newer
from app.migrations.declared import MIGRATIONS, pending
from app.migrations.migration import Migration
from app.migrations.running import Say, run_pending
from app.migrations.state import COLLECTION, KEY, state

Raw = dict[str, Any]

MOST_ROWS = 200_000
"""Of a larger collection the first so many rows by key are copied."""
DAY = 24 * 3600


@dataclass(frozen=True)
class Tried:
    """What one migration would change: rows still in the former form before and after, and rows it changed."""

    name: str
    before: int
    changed: int


def try_pending(
    database: Database[Raw], app_version: str, say: Say, *, migrations: Sequence[Migration] = MIGRATIONS,
    most_rows: int = MOST_ROWS,
) -> list[Tried]:  # fmt: skip
    """Run the migrations that are still to run on a copy of the collections they touch, and drop the copy.

    The rows of `database` are only read. Raises Problem as `run_pending` does, PyMongoError where the account may not
    write to a second database.
    """
    stored = state(database)
    refuse_newer(stored, migrations)
    waiting = pending(stored, migrations)
    if not waiting:
        return []
    with _scratch(database) as copy:
        for name in sorted({name for migration in waiting for name in migration.touches}):
            _copy(database, copy, name, most_rows, say)
        # Without who holds it and how far it is: the copy begins anew, whatever runs on the original meanwhile.
        told: Raw = {name: stored[name] for name in ("version", "applied", "app_version") if name in stored}
        copy[COLLECTION].insert_one({"applied": [], **told, "_id": KEY})
        run_pending(copy, app_version, say, migrations=migrations)
        names = {migration.name for migration in waiting}
        applied = [entry for entry in state(copy)["applied"] if entry["name"] in names]
    return [Tried(entry["name"], entry["before"], entry["changed"]) for entry in applied]


@contextmanager
def _scratch(database: Database[Raw]) -> Iterator[Database[Raw]]:
    """A database of its own, gone afterwards; one that a killed trial left behind a day ago goes with it."""
    prefix = f"{database.name[:30]}_try_"
    for name in database.client.list_database_names():
        if not name.startswith(prefix):
            continue
        made = name.removeprefix(prefix).partition("_")[0]
        if made.isdigit() and time.time() - int(made) > DAY:
            database.client.drop_database(name)
    name = f"{prefix}{int(time.time())}_{secrets.token_hex(4)}"
    try:
        yield database.client[name]
    finally:
        database.client.drop_database(name)


def _copy(source: Database[Raw], copy: Database[Raw], name: str, most_rows: int, say: Callable[[str], object]) -> None:
    """Rows and indexes of one collection."""
    rows = source[name].estimated_document_count()
    stages: list[Raw] = []
    if rows > most_rows:
        say(
            f"{name}: ทดลองกับ {most_rows:,} รายการแรกจากประมาณ {rows:,} / "
            f"tried on the first {most_rows:,} of about {rows:,} rows."
        )
        stages = [{"$sort": {"_id": 1}}, {"$limit": most_rows}]
    source[name].aggregate([*stages, {"$out": {"db": copy.name, "coll": name}}])
    made = []
    for key, spec in source[name].index_information().items():
        if key != "_id_":
            options = {option: value for option, value in spec.items() if option not in ("key", "v", "ns")}
            made.append(IndexModel(spec["key"], name=key, **options))
    if made:
        copy[name].create_indexes(made)

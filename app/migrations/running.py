"""Bringing a database to this program's form: one process at a time, on where a killed one stood."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from app.errors import Problem
from app.migrations.admission import refuse_newer
from app.migrations.declared import MIGRATIONS, pending
from app.migrations.migration import CHUNK, Context, Migration
from app.migrations.state import LEASE_SECONDS, Lease, LeaseLost, state, version_in

Raw = dict[str, Any]
Say = Callable[[str], object]

WAIT_SECONDS = 600.0
MOST_PASSES = 3
"""A process of the former version may store a row in its form behind the cursor while both run."""


def run_pending(
    database: Database[Raw], app_version: str, say: Say, *, migrations: Sequence[Migration] = MIGRATIONS,
    wait_seconds: float = WAIT_SECONDS, lease_seconds: float = LEASE_SECONDS, chunk: int = CHUNK,
) -> list[str]:  # fmt: skip
    """Run the migrations that are still to run, in their order; returns their names.

    Where another process migrates, say who, and wait for it up to `wait_seconds`. Raises Problem where it does not end,
    where the database is of a newer major, or where a migration left rows behind.
    """
    refuse_newer(state(database), migrations)
    if not pending(state(database), migrations):
        return []
    done = []
    with _held(database, say, wait_seconds, lease_seconds) as lease:
        for migration in pending(state(database), migrations):
            say(f"{migration.name}: {migration.th} / {migration.en}")
            _run_one(database, lease, migration, app_version, say, chunk)
            done.append(migration.name)
    return done


def _run_one(
    database: Database[Raw], lease: Lease, migration: Migration, app_version: str, say: Say, chunk: int
) -> None:
    running = _begin(database, lease, migration, say)
    for _ in range(MOST_PASSES):
        migration.run(Context(database, lease, running, chunk))
        left = migration.count(database)
        if not left:
            break
        running = lease.change({"$set": {"running.cursors": {}}})["running"]
    if left:
        raise Problem(
            f"การปรับข้อมูล {migration.name} ทำแล้วแต่ยังเหลือ {left:,} รายการ: ข้อมูลไม่เสียหาย แจ้งผู้พัฒนาพร้อมข้อความนี้",
            f"Migration {migration.name} ran and left {left:,} rows behind; nothing is lost. Report this sentence.",
        )
    _finish(lease, migration, app_version, say)


def _begin(database: Database[Raw], lease: Lease, migration: Migration, say: Say) -> Raw:
    """How far it is: where a killed process stood, else at the start."""
    running: Raw = state(database).get("running") or {}
    if running.get("name") == migration.name:
        say(f"  ทำต่อจากที่ค้างไว้ {running['changed']:,} รายการ / goes on behind {running['changed']:,} rows")
        return running
    fresh = {"name": migration.name, "started_on": datetime.now(UTC), "before": migration.count(database), "changed": 0}
    begun: Raw = lease.change({"$set": {"running": fresh}})["running"]
    return begun


def _finish(lease: Lease, migration: Migration, app_version: str, say: Say) -> None:
    """Record it as applied, in one write with the version it leads to."""
    stored = lease.change({"$set": {"running.finished_on": datetime.now(UTC)}})
    running = stored["running"]
    entry = {name: running[name] for name in ("name", "started_on", "finished_on", "before", "changed")}
    version = max(version_in(stored), migration.version)
    lease.change(
        {
            "$push": {"applied": {**entry, "version": str(migration.version), "app_version": app_version}},
            "$set": {"version": str(version), "app_version": app_version},
            "$unset": {"running": ""},
        }
    )
    say(f"  เปลี่ยน {running['changed']:,} รายการ / {running['changed']:,} changed")


@contextmanager
def _held(database: Database[Raw], say: Say, wait_seconds: float, lease_seconds: float) -> Iterator[Lease]:
    """The lease, kept by a thread of its own as long as the work lasts."""
    lease = Lease(database, lease_seconds)
    _take(lease, say, wait_seconds)
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(lease, over), name="migration-lease", daemon=True)
    keeper.start()
    try:
        yield lease
    except LeaseLost:
        raise Problem(
            "อีกเครื่องหนึ่งรับช่วงการปรับข้อมูลไปแล้ว เพราะเครื่องนี้เงียบไปนานเกินไป: ดูสถานะด้วย flask --app app migrate",
            "Another process took the migration over, since this one was silent for too long: see `flask migrate`.",
            kind="conflict",
        ) from None
    finally:
        over.set()
        keeper.join()
        lease.give_back()


def _take(lease: Lease, say: Say, wait_seconds: float) -> None:
    until, told = time.monotonic() + wait_seconds, False
    while not lease.take():
        held = state(lease.database).get("lease") or {}
        who = f"{held.get('machine', '?')} ({held.get('since', datetime.now(UTC)):%H:%M:%S} UTC)"
        if time.monotonic() > until:
            raise Problem(
                f"เครื่อง {who} กำลังปรับข้อมูลอยู่ และยังไม่เสร็จ: รอแล้วลองใหม่ หรือดูสถานะด้วย flask --app app migrate",
                f"{who} is migrating and has not finished: wait and try again, or see `flask --app app migrate`.",
                kind="conflict",
            )
        if not told:
            say(f"เครื่อง {who} กำลังปรับข้อมูลอยู่ กำลังรอ / {who} is migrating; waiting for it.")
            told = True
        time.sleep(min(0.5, lease.seconds / 4))


def _keep(lease: Lease, over: threading.Event) -> None:
    """Renew the lease until the work is over; where it is lost, the next write of the work says so."""
    while not over.wait(lease.seconds / 4):
        try:
            lease.renew()
        except LeaseLost:
            return
        except PyMongoError:
            continue  # an election; the lease outlives it, or the next write finds it lost

"""Whether this program may work on a database: by the version of its stored form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pymongo.database import Database

from app.errors import Problem
from app.migrations.declared import MIGRATIONS, newest, pending
from app.migrations.migration import Migration
from app.migrations.state import state, version_in

Raw = dict[str, Any]
Admission = Literal["ready", "pending"]


def refuse_newer(stored: Raw, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Raise Problem where the database is of a newer major than this program stores."""
    theirs, ours = version_in(stored), newest(migrations)
    if theirs.major > ours.major:
        by = stored.get("app_version", "?")
        raise Problem(
            f"ฐานข้อมูลนี้เป็นรูปแบบ {theirs} ซึ่งใหม่กว่าที่โปรแกรมนี้รู้จัก ({ours}): "
            f"ใช้ LEC รุ่น {by} ขึ้นไป หรือกู้คืนข้อมูลสำรองจากก่อนการปรับรุ่น",
            f"This database is of schema {theirs}, newer than this program knows ({ours}): "
            f"use LEC {by} or later, or restore the backup from before the upgrade.",
            kind="conflict",
        )


def admit(database: Database[Raw], migrations: Sequence[Migration] = MIGRATIONS) -> Admission:
    """ "ready", or "pending" where migrations are still to run that do not keep this program from working.

    Raises Problem where it must not work on the rows: their major is newer, or older, than its own. One command.
    """
    stored = state(database)
    refuse_newer(stored, migrations)
    theirs, ours = version_in(stored), newest(migrations)
    if theirs.major < ours.major:
        raise Problem(
            f"ฐานข้อมูลนี้ยังเป็นรูปแบบ {theirs} แต่โปรแกรมนี้ต้องใช้ {ours}: สั่ง flask --app app init ก่อน",
            f"This database is still of schema {theirs} and this program needs {ours}: run `flask init` first.",
            kind="conflict",
        )
    return "pending" if pending(stored, migrations) else "ready"

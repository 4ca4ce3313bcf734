"""The mark of a restore that has begun: until it is gone the database is not whole, and nobody may work on it."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from app.errors import Problem

Raw = dict[str, Any]
MARKER = "lec_restore"
"""The collection with the one mark; it goes when the restore is whole."""
KEY = "restore"


def marked(database: Database[Raw]) -> bool:
    """Whether a restore has begun and not ended; one command."""
    return database[MARKER].find_one({"_id": KEY}, {"_id": 1}) is not None


def refuse_unfinished(database: Database[Raw]) -> None:
    """Raise Problem where a restore has begun and not ended."""
    if marked(database):
        raise unfinished()


def unfinished() -> Problem:
    return Problem(
        "ฐานข้อมูลนี้กำลังกู้คืนหรือกู้คืนไม่เสร็จ: รอให้เสร็จ หรือสั่ง flask --app app restore FILE อีกครั้ง",
        "This database is being restored, or a restore of it was broken off: wait for it, or run "
        "`flask --app app restore FILE` again.",
        kind="unavailable",
    )

"""The version of the data that a database holds, and whether this program may work with it."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from app.errors import Problem
from app.migrations.declared import VERSION
from app.migrations.migration import Raw, Version

COLLECTION = "installation"
KEY = "schema"


def read_schema(database: Database[Raw]) -> Raw:
    """The stored document about the schema; {} where no version was ever counted."""
    found: Raw | None = database[COLLECTION].find_one({"_id": KEY})
    return found or {}


def version_of(schema: Raw) -> Version | None:
    """The version in a stored document; None where there is none."""
    stored: Any = schema.get("version")
    return (int(stored["major"]), int(stored["minor"])) if stored else None


def schema_version(database: Database[Raw]) -> str | None:
    """The version of the stored data as text, "1.0"; None where it was never counted."""
    version = version_of(read_schema(database))
    return version_text(version) if version else None


def version_text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def refuse_newer(database: Database[Raw]) -> None:
    """Raise Problem "conflict" where the data are of a newer major version than this program knows."""
    found = version_of(read_schema(database))
    if found is not None and found[0] > VERSION[0]:
        stored, known = version_text(found), version_text(VERSION)
        raise Problem(
            f"ข้อมูลในฐานข้อมูลเป็นรุ่น {stored} ซึ่งใหม่กว่าโปรแกรมนี้ (รู้จักถึง {known}): "
            "โปรดใช้โปรแกรมรุ่นใหม่กว่า หรือคืนข้อมูลสำรองของรุ่นเดิม",
            f"The data are of version {stored}, newer than this program ({known}): run a newer program, or restore a "
            "backup of the former version.",
            kind="conflict",
        )

"""Taking a file in: scope, size, GridFS, and a run that the background goes on with."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import gridfs
from bson import ObjectId
from mongoengine.connection import get_db

from app import jobs
from app.documents.imports import ImportRun
from app.documents.lao import Lao
from app.documents.schools import School
from app.enums import ImportState, Level
from app.errors import Problem
from app.fabmongo.scope import matches
from app.services.claims import PICK_UP_WITHIN
from app.services.imports.actors import check_keeps, checked_reason
from app.services.imports.files.storing import store_file
from app.services.students import check_has_roster

Raw = dict[str, Any]

MOST_BYTES = 20 * 1024 * 1024
LONGEST_NAME = 200
LONGEST_LAYOUT = 80
MOST_WAITING = 50
"""Files of one person that may wait to be read."""


def start(
    actor: Any, name: str, data: IO[bytes] | bytes, *,
    school: str | None = None, lao: str | None = None, layout: str | None = None, reason: str | None = None,
) -> ImportRun:  # fmt: skip
    """Take a file for one school, else for the schools of one LAO, else for those of the actor's own area.

    Raises Problem: "forbidden" out of the actor's area, "invalid" on field file, school, lao or reason.
    """
    raw = _run(actor, school, lao)
    check_keeps(actor, raw)
    raw |= _told(name, layout, reason)
    _check_queue(actor)
    stream = BytesIO(data) if isinstance(data, bytes) else data
    raw["file"], raw["file_bytes"], raw["file_sha256"] = store_file(files(), raw["file_name"], stream, MOST_BYTES)
    try:
        ImportRun._get_collection().insert_one(raw)
    except BaseException:
        files().delete(raw["file"])
        raise
    hand_over(raw["_id"])
    return ImportRun.objects.get(pk=raw["_id"])


def hand_over(run_id: ObjectId) -> None:
    """Let the background go on with a stored run; where the queue is down, the sweeper finds it."""
    jobs.enqueue_stored("imports.work", str(run_id))


def waiting() -> Raw:
    """Raw fields of a run that the background is to go on with."""
    return {"state": ImportState.READING.value, "lease_until": datetime.now(UTC) + PICK_UP_WITHIN}


def files() -> Any:
    """The bucket of uploaded files."""
    return gridfs.GridFSBucket(get_db(), ImportRun.file.collection_name)


def _run(actor: Any, school: str | None, lao: str | None) -> Raw:
    """A new run with its level and area path."""
    now = datetime.now(UTC)
    return {
        "_id": ObjectId(),
        **_area(actor, school, lao),
        "requested_by": actor.username,
        "requested_on": now,
        "created_by": actor.username,
        "created_on": now,
        "attempts": 0,
        **waiting(),
    }


def _area(actor: Any, school: str | None, lao: str | None) -> Raw:
    """Level and raw codes of where a file may write: what was chosen, else the actor's own place."""
    area = actor.area
    codes = dict(area.codes) if area is not None else {}
    if not school and not lao:
        school, lao = codes.get("school"), codes.get("lao")
    if school:
        return _school_area(actor, school)
    if lao:
        row = Lao._get_collection().find_one({"_id": lao})
        if row is None:
            raise _nowhere("lao")
        return {"level": Level.LAO.value, "lao_code": lao, **_above(row)}
    return {"level": Level.COUNTRY.value}


def _school_area(actor: Any, code: str) -> Raw:
    row = School._get_collection().find_one({"_id": code})
    path = {"school_code": code, "lao_code": (row or {}).get("lao_code"), **_above(row or {})}
    granted = ImportRun.scope.writes(actor.area) if actor.area is not None else None
    if row is None or not matches(path, granted):
        raise _nowhere("school")  # one answer for both: whether a school exists elsewhere is not told
    check_has_roster(row)
    return {"level": Level.SCHOOL.value, **path}


def _above(row: Raw) -> Raw:
    return {name: row[name] for name in ("district_code", "province_code") if row.get(name)}


def _nowhere(field: str) -> Problem:
    return Problem(
        "ไม่พบสถานศึกษาหรือ อปท. ที่เลือกในพื้นที่ที่ท่านดูแลทะเบียน โปรดเลือกจากรายการ",
        "There is no such school or LAO among the rosters that you keep. Choose one from the list.",
        field,
        "forbidden",
    )


def _told(name: str, layout: str | None, reason: str | None) -> Raw:
    """What the person says of the file."""
    if layout and len(layout) > LONGEST_LAYOUT:
        raise Problem("ไม่มีรูปแบบไฟล์นี้", "There is no such layout.", "layout")
    said = {"layout": layout, "reason": checked_reason(reason)}
    return {"file_name": plain_name(name), **{key: value for key, value in said.items() if value}}


def plain_name(name: str) -> str:
    """A file's name as it is kept: without folders and what cannot be printed, at most LONGEST_NAME characters."""
    return "".join(ch for ch in Path(name.replace("\\", "/")).name if ch.isprintable())[-LONGEST_NAME:] or "file"


def _check_queue(actor: Any) -> None:
    """Raise Problem "conflict" where so many files of one person wait that other people's would never be read."""
    waiting_now = {"state": ImportState.READING.value, "requested_by": actor.username}
    if ImportRun._get_collection().count_documents(waiting_now, limit=MOST_WAITING) >= MOST_WAITING:
        raise Problem(
            f"ท่านส่งไฟล์ไว้ {MOST_WAITING} ไฟล์ที่ระบบยังอ่านไม่เสร็จ โปรดรอให้อ่านเสร็จก่อน หรือยกเลิกบางไฟล์ แล้วส่งไฟล์นี้ใหม่",
            f"{MOST_WAITING} of your files still wait to be read. Wait for them, or cancel some, and send this again.",
            "file",
            "conflict",
        )

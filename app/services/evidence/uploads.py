"""Files of certified lists: taken by the web unread, read by a worker, gone as soon as they were read."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import IO, Any

import gridfs
from bson import ObjectId
from bson.errors import InvalidId
from mongoengine.connection import get_db
from pymongo.client_session import ClientSession

from app import jobs
from app.clock import stored_now
from app.documents.evidence import ListUpload
from app.enums import RunState
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.fabmongo.security.models import User
from app.rules.name_list import Refused
from app.services import claims
from app.services.accounts import SYSTEM
from app.services.claims import PICK_UP_WITHIN, Claim, LeaseLost, is_free
from app.services.evidence.importing import LIMITS, keepable, replace_list
from app.services.imports.files.copies import opened_file
from app.services.imports.files.storing import store_file
from app.services.imports.uploading import plain_name
from app.services.transactions import in_transaction
from app.services.turns import Reading, end_turn, take_turn, waits_for_own

Raw = dict[str, Any]

OPEN = [RunState.WAITING.value, RunState.RUNNING.value]
MOST_WAITING = 50
"""Lists of one person that may wait to be read."""
MOST_REFUSED, LONGEST_REASON = 50, 300
"""Refused rows that are kept to be shown, and characters of what is said of each."""
MAX_IDLE = 5
"""Attempts that came to no end, after which a list is given up."""


def send_list(actor: Any, submission_code: str, name: str, stream: IO[bytes]) -> None:
    """Keep a file with the names of a submission and have a worker read it; it takes the place of one sent before.

    Raises Problem: "forbidden" out of reach, "conflict" where somebody has vouched for the count or too many files of
    the person wait, "invalid" on field file for an empty or too large one.
    """
    keepable(actor, submission_code)
    _check_line(actor, submission_code)
    stored = store_file(_files(), plain_name(name), stream, LIMITS.bytes)
    now = datetime.now(UTC)
    row = {
        "_id": ObjectId(), "submission": submission_code, "state": RunState.WAITING.value, "file": stored.key,
        "file_name": plain_name(name), "file_bytes": stored.size, "requested_by": actor.username, "requested_on": now,
        "attempts": 0, "lease_until": now + PICK_UP_WITHIN,
    }  # fmt: skip
    try:
        before = in_transaction(lambda session: _take_place(row, session))
    except BaseException:
        _files().delete(stored.key)
        raise
    if before is not None:
        _remove_file(before)
    jobs.enqueue_stored("evidence.read_list", str(row["_id"]))


def last_upload(submission_code: str) -> Raw | None:
    """The raw upload that was sent last for a submission, None where there is none.

    in_line: it waits for another file of the same person.
    """
    found = ListUpload._get_collection().find_one({"submission": submission_code})
    if found is None:
        return None
    waits = found["state"] in OPEN and found.get("worker") is None
    return {**found, "in_line": waits and waits_for_own(found["requested_by"], _reading(found["_id"]))}


def read_list(key: str, lease_seconds: float = 60) -> RunState | None:
    """Read a file that was sent; its state then, or None where it was not ours to read or must wait in line.

    Safe to call at any time and any number of times. On an error that goes away by itself it waits for the sweeper,
    and the error is raised; a mistake of the program halts it.
    """
    uploads = ListUpload._get_collection()
    row = uploads.find_one({"_id": _key(key), "state": {"$in": OPEN}}, {"requested_by": 1})
    if row is None or not take_turn(row["requested_by"], _reading(row["_id"])):
        return None
    where = {"_id": row["_id"], "state": {"$in": OPEN}, **is_free()}
    claim = Claim.take(uploads, where, lease_seconds, {"state": RunState.RUNNING.value})
    if claim is None:
        return None
    try:
        return _read(claim)
    except LeaseLost:
        return None
    except Exception as error:
        claim.put_down(error)
        return None
    finally:
        end_turn(row["requested_by"], _reading(row["_id"]))


def sweep_lists() -> int:
    """Hand over again what a dead worker left or never reached one, and remove files left behind; returns how many."""
    uploads = ListUpload._get_collection()
    for row in uploads.find({"state": {"$nin": OPEN}, "file": {"$ne": None}}):
        _remove_file(row)
    return claims.sweep(
        uploads,
        {"state": {"$in": OPEN}},
        hopeless=lambda row: row.get("idle", 0) >= MAX_IDLE,
        give_up=_give_up,
        hand_over=lambda key: jobs.enqueue_stored("evidence.read_list", key),
    )


def clear_old_lists(before: datetime) -> int:
    """Remove what is known of files sent before a moment; the lists they made stay. Returns how many."""
    old = {"requested_on": {"$lt": before}, "state": {"$nin": OPEN}, "file": None}
    return int(ListUpload._get_collection().delete_many(old).deleted_count)


def _take_place(row: Raw, session: ClientSession) -> Raw | None:
    uploads = ListUpload._get_collection()
    before: Raw | None = uploads.find_one_and_delete({"submission": row["submission"]}, session=session)
    uploads.insert_one(row, session=session)
    return before


def _check_line(actor: Any, submission_code: str) -> None:
    """Raise Problem "conflict" where so many files of one person wait that other people's would never be read."""
    waiting = {"requested_by": actor.username, "state": {"$in": OPEN}, "submission": {"$ne": submission_code}}
    if ListUpload._get_collection().count_documents(waiting, limit=MOST_WAITING) >= MOST_WAITING:
        raise Problem(
            f"ท่านส่งไฟล์รายชื่อไว้ {MOST_WAITING} ไฟล์ที่ระบบยังอ่านไม่เสร็จ โปรดรอให้อ่านเสร็จก่อน แล้วส่งไฟล์นี้ใหม่",
            f"{MOST_WAITING} of your lists still wait to be read. Wait for them, and send this file again.",
            "file",
            "conflict",
        )


def _read(claim: Claim) -> RunState:
    try:
        actor = _person(claim.job["requested_by"])
        with opened_file(_files(), claim.job.get("file"), LIMITS) as book:
            names, refused = replace_list(
                actor, claim.job["submission"], book, lambda number, session: _end_done(claim, number, session)
            )
    except Problem as problem:
        return _end_failed(claim, {"error_th": problem.th, "error_en": problem.en})
    if names:
        _remove_file(claim.job)
        return RunState.DONE
    return _end_failed(claim, _told(refused))


def _end_done(claim: Claim, number: int, session: ClientSession) -> None:
    done = {"state": RunState.DONE.value, "names": number, "finished_on": stored_now()}
    claim.end(done, session=session)


def _end_failed(claim: Claim, fields: Raw) -> RunState:
    claim.end({**fields, "state": RunState.FAILED.value, "finished_on": stored_now()})
    _remove_file(claim.job)
    return RunState.FAILED


def _told(refused: list[Refused]) -> Raw:
    rows = [
        {"row": one.row, "th": one.th[:LONGEST_REASON], "en": one.en[:LONGEST_REASON]} for one in refused[:MOST_REFUSED]
    ]
    return {"refused": rows, "refused_rows": len(refused)}


def _person(username: str) -> Actor:
    """Who sent a file, as of now. Raises Problem where that account is gone or closed."""
    person = User.objects(username=username).first()
    if person is None and username == SYSTEM.username:
        return SYSTEM
    if person is None or not person.is_active:
        raise Problem(
            f"บัญชี {username} ถูกลบหรือปิดใช้งานแล้ว จึงไม่ได้นำเข้ารายชื่อ โปรดให้ผู้ที่ยังดูแลพื้นที่นี้ส่งไฟล์ใหม่",
            f"The account {username} is gone or no longer active, so the names were not imported. "
            "Somebody who still keeps this area can send the file again.",
            kind="forbidden",
        )
    found: Actor = person
    return found


def _give_up(claim: Claim) -> None:
    _end_failed(
        claim,
        {
            "error_th": f"ระบบอ่านไฟล์นี้ {MAX_IDLE} ครั้งแล้วไม่สำเร็จ โปรดส่งไฟล์ใหม่ หากยังไม่สำเร็จโปรดแจ้งผู้ดูแลระบบ",
            "error_en": f"The file was read {MAX_IDLE} times without coming to an end. Send it again; if that fails "
            "too, tell the administrator.",
        },
    )


def _remove_file(row: Raw) -> None:
    """The file goes first and its name last, so that what is cut off between them is done by the sweeper."""
    if row.get("file") is None:
        return
    with contextlib.suppress(gridfs.NoFile):  # where somebody else removed it
        _files().delete(row["file"])
    ListUpload._get_collection().update_one({"_id": row["_id"]}, {"$unset": {"file": ""}})


def _reading(key: Any) -> Reading:
    return Reading(ListUpload._get_collection_name(), key)


def _key(text: str) -> ObjectId | None:
    try:
        return ObjectId(text)
    except InvalidId:
        return None


def _files() -> Any:
    """The bucket of files that wait to be read."""
    return gridfs.GridFSBucket(get_db(), ListUpload.file.collection_name)

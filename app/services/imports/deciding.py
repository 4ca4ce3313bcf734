"""What people decide about an import: apply it, cancel it, undo it. The work itself is the background's."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.imports import ImportRow, ImportRun, ImportSchool
from app.documents.schools import School
from app.enums import ImportRowState, ImportState
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.services.claims import PICK_UP_WITHIN, resume
from app.services.imports.actors import check_keeps, checked_reason
from app.services.imports.uploading import hand_over
from app.services.imports.writing.applying import TO_WRITE
from app.services.imports.writing.undoing import WRITTEN, refuse_touched
from app.services.imports.writing.writer import refuse_without_reason
from app.services.locks import rounds_taking_entries
from app.services.rounds import open_of
from app.services.transactions import in_transaction

Raw = dict[str, Any]

PREVIEW, APPLYING, UNDOING = ImportState.PREVIEW.value, ImportState.APPLYING.value, ImportState.UNDOING.value
READING, MAPPING, CANCELLED = ImportState.READING.value, ImportState.MAPPING.value, ImportState.CANCELLED.value
PLANNED = ImportRowState.PLANNED.value
WITH_STUDENTS = [ImportState.APPLIED.value, CANCELLED, PREVIEW, ImportState.FAILED.value]
"""States in which students of an import may be stored, and nobody works on it."""
_ENDED = ("cursor", "cancel_requested", "error_th", "error_en", "finished_on", "worker", "fault", "rests_until")
"""What the work before has left and the next one does not begin with."""


def apply(actor: Any, run: ImportRun, reason: str | None = None) -> None:
    """Have a previewed import written in the background; what changed since the preview is shown again instead.

    reason: for history and register. Raises Problem: "forbidden" out of the actor's area, "conflict" where it is no
    preview, questions are open or nothing is to be written, "invalid" on field reason where a round wants one.
    """
    raw = run_of(run.pk)
    check_keeps(actor, raw)
    if raw["state"] != PREVIEW:
        raise _not_now("ยืนยันได้เมื่อการนำเข้าอยู่ในขั้นตรวจและยืนยันเท่านั้น", "Only a preview can be applied.")
    _check_answers(raw)
    todo = {**TO_WRITE, "run": raw["_id"]}
    rows = ImportRow._get_collection().count_documents(todo)
    if not rows:
        raise _nothing(raw)
    codes = ImportRow._get_collection().distinct("school_code", todo)
    why = _reason(reason or raw.get("reason"), codes)
    fields = {"applied_by": actor.username, "reason": why, "progress_done": 0, "progress_total": rows}
    _begin(raw, PREVIEW, APPLYING, fields, {"school_code": {"$in": codes}}, {"state": PLANNED})


def cancel(actor: Actor, run: ImportRun) -> bool:
    """Stop an import: at once while it waits, after the present chunk while it is worked on. False if it had ended.

    What is written by then stays, school by school, and can be undone. An undoing is not cancelled.
    Raises Problem "forbidden" out of the actor's area.
    """
    check_keeps(actor, run_of(run.pk))
    runs, ended = ImportRun._get_collection(), {"state": CANCELLED, "finished_on": stored_now()}
    idle = [{"state": {"$in": [MAPPING, PREVIEW]}}, {"state": READING, "worker": None}]
    gone = {"lease_until": "", "cursor": "", "cancel_requested": "", "fault": ""}
    if runs.update_one({"_id": run.pk, "$or": idle}, {"$set": ended, "$unset": gone}).modified_count:
        return True
    asked = {"_id": run.pk, "state": {"$in": [READING, APPLYING]}}
    told = runs.update_one(asked, {"$set": {"cancel_requested": True}}).matched_count
    if told and resume(runs, run.pk):  # a halted import has no worker that would see the wish
        hand_over(run.pk)
    return bool(told)


def undo(actor: Any, run: ImportRun) -> None:
    """Have everything that an import wrote taken back in the background, if nothing else touched its students since.

    Raises Problem: "forbidden" out of the actor's area, "conflict" where nothing is stored, it is worked on, its rows
    are cleared, or students were changed since: those are named.
    """
    raw = run_of(run.pk)
    check_keeps(actor, raw)
    if raw.get("cleared_on") is not None:
        raise _not_now(
            "ลบแถวข้อมูลของการนำเข้านี้ตามกำหนดเวลาเก็บรักษาแล้ว จึงย้อนกลับไม่ได้",
            "The rows of this import are past the time they are kept, so it cannot be undone.",
        )
    rows = ImportRow._get_collection().count_documents({**WRITTEN, "run": raw["_id"]})
    if raw["state"] not in WITH_STUDENTS or not rows:
        raise _not_now("ไม่มีข้อมูลที่การนำเข้านี้บันทึกไว้ให้ย้อนกลับ", "This import has stored nothing that could be undone.")
    refuse_touched(raw)
    fields = {"undone_by": actor.username, "progress_done": 0, "progress_total": rows}
    _begin(raw, raw["state"], UNDOING, fields, {}, {})


def run_of(run_id: Any) -> Raw:
    """The raw run. Raises Problem "not_found"."""
    run: Raw | None = ImportRun._get_collection().find_one({"_id": run_id})
    if run is None:
        raise Problem("ไม่พบการนำเข้านี้แล้ว", "This import is no longer there.", kind="not_found")
    return run


def _begin(raw: Raw, state: str, work: str, fields: Raw, where: Raw, school: Raw) -> None:
    """Hand a run over to the background; some of its schools begin anew, with `school` set."""
    anew = {"$unset": {"cursor": "", "error_th": "", "error_en": ""}} | ({"$set": school} if school else {})
    due = stored_now() + PICK_UP_WITHIN
    change = {
        "$set": {"state": work, "lease_until": due, "attempts": 0, "idle": 0, **fields},
        "$unset": dict.fromkeys(_ENDED, ""),
    }

    def begin(session: ClientSession) -> None:
        runs = ImportRun._get_collection()
        mine = {"_id": raw["_id"], "state": state, "cleared_on": None}  # its rows may be removed meanwhile
        if not runs.update_one(mine, change, session=session).matched_count:
            raise _not_now("มีผู้ทำรายการกับการนำเข้านี้ไปก่อนแล้ว", "Somebody else went on with this import just now.")
        ImportSchool._get_collection().update_many({"run": raw["_id"], **where}, anew, session=session)

    in_transaction(begin)
    hand_over(raw["_id"])


def _check_answers(raw: Raw) -> None:
    answers = raw.get("answers") or {}
    if any(question["key"] not in answers for question in raw.get("questions") or ()):
        raise _not_now("ยังมีคำถามเกี่ยวกับไฟล์ที่ยังไม่ได้ตอบ โปรดตอบก่อน", "Answer the open questions about the file first.")


def _nothing(raw: Raw) -> Problem:
    return _not_now(
        "ไม่มีแถวที่ต้องบันทึก: ข้อมูลในไฟล์ตรงกับทะเบียนแล้ว ถูกเลือกไม่นำเข้า หรือรับไม่ได้",
        "Nothing to write: the rows of the file are on the roster already, left out, or refused.",
    )


def _reason(reason: str | None, codes: list[str]) -> str | None:
    """The reason as it is stored. Raises Problem on field reason where one is missing or too long."""
    text = checked_reason(reason)
    if not text:
        schools = School._get_collection().find({"_id": {"$in": codes}}, {"lao_code": 1})
        places = [{"school_code": row["_id"], "lao_code": row.get("lao_code")} for row in schools]
        refuse_without_reason(open_of(rounds_taking_entries(), places))
    return text or None


def _not_now(th: str, en: str) -> Problem:
    return Problem(th, en, kind="conflict")

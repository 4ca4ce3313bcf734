"""Undoing a whole import while nothing else touched its students: new ones go, old values come back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.students import Student
from app.enums import ImportDeed, ImportRowState, ImportState
from app.errors import Problem
from app.fabmongo import audit
from app.fabmongo.writes import changes as differences
from app.rules.imports.matching import effective
from app.services.claims import Claim
from app.services.imports.actors import acting
from app.services.imports.writing.applying import via
from app.services.imports.writing.batches import Ahead, Step, in_chunks, in_turn, schools_of, settle, work_on
from app.services.imports.writing.writer import Change, Differs, Writer

Raw = dict[str, Any]

NAMED = 5
"""Students that a refusal names."""
WRITTEN: Raw = {"state": ImportRowState.APPLIED.value}


def undo_claimed(claim: Claim) -> ImportState:
    """The work of state UNDOING: all of it is looked through first; what stands in the way ends it with the reason."""
    run = claim.job
    writer = Writer(acting(run.get("undone_by"), run), reason_of(run), via(run))
    step = Step(WRITTEN, _back, ImportRowState.UNDONE, {}, -1)
    if not run.get("cursor"):
        refuse_touched(run, claim)
        claim.update({"$set": {"cursor": "undoing"}})
    schools = schools_of(run, {"state": {"$ne": ImportRowState.UNDONE.value}})
    with Ahead() as ahead:
        for school in in_turn(schools, run, step, ahead):
            _undo_school(claim, writer, school, step, ahead)
    claim.end({"state": ImportState.UNDONE.value, "undone_on": stored_now()}, ("cursor", "cancel_requested"))
    return ImportState.UNDONE


def _undo_school(claim: Claim, writer: Writer, school: Raw, step: Step, ahead: Ahead) -> None:
    try:
        work_on(claim, writer, school, step, ahead)
    except Differs:
        settle(claim, school)
        raise touched_problem(touched(claim.job)) from None
    except Problem:
        settle(claim, school)
        raise


def reason_of(run: Raw) -> str:
    """What history and register say of an undone import, with the reason it was given."""
    text = f"ย้อนกลับการนำเข้าไฟล์ {run.get('file_name') or ''}".strip()
    return f"{text}: {run['reason']}"[:500] if run.get("reason") else text[:500]


def refuse_touched(run: Raw, claim: Claim | None = None) -> None:
    """Raise Problem "conflict", with the names of some, where a student of a raw run was changed after it."""
    if names := touched(run, claim):
        raise touched_problem(names)


def touched(run: Raw, claim: Claim | None = None) -> list[str]:
    """Names of the first students that were changed, moved or deleted since the run wrote them."""
    names: list[str] = []
    for rows in in_chunks({**WRITTEN, "run": run["_id"]}):
        there = _versions([row["student"] for row in rows])
        changed = [row for row in rows if there.get(row["student"]) != row["after_version"]]
        names += [str(row.get("student_name") or "") for row in changed]
        if len(names) >= NAMED:
            break
        if claim is not None:
            claim.update({})
    return names[:NAMED]


def touched_problem(names: Sequence[str]) -> Problem:
    """Who stands in the way of undoing, and what to do."""
    listed = ", ".join(name for name in names if name)
    return Problem(
        f"ย้อนกลับไม่ได้ เพราะมีนักเรียนที่แก้ไข ย้าย หรือลบหลังการนำเข้านี้: {listed} "
        "หากต้องการย้อนกลับ โปรดคืนค่าของนักเรียนเหล่านี้จากหน้าประวัติทีละคน หรือนำเข้าไฟล์ที่ถูกต้องอีกครั้ง",
        f"It cannot be undone: students were changed, moved or deleted after this import: {listed}. "
        "Bring back their values one by one from their history, or import a file that is right.",
        kind="conflict",
    )


def _versions(keys: Iterable[Any]) -> dict[Any, Any]:
    rows = Student._get_collection().find({"_id": {"$in": list(keys)}}, {audit.VERSION: 1})
    return {row["_id"]: row.get(audit.VERSION) for row in rows}


def _back(rows: Sequence[Raw], school: Raw, session: ClientSession | None) -> list[Change]:
    """What takes back the rows. Raises Differs where a student was touched since, Problem where one is referred to."""
    keys = [row["student"] for row in rows]
    there = {row["_id"]: row for row in Student._get_collection().find({"_id": {"$in": keys}}, session=session)}
    if any(there.get(row["student"], {}).get(audit.VERSION) != row["after_version"] for row in rows):
        raise Differs
    return [_undone(row, there[row["student"]]) for row in rows]


def _undone(row: Raw, now: Raw) -> Change:
    if row["deed"] == ImportDeed.NEW.value:
        return Change(now, None)
    before = now | {name: old for name, (old, _) in effective(row).items()}
    return Change(now, before, differences(now, before))

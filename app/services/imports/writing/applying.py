"""Applying a previewed import: school by school, whatever changed since the preview shown again instead of written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import stored_now, thai_today
from app.documents.imports import ImportRow, ImportSchool
from app.documents.schools import School
from app.documents.students import Student
from app.enums import ImportDeed, ImportRowState, ImportState
from app.errors import Problem
from app.fabmongo import audit
from app.fabmongo.scope import Filter
from app.fabmongo.writes import changes as differences
from app.rules.imports import matching
from app.rules.students import validate_student
from app.services.claims import Claim
from app.services.imports import planning
from app.services.imports.actors import acting
from app.services.imports.planning import planner, storing
from app.services.imports.writing.batches import (
    MOST_IN_TRANSACTION,
    Ahead,
    Ended,
    Step,
    in_turn,
    refuse,
    schools_of,
    settle,
    work_on,
)
from app.services.imports.writing.writer import Change, Differs, Writer
from app.services.transactions import in_transaction

Raw = dict[str, Any]

NEW, MOVED = ImportDeed.NEW.value, ImportDeed.MOVED.value
TO_WRITE: Raw = {
    "deed": {"$in": storing.WRITTEN},
    "left_out": {"$ne": True},
    "state": {"$in": [ImportRowState.PLANNED.value, ImportRowState.AGAIN.value]},
}
"""The rows that are to be written. A person who applies has seen those marked AGAIN."""


def via(run: Raw) -> str:
    """What the history names as the origin of what a raw run writes."""
    return f"import:{run['_id']}"


def apply_claimed(claim: Claim) -> ImportState:
    """The work of state APPLYING: every school that is planned and not refused; safe to cut off anywhere."""
    run = claim.job
    writer = Writer(acting(run.get("applied_by"), run), run.get("reason"), via(run))
    step = Step(TO_WRITE, _Plan(run, writer.actor).changes, ImportRowState.APPLIED, _AFTER, 1)
    schools = schools_of(run, {"state": ImportRowState.PLANNED.value, "error_th": None})
    with Ahead() as ahead:
        for school in in_turn(schools, run, step, ahead):
            if not _apply_school(claim, writer, school, step, ahead):
                return end(claim, ImportState.CANCELLED)
    return _finish(claim)


def _apply_school(claim: Claim, writer: Writer, school: Raw, step: Step, ahead: Ahead) -> bool:
    """Write one school, or note why it is not written; False where somebody cancelled the import."""
    try:
        work_on(claim, writer, school, step, ahead)
    except Ended:
        settle(claim, school)
        return False
    except Differs:
        _show_again(claim, school)
    except Problem as problem:
        refuse(claim, school, problem)
    return True


_AFTER = {"after_version": {"$add": [{"$ifNull": ["$version", 0]}, 1]}}


class _Plan:
    """Rows of a run held against students as they are now."""

    def __init__(self, run: Raw, actor: Any) -> None:
        granted = Student.scope.writes(actor.area)
        self.granted: Filter = {"_id": None} if granted is None else granted
        self.read_on = run.get("started_on") or run["requested_on"]

    def changes(self, rows: Sequence[Raw], school: Raw, session: ClientSession | None) -> list[Change]:
        """What the rows do. Raises Differs where the database is not what they were planned for."""
        stored = School._get_collection().find_one({"_id": school["school_code"]}, session=session)
        if stored is None:
            raise Differs
        there = _students(rows, session)
        place = _place(stored)
        found = [_new(row, place) if row["deed"] == NEW else _changed(row, place, there) for row in rows]
        changes = [change for change in found if change is not None]
        _check_numbers(changes, stored["_id"], self.granted, set(there), session)
        if stored.get("changed_on", self.read_on) > self.read_on:
            _validate(changes, stored)
        return changes


def _students(rows: Sequence[Raw], session: ClientSession | None) -> dict[Any, Raw]:
    keys = [row["student"] for row in rows if row["deed"] != NEW]
    if not keys:
        return {}
    return {row["_id"]: row for row in Student._get_collection().find({"_id": {"$in": keys}}, session=session)}


def _new(row: Raw, place: Raw) -> Change:
    values = row["values"]
    if None in values.values():
        values = {name: value for name, value in values.items() if value is not None}
    return Change(None, {"_id": row["student"], **planner.DEFAULTS, **values, **place, audit.VERSION: 1})


def _place(school: Raw) -> Raw:
    return {name: code for name, code in matching.place_of(school).items() if code}


def _changed(row: Raw, place: Raw, there: dict[Any, Raw]) -> Change | None:
    """None where nothing is left to change."""
    old = there.get(row["student"])
    wanted = matching.effective(row)
    if old is None or old.get(audit.VERSION) != row.get("version"):
        raise Differs
    if any(old.get(name) != before for name, (before, _) in wanted.items()):
        raise Differs
    if row["deed"] != MOVED and old["school_code"] != place["school_code"]:
        raise Differs
    new = old | {name: after for name, (_, after) in wanted.items()}
    if row["deed"] == MOVED and any(new.get(name) != code for name, code in place.items()):
        raise Differs  # the school lies in another LAO by now
    fields = differences(old, new)
    return Change(old, new, fields) if fields else None


def _check_numbers(
    changes: list[Change], code: str, granted: Filter, mine: set[Any], session: ClientSession | None
) -> None:
    """Raise Differs where a number that comes to the school is on its roster by now.

    Or, of somebody who still studies there, on another roster that the acting person writes: who is counted at two
    schools is paid for twice, and the plan made anew tells of a move.
    """
    coming = [change.new for change in changes if change.new is not None]
    coming = [new for new, change in zip(coming, changes, strict=True) if _comes(change)]
    if not coming:
        return
    numbers = {"$in": [new["national_id"] for new in coming]}
    taken = {"national_id": numbers, "$or": [{"school_code": code}, {**granted, "left_on": None}]}
    if any(row["_id"] not in mine for row in Student._get_collection().find(taken, {"_id": 1}, session=session)):
        raise Differs


def _comes(change: Change) -> bool:
    return change.old is None or "national_id" in change.fields or "school_code" in change.fields


def _validate(changes: list[Change], school: Raw) -> None:
    """Raise Differs where a student no longer fits the school, which was changed after the file was read."""
    today = thai_today()
    for change in changes:
        found = validate_student(change.new or {}, school, today=today)
        if any(finding.severity == "error" for finding in found):
            raise Differs


def _show_again(claim: Claim, school: Raw) -> None:
    """Plan a school anew, to be looked at again; where it is large, marked before, for that takes a while."""
    code = school["school_code"]
    marked = {"$set": {"state": ImportRowState.AGAIN.value}, "$unset": {"cursor": ""}}
    large = ImportRow._get_collection().count_documents(
        {"run": claim.job["_id"], "school_code": code}, limit=MOST_IN_TRANSACTION + 1
    ) > MOST_IN_TRANSACTION  # fmt: skip

    def mark(session: ClientSession) -> None:
        claim.update({}, session)
        ImportSchool._get_collection().update_one({"_id": school["_id"]}, marked, session=session)
        if not large:
            planning.replan_school(claim.job, code, session)

    settle(claim, school)
    in_transaction(mark)
    if large:
        planning.replan_school(claim.job, code, None)


def _finish(claim: Claim) -> ImportState:
    """APPLIED; back to the preview where something is to be looked at again, or nothing at all could be written."""
    run = claim.job
    again = ImportSchool._get_collection().count_documents({"run": run["_id"], "state": ImportRowState.AGAIN.value})
    refused = ImportSchool._get_collection().count_documents({"run": run["_id"], "error_th": {"$ne": None}})
    back = again or (refused and not run.get("applied"))
    return end(claim, ImportState.PREVIEW if back else ImportState.APPLIED)


def end(claim: Claim, state: ImportState, **texts: str) -> ImportState:
    """End the applying of a claimed run in a state; `texts`: error_th and error_en, where it failed."""
    again = {"run": claim.job["_id"], "state": ImportRowState.AGAIN.value}
    now = stored_now()
    left = ImportRow._get_collection().count_documents(again)
    fields: Raw = {"state": state.value, "finished_on": now, "again": left, **texts}
    if claim.job.get("applied"):
        fields["applied_on"] = now
    claim.end(fields, ("cursor", "cancel_requested"))
    return state

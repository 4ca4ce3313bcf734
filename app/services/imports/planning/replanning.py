"""Planning stored rows anew: after an answer, after a fix, and where the database changed since the preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.imports import ImportRow, ImportSchool
from app.enums import ImportRowState, ImportState
from app.rules.imports.rows import RowReader
from app.services.claims import Claim
from app.services.imports.actors import acting
from app.services.imports.planning import sheets
from app.services.imports.planning.counting import refresh
from app.services.imports.planning.doubles import Doubles
from app.services.imports.planning.drafts import Draft, again_draft, kept_draft
from app.services.imports.planning.planner import Planner
from app.services.imports.planning.storing import DONE, OF_FILE, met_rows, replace_rows, write_again

Raw = dict[str, Any]

CHUNK = 1000
REPLAN = "replan"
"""The kind of cursor of a run whose rows are planned anew from what is stored of them."""
AGAIN = ImportRowState.AGAIN.value
_PLAN = ("deed", "student", "changes", "by_hand", "from_school", "questions", "troubles", "values")


def touched_by(keys: Sequence[str]) -> Raw:
    """The filter of the rows to which the answers of some questions matter."""
    either = [{"questions": {"$in": list(keys)}}, {"depends": {"$in": list(keys)}}]
    return {"deed": OF_FILE, "state": {"$nin": DONE}, "$or": either}


def replan(claim: Claim) -> None:
    """Plan the rows anew that the answers in the cursor touch, a chunk after the other."""
    run, cursor = claim.job, claim.job["cursor"]
    rows = touched_by(cursor["keys"])
    doubles = Doubles(_names(run), met_rows(run["_id"], {**rows, "n": {"$gt": cursor["n"]}}))
    planner = Planner(run, asking(run), doubles, raised_of(run))
    while chunk := _rows({**rows, "run": run["_id"], "n": {"$gt": cursor["n"]}}):
        planned = planner.plan(again(run, chunk))
        cursor = {**cursor, "n": chunk[-1]["n"]}
        replace_rows(claim, planned, cursor)


def plan_again(run: Raw, rows: Sequence[Raw], actor: Any, session: ClientSession | None = None) -> list[Raw]:
    """Some stored rows of a raw run as they are planned now; nothing is written."""
    ours = {"_id": {"$in": [row["_id"] for row in rows]}}

    def look(numbers: list[str], students: list[Any]) -> Any:
        either = [{"values.national_id": {"$in": numbers}}, {"student": {"$in": students}}]
        return met_rows(run["_id"], ours, {"$or": either}, session)

    planner = Planner(run, actor, Doubles(_names(run), look=look), raised_of(run), session)
    return planner.plan(again(run, rows))


def replan_school(run: Raw, school_code: str, session: ClientSession | None) -> int:
    """Plan all rows of a school anew against the database as it is now; those with another plan get state AGAIN.

    Rows that are left out follow in silence. Returns how many those are. The school's counts and the
    missing students follow.
    """
    actor = acting(run["applied_by"], run) if run["state"] == ImportState.APPLYING.value else asking(run)
    of_school: Raw = {"run": run["_id"], "school_code": school_code, "deed": OF_FILE, "state": {"$nin": DONE}}
    n, changed = 0, 0
    while chunk := _rows({**of_school, "n": {"$gt": n}}, session):
        n = chunk[-1]["n"]
        pairs = list(zip(chunk, plan_again(run, chunk, actor, session), strict=True))
        for old, new in pairs:
            is_other = any(old.get(name) != new.get(name) for name in _PLAN) and not new.get("left_out")
            new["state"] = AGAIN if is_other else old["state"]
            changed += is_other
        write_again([new for old, new in pairs if old != new], session)
    refresh(run, [school_code], session)
    if changed:
        marked = {"$set": {"state": AGAIN}}
        ImportSchool._get_collection().update_one({"_id": f"{run['_id']}/{school_code}"}, marked, session=session)
    return changed


def again(run: Raw, rows: Sequence[Raw]) -> list[Draft]:
    """Stored rows read anew from their texts and from what was put right on the page."""
    answers, today = run.get("answers") or {}, thai_today()
    plans = sheets.plans_of(run)
    readers = {index: RowReader(plan, answers, today=today) for index, plan in plans.items()}
    drafts = []
    for row in rows:
        edits, typed = row.get("edits") or {}, row.get("typed")
        read = readers[row["sheet"]].read_typed(row["row"], {**(typed or {}), **edits}) if typed or edits else None
        if read is not None and typed:
            draft = again_draft(row, read, plans[row["sheet"]].facts, answers)
        else:
            draft = kept_draft(row, read)
        if "version" not in row:  # nobody stored: the key that was chosen for a new student stays
            draft.student = row.get("student")
        drafts.append(draft)
    return drafts


def asking(run: Raw) -> Any:
    """For whom a raw run is planned: whoever last put something right in it, else whoever uploaded the file."""
    return acting(run.get("changed_by") or run["requested_by"], run)


def raised_of(run: Raw) -> frozenset[str]:
    """Keys of the questions of a raw run that nobody has answered."""
    return frozenset(question["key"] for question in run.get("questions") or ()) - (run.get("answers") or {}).keys()


def _rows(where: Raw, session: ClientSession | None = None) -> list[Raw]:
    return list(ImportRow._get_collection().find(where, session=session).sort("n", 1).limit(CHUNK))


def _names(run: Raw) -> dict[int, str]:
    return {sheet["index"]: sheet.get("name") or "" for sheet in run.get("sheets") or ()}

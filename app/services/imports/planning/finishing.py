"""From planned rows to a preview: open questions, missing students, counts. Done anew from the start each time."""

from __future__ import annotations

from itertools import islice
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import stored_now, thai_today
from app.documents.imports import ImportRow, ImportSchool
from app.enums import ImportDeed, ImportState
from app.rules.national_id import mask
from app.services.claims import Claim
from app.services.imports.planning.counting import MISSING, Tally, last_n, numbers_of
from app.services.imports.planning.planner import ADMITTED
from app.services.imports.planning.storing import DONE, OF_FILE, stop_if_cancelled
from app.services.transactions import in_transaction
from app.thai import academic_year

Raw = dict[str, Any]
ASKED, REFUSED = ImportDeed.ASKED.value, ImportDeed.REFUSED.value

SCHOOLS = 100
"""Schools that are counted together."""
MISSING_AT_ONCE = 5000
SAMPLES = 5


def finish(claim: Claim) -> None:
    """Make the preview of a run all of whose rows are planned, and end the claim there. Raises LeaseLost."""
    run = claim.job
    questions = questions_of(run)
    _ask(run, [question["key"] for question in questions if question["key"] not in (run.get("answers") or {})])
    _begin(claim)
    codes = _codes(run)
    n = last_n(run["_id"]) + 1
    for start in range(0, len(codes), SCHOOLS):
        n = _add_schools(claim, codes[start : start + SCHOOLS], n)
        stop_if_cancelled(claim)
    fields = {"state": ImportState.PREVIEW.value, "questions": questions, **numbers_of(run["_id"])}
    done = {"progress_done": run.get("progress_total") or 0, "finished_on": stored_now()}
    claim.end({**fields, **done}, ("cursor", "cancel_requested", "error_th", "error_en"))


def questions_of(run: Raw) -> list[Raw]:
    """What the rows of a raw run leave open, and what was answered before, so that it can be answered otherwise."""
    rows, answers = ImportRow._get_collection(), run.get("answers") or {}
    asked = {"run": run["_id"], "deed": {"$in": [ASKED, REFUSED]}, "state": {"$nin": DONE}}
    raised = rows.distinct("questions", {**asked, "questions": {"$ne": None}})
    found = [_question(run, key) for key in sorted(raised) if key not in answers]
    answered = [each for each in run.get("questions") or () if each["key"] in answers]
    return [*answered, *(question for question in found if question["rows"])]


def _question(run: Raw, key: str) -> Raw:
    field, _, kind = key.partition(":")
    waits: Raw = {"deed": {"$nin": [REFUSED, MISSING]}, "state": {"$nin": DONE}, "run": run["_id"]}
    where = {**waits, "$or": [{"questions": key}, {"depends": key}]}
    number = ImportRow._get_collection().count_documents(where)
    return {"key": key, "field": field, "kind": kind, "rows": number, "samples": _samples(run, key, field)}


def _samples(run: Raw, key: str, field: str) -> list[str]:
    """Different texts of rows that raise a question; of a missing admission date the day that is suggested."""
    if key == ADMITTED:
        return [f"16/05/{academic_year(thai_today())}"]
    rows = ImportRow._get_collection().find({"run": run["_id"], "questions": key}, {f"typed.{field}": 1}).limit(200)
    texts = (str((row.get("typed") or {}).get(field) or "") for row in rows)
    shown = (mask(text) if field == "national_id" else text for text in texts if text)
    return list(islice(dict.fromkeys(shown), SAMPLES))


def _ask(run: Raw, keys: list[str]) -> None:
    """Let rows wait that an open question of other rows touches."""
    if keys:
        where = {"run": run["_id"], "depends": {"$in": keys}, "deed": {"$nin": [REFUSED, MISSING, ASKED]}}
        ImportRow._get_collection().update_many({**where, "state": {"$nin": DONE}}, {"$set": {"deed": ASKED}})


def _begin(claim: Claim) -> None:
    """Take away what an attempt before this one, or the preview before this one, has counted."""
    mine = {"run": claim.job["_id"]}

    def work(session: ClientSession) -> None:
        claim.update({}, session)
        ImportRow._get_collection().delete_many({**mine, "deed": MISSING}, session=session)
        applied = {"state": {"$nin": DONE}}
        ImportSchool._get_collection().delete_many({**mine, **applied}, session=session)

    in_transaction(work)


def _codes(run: Raw) -> list[str]:
    """The schools that the file is about, without those that were written before."""
    mine = {"run": run["_id"]}
    found = set(ImportRow._get_collection().distinct("school_code", {**mine, "deed": OF_FILE}))
    done = set(ImportSchool._get_collection().distinct("school_code", {**mine, "state": {"$in": DONE}}))
    return sorted({*found, run.get("school_code")} - done - {None})


def _add_schools(claim: Claim, codes: list[str], n: int) -> int:
    """Store schools and the students missing from them; the number that the next missing student gets."""
    tally = Tally(claim.job["_id"], codes)

    def work(session: ClientSession) -> None:
        claim.update({}, session)
        ImportSchool._get_collection().bulk_write(tally.schools(), session=session)

    in_transaction(work)
    keys = sorted(tally.absent)
    for start in range(0, len(keys), MISSING_AT_ONCE):
        rows = list(tally.missing(keys[start : start + MISSING_AT_ONCE], n))
        n += len(rows)
        _add_missing(claim, rows)
    return n


def _add_missing(claim: Claim, rows: list[Raw]) -> None:
    def work(session: ClientSession) -> None:
        claim.update({}, session)
        ImportRow._get_collection().insert_many(rows, session=session)

    in_transaction(work)

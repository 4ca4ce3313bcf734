"""Rows and schools of a preview for pages and interfaces: filtered, a page at a time, ID numbers masked."""

from __future__ import annotations

import re
from typing import Any

from bson import ObjectId

from app.documents.imports import ImportRow, ImportRun, ImportSchool
from app.enums import ImportDeed, ImportRowState
from app.rules.imports.cells import without_ids
from app.rules.national_id import mask
from app.thai import normalise_name

Raw = dict[str, Any]

MOST = 500
"""Rows of a page at most."""
MOST_WORDS = 4
NUMBER = "national_id"
REMARKED: Raw = {"troubles.0": {"$exists": True}, "deed": {"$ne": ImportDeed.REFUSED.value}}
BY_HAND: Raw = {"by_hand.0": {"$exists": True}}
CODES = ("school_code", "lao_code")
"""Codes that have as many digits as a part of an ID number, and are no secret."""


def page(
    run: ImportRun, deed: str | None = None, school: str | None = None, words: str = "", repaired: bool = False,
    after: int = 0, limit: int = 50, *,
    kind: str = "", remarked: bool = False, by_hand: bool = False, again: bool = False, left_out: bool | None = None,
    open_numbers: bool = False,
) -> list[Raw]:  # fmt: skip
    """Raw rows of a run after the row numbered `after`, at most `limit`, in the order of the file.

    words: parts of the name, all of them, or the number of a row. kind: of a repair. remarked: taken, but with
    something to look at. by_hand: rows with what a person corrected. ID numbers are masked unless `open_numbers`, which
    is for those who may change students of the run's area. Whoever calls has checked that the run may be read.
    """
    where: Raw = {"run": run.pk, "n": {"$gt": after}, "$and": [_wanted(words), REMARKED if remarked else {}]}
    wanted = {
        "deed": deed,
        "school_code": school,
        "state": ImportRowState.AGAIN.value if again else None,
        "repairs.0": {"$exists": True} if repaired else None,
        "by_hand.0": BY_HAND["by_hand.0"] if by_hand else None,
        "left_out": None if left_out is None else (True if left_out else {"$ne": True}),
        "repairs.kind": kind or None,
    }
    where |= {name: value for name, value in wanted.items() if value is not None}
    rows = ImportRow._get_collection().find(where).sort("n", 1).limit(max(1, min(limit, MOST)))
    return [row if open_numbers else masked(row) for row in rows]


def marked(run: ImportRun) -> dict[str, int]:
    """How many rows bear a mark, a name of `page`'s; what is not kept with the run is counted, up to 10,000."""
    rows = ImportRow._get_collection()
    counted = {
        name: rows.count_documents({"run": run.pk, **where}, limit=10_000)
        for name, where in (("remarked", REMARKED), ("by_hand", BY_HAND))
    }
    return {"left_out": run.left_out or 0, "again": run.again or 0, **counted}


def _wanted(words: str) -> Raw:
    """The filter for what is typed into the search box."""
    found = normalise_name(words).split()[:MOST_WORDS]
    if len(found) == 1 and found[0].isdecimal() and len(found[0]) < 8:
        return {"row": int(found[0])}
    return {"$and": [{"student_name": {"$regex": re.escape(word), "$options": "i"}} for word in found]} if found else {}


def row_of(run: ImportRun, row_id: Any, *, open_numbers: bool = False) -> Raw | None:
    """One raw row of a run as `page` gives it; None where the run has no such row."""
    if not ObjectId.is_valid(row_id):
        return None
    row: Raw | None = ImportRow._get_collection().find_one({"_id": ObjectId(row_id), "run": run.pk})
    return row if row is None or open_numbers else masked(row)


def schools(run: ImportRun) -> list[ImportSchool]:
    """The schools of a run, by code, with their counts before and after."""
    return list(ImportSchool.objects(run=run.pk).order_by("school_code"))


def masked(row: Raw) -> Raw:
    """A raw row in which no ID number can be read: not in its own field, nor where somebody typed one by mistake."""
    shown = dict(row)
    for name in ("typed", "edits", "values"):
        if row.get(name):
            shown[name] = {field: _masked(field, value) for field, value in row[name].items()}
    if row.get("changes"):
        shown["changes"] = {
            field: [_masked(field, value) for value in pair] for field, pair in row["changes"].items()
        }
    if row.get("repairs"):
        shown["repairs"] = [_masked_repair(repair) for repair in row["repairs"]]
    if row.get("student_name"):
        shown["student_name"] = _masked("name", row["student_name"])
    return shown


def _masked_repair(repair: Raw) -> Raw:
    field = repair.get("field") or ""
    return {**repair, "before": _masked(field, repair.get("before")), "after": _masked(field, repair.get("after"))}


def _masked(field: str, value: Any) -> Any:
    if field == NUMBER:
        return mask(str(value)) if value else ""
    return without_ids(value) if isinstance(value, str) and field not in CODES else value

"""Rows and schools of a preview for pages and interfaces: filtered, a page at a time, ID numbers masked."""

from __future__ import annotations

import re
from typing import Any

from bson import ObjectId

from app.documents.imports import ImportRow, ImportRun, ImportSchool
from app.enums import ImportRowState
from app.rules.national_id import mask
from app.thai import normalise_name

Raw = dict[str, Any]

MOST = 500
"""Rows of a page at most."""
MOST_WORDS = 4
NUMBER = "national_id"


def page(
    run: ImportRun, deed: str | None = None, school: str | None = None, words: str = "", repaired: bool = False,
    after: int = 0, limit: int = 50, *,
    kind: str = "", by_hand: bool = False, again: bool = False, left_out: bool | None = None,
    open_numbers: bool = False,
) -> list[Raw]:  # fmt: skip
    """Raw rows of a run after the row numbered `after`, at most `limit`, in the order of the file.

    words: parts of the name, all of them, or the number of a row. kind: of a repair. by_hand: rows with what a person
    corrected. ID numbers are masked unless `open_numbers`, which is for those who may change students of the run's
    area. Whoever calls has checked that the run may be read.
    """
    where: Raw = {"run": run.pk, "n": {"$gt": after}, **_wanted(words)}
    wanted = {
        "deed": deed,
        "school_code": school,
        "state": ImportRowState.AGAIN.value if again else None,
        "repairs.0": {"$exists": True} if repaired else None,
        "by_hand.0": {"$exists": True} if by_hand else None,
        "left_out": None if left_out is None else (True if left_out else {"$ne": True}),
        "repairs.kind": kind or None,
    }
    where |= {name: value for name, value in wanted.items() if value is not None}
    rows = ImportRow._get_collection().find(where).sort("n", 1).limit(max(1, min(limit, MOST)))
    return [row if open_numbers else masked(row) for row in rows]


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
    """A raw row in which no ID number can be read."""
    shown = dict(row)
    for name in ("typed", "edits", "values"):
        if NUMBER in (row.get(name) or {}):
            shown[name] = {**row[name], NUMBER: _mask(row[name][NUMBER])}
    if NUMBER in (row.get("changes") or {}):
        shown["changes"] = {**row["changes"], NUMBER: [_mask(value) for value in row["changes"][NUMBER]]}
    if row.get("repairs"):
        shown["repairs"] = [_masked_repair(repair) for repair in row["repairs"]]
    return shown


def _masked_repair(repair: Raw) -> Raw:
    if repair.get("field") != NUMBER:
        return repair
    return {**repair, "before": _mask(repair.get("before")), "after": _mask(repair.get("after"))}


def _mask(value: Any) -> str:
    return mask(str(value)) if value else ""

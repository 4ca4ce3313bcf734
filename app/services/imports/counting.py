"""Counts of a preview: rows by deed, each school before and after, and who is missing from the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from app.documents.imports import ImportRow, ImportRun, ImportSchool
from app.documents.schools import School
from app.documents.students import Student
from app.enums import ImportDeed, ImportRowState
from app.services.imports.storing import DONE, OF_FILE

Raw = dict[str, Any]
There = dict[Any, tuple[str, str]]
"""Students who study at a school: key -> grade and sex."""

MISSING = ImportDeed.MISSING.value
_DELTA = (
    "school_code", "student", "deed", "state", "left_out", "grade", "values.sex", "values.left_on", "changes.sex",
    "changes.left_on", "by_hand", "overrule", "from_school",
)  # fmt: skip


def numbers_of(run_id: Any, session: ClientSession | None = None) -> Raw:
    """Raw fields of a run that count its rows."""
    rows = ImportRow._get_collection()
    groups = rows.aggregate(
        [{"$match": {"run": run_id}}, {"$group": {"_id": "$deed", "n": {"$sum": 1}}}], session=session
    )
    numbers = {group["_id"]: group["n"] for group in groups}
    left = rows.count_documents({"run": run_id, "left_out": True}, session=session)
    again = rows.count_documents({"run": run_id, "state": ImportRowState.AGAIN.value}, session=session)
    in_file = sum(numbers.values()) - numbers.get(MISSING, 0)
    return {"numbers": numbers, "rows": in_file, "left_out": left, "again": again}


class Tally:
    """What some schools of a run have now, what they would have, and who of them is missing from the file."""

    def __init__(self, run_id: Any, codes: Sequence[str], session: ClientSession | None = None) -> None:
        self.run_id, self.codes, self.session = run_id, list(codes), session
        self.numbers: dict[str, Counter[str]] = {code: Counter() for code in codes}
        self.before: dict[str, There] = {code: {} for code in codes}
        self._read_students()
        self.after: dict[str, There] = {code: dict(there) for code, there in self.before.items()}
        self.absent: dict[str, set[Any]] = {code: set(there) for code, there in self.before.items()}
        self._read_rows()
        for code, keys in self.absent.items():
            if keys:
                self.numbers[code][MISSING] = len(keys)

    def missing(self, keys: Iterable[Any], n: int) -> Iterator[Raw]:
        """Rows of missing students, numbered from `n`."""
        fields = {"title": 1, "first_name": 1, "last_name": 1, "grade": 1, "school_code": 1, "_v": 1}
        where = {"_id": {"$in": list(keys)}}
        for row in Student._get_collection().find(where, fields, session=self.session).sort("_id", 1):
            yield {
                "_id": ObjectId(),
                "run": self.run_id,
                "n": n,
                "school_code": row["school_code"],
                "deed": MISSING,
                "state": ImportRowState.PLANNED.value,
                "student": row["_id"],
                "student_name": f"{row.get('title') or ''}{row.get('first_name')} {row.get('last_name')}",
                "grade": row.get("grade"),
                "version": row.get("_v"),
            }
            n += 1

    def schools(self) -> list[UpdateOne]:
        """The schools as they are stored; one that is there keeps its state."""
        named = School._get_collection().find({"_id": {"$in": self.codes}}, {"name_th": 1}, session=self.session)
        names = {row["_id"]: row["name_th"] for row in named}
        return [
            UpdateOne(
                {"_id": f"{self.run_id}/{code}"},
                {
                    "$set": {
                        "run": self.run_id,
                        "school_code": code,
                        "name": names.get(code),
                        "numbers": dict(self.numbers[code]),
                        "before": _by_grade(self.before[code]),
                        "after": _by_grade(self.after[code]),
                    },
                    "$setOnInsert": {"state": ImportRowState.PLANNED.value},
                },
                upsert=True,
            )
            for code in self.codes
        ]

    def _read_students(self) -> None:
        fields = {"grade": 1, "sex": 1, "school_code": 1}
        where = {"school_code": {"$in": self.codes}, "left_on": None}
        for row in Student._get_collection().find(where, fields, session=self.session):
            self.before[row["school_code"]][row["_id"]] = (row.get("grade") or "", row.get("sex") or "")

    def _read_rows(self) -> None:
        rows, mine = ImportRow._get_collection(), {"run": self.run_id}
        here = {**mine, "school_code": {"$in": self.codes}, "deed": OF_FILE}
        coming = [row for row in rows.find(here, _DELTA, session=self.session) if self._is_coming(row)]
        self._add_moved(coming)
        gone = {**mine, "deed": ImportDeed.MOVED.value, "from_school": {"$in": self.codes}, "state": {"$nin": DONE}}
        for row in rows.find(gone, _DELTA, session=self.session):
            self.absent[row["from_school"]].discard(row["student"])
            if not row.get("left_out"):
                self.after[row["from_school"]].pop(row["student"], None)

    def _is_coming(self, row: Raw) -> bool:
        """Count a row in; whether it brings a student from elsewhere, whose sex is on the roster there."""
        code = row["school_code"]
        self.numbers[code][row["deed"]] += 1
        self.absent[code].discard(row.get("student"))
        if row.get("left_out") or row["state"] in DONE:
            return False
        after, values = self.after[code], row.get("values") or {}
        if row["deed"] == ImportDeed.NEW.value:
            if values.get("left_on") is None:
                after[row["student"]] = (row.get("grade") or "", values.get("sex") or "")
        elif row["deed"] == ImportDeed.CHANGED.value and row["student"] in after:
            self._change(after, row)
        return bool(row["deed"] == ImportDeed.MOVED.value)

    @staticmethod
    def _change(after: There, row: Raw) -> None:
        kept = () if row.get("overrule") else row.get("by_hand") or ()
        grade, sex = after[row["student"]]
        changes = {name: pair for name, pair in (row.get("changes") or {}).items() if name not in kept}
        if "left_on" in changes:
            del after[row["student"]]
            return
        after[row["student"]] = (
            grade if "grade" in kept else row.get("grade") or grade,
            changes["sex"][1] if "sex" in changes else sex,
        )

    def _add_moved(self, rows: Sequence[Raw]) -> None:
        keys = [row["student"] for row in rows]
        found = Student._get_collection().find({"_id": {"$in": keys}}, {"sex": 1}, session=self.session) if keys else ()
        sexes = {row["_id"]: row.get("sex") or "" for row in found}
        for row in rows:
            sex = (row.get("values") or {}).get("sex") or sexes.get(row["student"], "")
            self.after[row["school_code"]][row["student"]] = (row.get("grade") or "", sex)


def _by_grade(there: There) -> Raw:
    """{grade: {"male": n, "female": n}}"""
    found: dict[str, dict[str, int]] = {}
    for grade, sex in there.values():
        if grade and sex:
            of_grade = found.setdefault(grade, {"male": 0, "female": 0})
            of_grade[sex] = of_grade.get(sex, 0) + 1
    return found


def refresh(run: Raw, codes: Iterable[str], session: ClientSession | None = None) -> None:
    """Count some schools of a run anew after a few of its rows changed, and its missing students with them."""
    codes = sorted(code for code in set(codes) if code)
    if codes:
        tally = Tally(run["_id"], codes, session)
        ImportSchool._get_collection().bulk_write(tally.schools(), session=session)
        _mend_missing(tally)
    ImportRun._get_collection().update_one(
        {"_id": run["_id"]}, {"$set": numbers_of(run["_id"], session)}, session=session
    )


def _mend_missing(tally: Tally) -> None:
    """Let the rows of missing students be those of now."""
    rows, session = ImportRow._get_collection(), tally.session
    where = {"run": tally.run_id, "deed": MISSING, "school_code": {"$in": tally.codes}}
    stored = {row["student"] for row in rows.find(where, {"student": 1}, session=session)}
    now: set[Any] = set().union(*tally.absent.values())
    if gone := stored - now:
        rows.delete_many({**where, "student": {"$in": list(gone)}}, session=session)
    if new := now - stored:
        rows.insert_many(tally.missing(new, last_n(tally.run_id, session) + 1), session=session)


def last_n(run_id: Any, session: ClientSession | None = None, where: Raw | None = None) -> int:
    """The number of the last row of a run; 0 where there is none."""
    last = ImportRow._get_collection().find_one(
        {"run": run_id, **(where or {})}, {"n": 1}, sort=[("n", -1)], session=session
    )
    return int(last["n"]) if last else 0

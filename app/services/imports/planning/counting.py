"""Counts of a preview: rows by deed, each school before and after, and who is missing from the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from app.documents.imports import ImportRow, ImportRun, ImportSchool
from app.documents.schools import School
from app.documents.students import Student
from app.enums import ImportDeed, ImportRowState
from app.rules.imports.matching import effective
from app.services.imports.planning.storing import DONE, OF_FILE

Raw = dict[str, Any]
There = dict[Any, tuple[str, str]]
"""Students who study at a school: key -> grade and sex."""

MISSING = ImportDeed.MISSING.value
STILL_TO_WRITE = {"left_out": {"$ne": True}, "state": {"$nin": DONE}}


def numbers_of(run_id: Any, session: ClientSession | None = None) -> Raw:
    """Raw fields of a run that count its rows; one command."""
    left = {"$sum": {"$cond": ["$left_out", 1, 0]}}
    again = {"$sum": {"$cond": [{"$eq": ["$state", ImportRowState.AGAIN.value]}, 1, 0]}}
    stages: list[Raw] = [
        {"$match": {"run": run_id}},
        {"$group": {"_id": "$deed", "n": {"$sum": 1}, "left": left, "again": again}},
    ]
    groups = list(ImportRow._get_collection().aggregate(stages, session=session))
    return {
        "numbers": {group["_id"]: group["n"] for group in groups},
        "rows": sum(group["n"] for group in groups if group["_id"] != MISSING),
        "left_out": sum(group["left"] for group in groups),
        "again": sum(group["again"] for group in groups),
    }


class Tally:
    """What some schools of a run have now, what they would have, and who of them is missing from the file.

    The rows are counted by MongoDB; of those that change a count only CHANGED and MOVED ones are read.
    """

    def __init__(self, run_id: Any, codes: Sequence[str], session: ClientSession | None = None) -> None:
        self.run_id, self.codes, self.session = run_id, list(codes), session
        self.there: dict[str, There] = {code: {} for code in codes}
        self._read_students()
        self.before = {code: Counter(there.values()) for code, there in self.there.items()}
        self.after = {code: Counter(counts) for code, counts in self.before.items()}
        self.absent = self._absent()
        self.numbers: dict[str, dict[str, int]] = {code: {} for code in codes}
        self._count_rows()
        self._count_new()
        self._count_changed()
        self._count_moved()

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
                        "numbers": self.numbers[code],
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
            self.there[row["school_code"]][row["_id"]] = (row.get("grade") or "", row.get("sex") or "")

    def _absent(self) -> set[Any]:
        """Students who study at the schools and whom no row of the file is about."""
        found = {key for there in self.there.values() for key in there}
        if found:
            where = {"run": self.run_id, "student": {"$in": list(found)}, "deed": OF_FILE}
            found -= {row["student"] for row in self._rows(where, {"student": 1, "_id": 0})}
        return found

    def _rows(self, where: Raw, fields: Raw) -> Any:
        return ImportRow._get_collection().find({"run": self.run_id, **where}, fields, session=self.session)

    def _groups(self, where: Raw, by: Raw) -> Any:
        match = {"run": self.run_id, "school_code": {"$in": self.codes}, **where}
        stages: list[Raw] = [{"$match": match}, {"$group": {"_id": by, "n": {"$sum": 1}}}]
        return ImportRow._get_collection().aggregate(stages, session=self.session)

    def _count_rows(self) -> None:
        for group in self._groups({"deed": OF_FILE}, {"code": "$school_code", "deed": "$deed"}):
            self.numbers[group["_id"]["code"]][group["_id"]["deed"]] = group["n"]
        for code, there in self.there.items():
            if missing := len(self.absent & there.keys()):
                self.numbers[code][MISSING] = missing

    def _count_new(self) -> None:
        where = {"deed": ImportDeed.NEW.value, "values.left_on": None, **STILL_TO_WRITE}
        for group in self._groups(where, {"code": "$school_code", "grade": "$grade", "sex": "$values.sex"}):
            key = group["_id"]
            self.after[key["code"]][key.get("grade") or "", key.get("sex") or ""] += group["n"]

    def _count_changed(self) -> None:
        either = [{f"changes.{name}": {"$exists": True}} for name in ("grade", "sex", "left_on")]
        where = {"school_code": {"$in": self.codes}, "deed": ImportDeed.CHANGED.value, "$or": either, **STILL_TO_WRITE}
        back: list[tuple[Raw, Raw]] = []
        for row in self._rows(where, {"school_code": 1, "student": 1, "changes": 1, "by_hand": 1, "overrule": 1}):
            old = self.there[row["school_code"]].get(row["student"])
            new = {name: pair[1] for name, pair in effective(row).items()}
            if old is not None:
                self.after[row["school_code"]][old] -= 1
                if new.get("left_on") is None:
                    self.after[row["school_code"]][new.get("grade") or old[0], new.get("sex") or old[1]] += 1
            elif "left_on" in new and new["left_on"] is None:
                back.append((row, new))
        self._count_back(back)

    def _count_back(self, back: Sequence[tuple[Raw, Raw]]) -> None:
        """Whoever had left and is there again; rows with what they change."""
        found = self._students([row["student"] for row, _ in back], {"grade": 1, "sex": 1})
        for row, new in back:
            now = {**found.get(row["student"], {}), **new}
            self.after[row["school_code"]][now.get("grade") or "", now.get("sex") or ""] += 1

    def _students(self, keys: Sequence[Any], fields: Raw) -> dict[Any, Raw]:
        if not keys:
            return {}
        found = Student._get_collection().find({"_id": {"$in": keys}}, fields, session=self.session)
        return {row["_id"]: row for row in found}

    def _count_moved(self) -> None:
        """Whoever comes is on the roster of another school, and leaves it."""
        either = [{"school_code": {"$in": self.codes}}, {"from_school": {"$in": self.codes}}]
        where = {"deed": ImportDeed.MOVED.value, "$or": either, **STILL_TO_WRITE}
        fields = {"school_code": 1, "from_school": 1, "student": 1, "grade": 1, "values.sex": 1, "values.left_on": 1}
        rows = list(self._rows(where, fields))
        found = self._students([row["student"] for row in rows], {"sex": 1})
        sexes = {key: row.get("sex") or "" for key, row in found.items()}
        for row in rows:
            values = row.get("values") or {}
            if row["school_code"] in self.after and values.get("left_on") is None:
                sex = values.get("sex") or sexes.get(row["student"], "")
                self.after[row["school_code"]][row.get("grade") or "", sex] += 1
            old = self.there.get(row["from_school"], {}).get(row["student"])
            if old is not None:
                self.after[row["from_school"]][old] -= 1


def _by_grade(counts: Mapping[tuple[str, str], int]) -> Raw:
    """{grade: {"male": n, "female": n}}"""
    found: dict[str, dict[str, int]] = {}
    for (grade, sex), number in counts.items():
        if grade and sex and number:
            found.setdefault(grade, {"male": 0, "female": 0})[sex] = number
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
    if gone := stored - tally.absent:
        rows.delete_many({**where, "student": {"$in": list(gone)}}, session=session)
    if new := tally.absent - stored:
        rows.insert_many(tally.missing(new, last_n(tally.run_id, session) + 1), session=session)


def last_n(run_id: Any, session: ClientSession | None = None, where: Raw | None = None) -> int:
    """The number of the last row of a run; 0 where there is none."""
    last = ImportRow._get_collection().find_one(
        {"run": run_id, **(where or {})}, {"n": 1}, sort=[("n", -1)], session=session
    )
    return int(last["n"]) if last else 0

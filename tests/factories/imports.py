"""Imports as planning leaves them: a run in preview with its schools and rows, stored as raw documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from app.documents.imports import ImportRun
from tests.factories.places import LaoPlaces

Raw = dict[str, Any]
AT = datetime(2024, 6, 1)
PLACE = ("school_code", "lao_code", "district_code", "province_code")


class Plan:
    """Collects rows for one LAO and stores them as a run: `plan.new(school, raw)`, `plan.change(student, room="2")`."""

    def __init__(self, db: Database[Raw], lao: LaoPlaces, by: str = "lao") -> None:
        self.db, self.lao, self.rows = db, lao, list[Raw]()
        self.run: Raw = {
            "_id": ObjectId(), "state": "preview", "level": "lao", "file_name": "roster.xlsx", "requested_by": by,
            "requested_on": AT, "started_on": AT, "questions": [], "answers": {}, "applied": 0, **lao.path,
        }  # fmt: skip

    def _row(self, deed: str, school: str, **fields: Any) -> Raw:
        row = {
            "_id": ObjectId(), "run": self.run["_id"], "n": len(self.rows) + 1, "row": len(self.rows) + 2, "sheet": 0,
            "school_code": school, "deed": deed, "state": "planned", "values": {}, "changes": {}, "by_hand": [],
            **fields,
        }  # fmt: skip
        self.rows.append(row)
        return row

    def new(self, school: str, raw: Raw) -> Raw:
        """A new student: `raw` without key and place."""
        told = ("_id", "_v", *PLACE)
        values = {name: value for name, value in raw.items() if name not in told}
        name = f"{raw['title']}{raw['first_name']} {raw['last_name']}"
        return self._row("new", school, student=ObjectId(), values=values, student_name=name)

    def change(self, student: Raw, by_hand: tuple[str, ...] = (), **fields: Any) -> Raw:
        """Other values of a stored student."""
        pairs = {name: [student.get(name), value] for name, value in fields.items()}
        return self._row(
            "changed", student["school_code"], student=student["_id"], version=student.get("_v"), changes=pairs,
            by_hand=list(by_hand), student_name=student["first_name"], values=dict(fields),
        )  # fmt: skip

    def unchanged(self, student: Raw) -> Raw:
        """A stored student of whom the file says what is stored already."""
        return self._row(
            "unchanged", student["school_code"], student=student["_id"], version=student.get("_v"),
            student_name=student["first_name"],
        )  # fmt: skip

    def move(self, student: Raw, school: str, **fields: Any) -> Raw:
        """A stored student of another school, with other values besides."""
        stored = self.db.schools.find_one({"_id": school}) or {}
        places = {name: stored.get(name) for name in PLACE} | {"school_code": school}
        pairs = {name: [student.get(name), value] for name, value in {**places, **fields}.items()}
        return self._row(
            "moved", school, student=student["_id"], version=student.get("_v"), from_school=student["school_code"],
            changes={name: pair for name, pair in pairs.items() if pair[0] != pair[1]}, values=dict(fields),
            student_name=student["first_name"],
        )  # fmt: skip

    def store(self, **run: Any) -> ImportRun:
        """Write run, schools and rows."""
        self.run |= {"rows": len(self.rows), **run}
        self.db.import_runs.insert_one(self.run)
        codes = sorted({row["school_code"] for row in self.rows})
        self.db.import_schools.insert_many(
            [
                {"_id": f"{self.run['_id']}/{code}", "run": self.run["_id"], "school_code": code, "state": "planned"}
                for code in codes
            ]
        )
        self.db.import_rows.insert_many(self.rows)
        found: ImportRun = ImportRun.objects.get(pk=self.run["_id"])
        return found

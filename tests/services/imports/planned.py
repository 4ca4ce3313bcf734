"""Files made of students, uploaded and planned as the background does it."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database

from app.documents.imports import ImportRun
from app.enums import Grade, Sex, StudentStatus
from app.fabmongo.security.models import User
from app.rules.imports.fields import LABELS
from app.services.claims import Claim, is_free
from app.services.imports.planning.stages import plan
from app.services.imports.uploading import start
from app.thai import format_date
from tests.factories.people import some_students
from tests.factories.places import LaoPlaces

Raw = dict[str, Any]

TEMPLATE = (
    "national_id", "student_no", "title", "first_name", "last_name", "sex", "birth_date", "nationality", "religion",
    "weight_kg", "height_cm", "grade", "room", "status", "admitted_on", "left_on",
)  # fmt: skip
WHOLE_LAO = ("school_code", *TEMPLATE)
SHORT = ("national_id", "student_no", "title", "first_name", "last_name", "sex", "birth_date", "grade", "room")
"""As DMC's short list: no status, no admission date."""


def person(db: Database[Raw], username: str, area: Any) -> User:
    """A stored user who works in an area, and nothing else."""
    row = {
        "username": username, "first_name": "ทดสอบ", "last_name": "ระบบ", "active": True, "area_level": area.level,
        "area_codes": dict(area.codes), "password": "-",
    }  # fmt: skip
    db.users.insert_one(row)
    found: User = User.objects.get(username=username)
    return found


def roster(lao: LaoPlaces, code: str, size: int, seed: int = 1) -> list[Raw]:
    """Raw students of a school who all study there, in whom no rule finds an error."""
    rows = some_students(size, seed, _id=code, grades=["P1", "P2", "P3"], **lao.path)
    return [row | {"status": "studying", "left_on": None} for row in rows]


def texts(student: Mapping[str, Any]) -> dict[str, str]:
    """A raw student as a file writes it; what is text already stays."""
    names: dict[str, Any] = {"sex": Sex, "grade": Grade, "status": StudentStatus}
    found = {}
    for field, value in student.items():
        if field in names and value in set(names[field]):
            found[field] = names[field](value).th
        elif isinstance(value, datetime):
            found[field] = format_date(value, style="numeric")
        else:
            found[field] = "" if value is None else str(value)
    return found


def table(students: Iterable[Mapping[str, Any]], fields: Iterable[str] = TEMPLATE, above: str = "") -> bytes:
    """A CSV file of raw students, or of rows of texts; `above`: a line above the header."""
    out, names = io.StringIO(), list(fields)
    writer = csv.writer(out)
    if above:
        writer.writerow([above])
    writer.writerow([LABELS[name][0] for name in names])
    for student in students:
        row = texts(student)
        writer.writerow([row.get(name, "") for name in names])
    return out.getvalue().encode("utf-8-sig")


def uploaded(actor: Any, data: bytes, **where: Any) -> ImportRun:
    return start(actor, "รายชื่อ.csv", data, **where)


def claimed(run: Any) -> Claim:
    claim = Claim.take(ImportRun._get_collection(), {"_id": run.pk, "state": "reading", **is_free()}, 30)
    assert claim is not None
    return claim


def planned(actor: Any, data: bytes, **where: Any) -> ImportRun:
    """The run of a file after the background has worked on it."""
    return worked(uploaded(actor, data, **where))


def worked(run: ImportRun) -> ImportRun:
    plan(claimed(run))
    run.reload()
    return run


def rows_of(db: Database[Raw], run: Any) -> list[Raw]:
    return list(db.import_rows.find({"run": run.pk}).sort("n", 1))


def deeds(db: Database[Raw], run: Any) -> list[str]:
    return [row["deed"] for row in rows_of(db, run)]

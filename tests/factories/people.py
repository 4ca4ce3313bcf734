"""Students for tests: the seeded generator of the demo data, and one valid record to change by hand."""

import random
from datetime import date, datetime, time
from typing import Any

from app.demo.people import IdNumbers, students
from app.enums import Grade

__all__ = ["CENSUS", "SCHOOL", "IdNumbers", "a_roster", "a_student", "some_students", "students"]

CENSUS = date(2024, 6, 10)
SCHOOL: dict[str, Any] = {
    "_id": "1030300001",
    "status": "open",
    "grades": ["P1", "P2", "P3", "P4", "P5", "P6"],
    "lao_code": "6301408",
    "district_code": "3014",
    "province_code": "30",
}


def some_students(size: int = 60, seed: int = 2567, **school: Any) -> list[dict[str, Any]]:
    """`size` raw student documents of `SCHOOL` with the given school fields changed; the same seed gives the same."""
    changed = SCHOOL | school
    grades = [Grade(code) for code in changed["grades"]]
    return list(students(random.Random(seed), changed, grades, size, 2567, CENSUS))


def a_roster(size: int, seed: int = 2567, **school: Any) -> list[dict[str, Any]]:
    """`size` students of `SCHOOL` with changes who all count, and among whom no rule finds anything.

    Each grade taught has somebody, so `size` is no less than their number.
    """
    census = datetime.combine(CENSUS, time())
    return [
        row | {"status": "studying", "left_on": None, "admitted_on": min(row["admitted_on"], census)}
        for row in some_students(size, seed, **school)
    ]


def a_student(**changes: Any) -> dict[str, Any]:
    """One raw student document of primary 1 in which no rule finds anything, with `changes`."""
    ids = IdNumbers(random.Random(1))
    record = {
        "national_id": ids.thai(),
        "title": "เด็กชาย",
        "first_name": "ทดสอบ",
        "last_name": "ระบบ",
        "sex": "male",
        "birth_date": datetime(2017, 9, 1),
        "grade": "P1",
        "room": "1",
        "student_no": "00001",
        "status": "studying",
        "admitted_on": datetime(2024, 5, 16),
        "left_on": None,
        "nationality": "ไทย",
        **{f"{area}_code": SCHOOL[f"{area}_code"] for area in ("lao", "district", "province")},
        "school_code": SCHOOL["_id"],
    }
    return record | changes

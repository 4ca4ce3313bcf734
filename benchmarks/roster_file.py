"""Large rosters and the files that hold them, the same on every machine."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from app.demo.people import IdNumbers, students
from app.enums import Grade, Sex, StudentStatus
from app.rules.imports.fields import LABELS
from app.thai import format_date

Raw = dict[str, Any]

FIELDS = (
    "school_code", "national_id", "student_no", "title", "first_name", "last_name", "sex", "birth_date", "nationality",
    "religion", "weight_kg", "height_cm", "grade", "room", "status", "admitted_on",
)  # fmt: skip
"""The columns of a file for the schools of an LAO."""
LAO: Raw = {"lao_code": "5301401", "district_code": "3014", "province_code": "30"}
GRADES = ["P1", "P2", "P3", "P4", "P5", "P6"]
CENSUS = date(2024, 6, 10)
_NAMED: dict[str, Any] = {"sex": Sex, "grade": Grade, "status": StudentStatus}


def schools(sizes: Mapping[str, int]) -> list[Raw]:
    """Raw schools of one LAO, by code."""
    common = {"kind": "school", "status": "open", "grades": GRADES, **LAO}
    return [{"_id": code, "name_th": f"โรงเรียน {code}", **common} for code in sizes]


def rosters(sizes: Mapping[str, int], seed: int = 2567) -> Iterator[Raw]:
    """So many raw students of each school, all of them there on the census date."""
    rng = random.Random(seed)
    ids, midnight = IdNumbers(rng), datetime.combine(CENSUS, datetime.min.time())
    grades = [Grade(code) for code in GRADES]
    for school in schools(sizes):
        for row in students(rng, school, grades, sizes[school["_id"]], 2567, CENSUS, ids):
            there = {"status": "studying", "left_on": None, "admitted_on": min(row["admitted_on"], midnight)}
            body = {"weight_kg": rng.randrange(150, 600) / 10, "height_cm": rng.randrange(900, 1700) / 10}
            yield row | there | body | {"religion": "พุทธ"}


def write_workbook(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """An xlsx file of raw students as people write them: all texts, days in the Buddhist era."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("รายชื่อ")
        sheet.write_row(0, 0, [LABELS[name][0] for name in FIELDS])
        for number, row in enumerate(rows, start=1):
            for place, name in enumerate(FIELDS):
                if (value := row.get(name)) is not None:
                    sheet.write(number, place, _text(name, value))


def _text(name: str, value: Any) -> str | float:
    if name in _NAMED:
        return str(_NAMED[name](value).th)
    if isinstance(value, datetime):
        return format_date(value, style="numeric")
    return value if isinstance(value, float) else str(value)

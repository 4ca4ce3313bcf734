"""The columns of a student in roster files: their names, their widths, and what stands in a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from app.reports.rosters.rows import Pupil, RosterHead
from app.rules.imports.fields import LABELS
from app.thai import format_date

Cell = str | float | None

OWN = (
    "national_id", "title", "first_name", "last_name", "sex", "birth_date", "grade", "room", "student_no",
    "admitted_on", "status", "left_on", "nationality", "religion", "weight_kg", "height_cm",
)  # fmt: skip
"""Fields of the product's own layout in their order: what each student needs comes first."""
PLACE = ("school_code", "school_name")
NEEDED = frozenset(
    ("national_id", "title", "first_name", "last_name", "sex", "birth_date", "grade", "admitted_on", "school_code")
)
NUMBERS = frozenset(("weight_kg", "height_cm"))
WIDTHS = {
    "national_id": 19, "title": 12, "first_name": 20, "last_name": 22, "sex": 8, "birth_date": 14, "grade": 9,
    "room": 8, "student_no": 16, "admitted_on": 15, "status": 15, "left_on": 13, "nationality": 11, "religion": 11,
    "weight_kg": 11, "height_cm": 11, "school_code": 16, "school_name": 34,
}  # fmt: skip
"""Widths in characters of the sheet's font."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: the field and the words above it."""

    field: str
    label: str


def own_columns(head: RosterHead) -> tuple[Heading, ...]:
    """Columns of the own layout: files of several schools begin with the school, others end with its code."""
    names = (*OWN, "school_code") if head.single else (*PLACE, *OWN)
    return tuple(Heading(name, LABELS[name][0]) for name in names)


def cell(pupil: Pupil, field: str, schools: Mapping[str, str]) -> Cell:
    """What stands in a cell: text, a number of kilograms or centimetres, or None where nothing is known.

    schools: school code -> name.
    """
    if field == "school_name":
        return schools.get(pupil.school_code, "") or None
    value: Any = getattr(pupil, field)
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return day(value)
    if field in NUMBERS:
        return float(value)
    return str(getattr(value, "th", value))


@lru_cache(maxsize=20_000)
def day(value: date) -> str:
    """A day as it is typed: dd/mm/yyyy in the Buddhist era."""
    return format_date(value, style="numeric")

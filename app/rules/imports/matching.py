"""Whom a row of a file is about, and how what it says differs from the roster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.rules.census import as_day
from app.rules.imports.terms import STORED
from app.rules.national_id import is_g_code
from app.rules.rosters import GONE

Raw = dict[str, Any]
Values = Mapping[str, Any]

PATH = ("school_code", "lao_code", "district_code", "province_code")
"""Raw fields that say where a student is; they change together when one moves."""
TELLING = ("birth_date", "first_name", "last_name")
"""Where all three differ under one number, the number belongs to somebody else."""
_STORED = frozenset(STORED)
_ZEROS = ("student_no", "room")

TOLD_APART = {"national_id": 1, "student_no": 1, "first_name": 1, "last_name": 1, "birth_date": 1}
"""What `Roster` needs of a raw student, as a projection."""


def said(values: Values) -> Raw:
    """What a row says of a student: an empty cell says nothing, and so does what is no field of a student."""
    return {name: value for name, value in values.items() if value is not None and name in _STORED}


def differences(values: Values, stored: Values) -> dict[str, list[Any]]:
    """Raw field -> [old, new] of what a row would change in a stored student.

    A number that merely lost its leading zeros changes nothing; a G-code gives way to an ID number, never the reverse.
    """
    found = {}
    for name, new in values.items():
        old = stored.get(name)
        if new == old or (name in _ZEROS and _lost_zeros(old, new)):
            continue
        if name == "national_id" and not (is_g_code(str(old)) and not is_g_code(new)):
            continue
        found[name] = [old, new]
    return found


def effective(row: Values) -> dict[str, list[Any]]:
    """What a raw row of an import writes: its changes without those of fields that a person corrected by hand, unless
    they are overruled.
    """
    kept = () if row.get("overrule") else row.get("by_hand") or ()
    return {name: pair for name, pair in (row.get("changes") or {}).items() if name not in kept}


def has_left(student: Values, today: date) -> bool:
    """Whether a raw student is no longer at the school, by status or by leaving date; a date to come is none yet."""
    left = student.get("left_on")
    return student.get("status") in GONE or (left is not None and as_day(left) <= today)


def coming_back(values: Values, stored: Values, today: date) -> dict[str, list[Any]]:
    """The leaving date that goes where a row says that somebody who left is there; none where it only names them."""
    said_there = values.get("status") is not None and values["status"] not in GONE and "left_on" not in values
    if not said_there or stored.get("left_on") is None or not has_left(stored, today):
        return {}
    return {"left_on": [stored["left_on"], None]}


def move(school: Values, stored: Values) -> dict[str, list[Any]]:
    """The changes of the area path of a stored student who comes to a raw school."""
    new = place_of(school)
    return {name: [stored.get(name), new[name]] for name in PATH if stored.get(name) != new[name]}


def place_of(school: Values) -> Raw:
    """The area path of students of a raw school."""
    return {"school_code": school["_id"], **{name: school.get(name) for name in PATH[1:]}}


def is_somebody_else(values: Values, stored: Values) -> bool:
    """Whether a row under the number of a stored student is clearly about another person."""
    return all(values.get(name) and stored.get(name) and values[name] != stored[name] for name in TELLING)


class Roster:
    """The students of one school, to be found without their number."""

    def __init__(self, students: Iterable[Raw]) -> None:
        self.named: dict[tuple[Any, Any], list[Raw]] = {}
        self.numbered: dict[str, list[Raw]] = {}
        self.size = 0
        for row in students:
            self.size += 1
            self.named.setdefault((row.get("first_name"), row.get("last_name")), []).append(row)
            if row.get("student_no"):
                self.numbered.setdefault(_bare(row["student_no"]), []).append(row)

    def without_id(self, values: Values) -> list[Raw]:
        """Who a row without an ID number can be: by student number and names, else by names and date of birth."""
        named = self.named.get((values.get("first_name"), values.get("last_name")), [])
        if number := values.get("student_no"):
            found = [row for row in named if row.get("student_no") and _bare(row["student_no"]) == _bare(number)]
            if found:
                return found
        born = values.get("birth_date")
        return [row for row in named if born is not None and row.get("birth_date") == born]

    def under_other_number(self, values: Values) -> list[Raw]:
        """Who a row can be that has a G-code here and an ID number there, or the reverse: born on the same day."""
        is_g, born = is_g_code(values["national_id"]), values.get("birth_date")
        if born is None:
            return []
        named = self.named.get((values.get("first_name"), values.get("last_name")), [])
        numbered = self.numbered.get(_bare(values["student_no"]), []) if values.get("student_no") else []
        found = {
            row["_id"]: row
            for row in (*numbered, *named)
            if row.get("birth_date") == born and is_g_code(str(row.get("national_id"))) is not is_g
        }
        return list(found.values())


def _lost_zeros(old: Any, new: Any) -> bool:
    """Whether `new` is `old` as a spreadsheet's number shows it."""
    return isinstance(old, str) and len(new) < len(old) and new.isdigit() and old.lstrip("0") == new.lstrip("0")


def _bare(number: Any) -> str:
    return str(number).lstrip("0")

"""Students of the chosen schools, streamed as typed rows: school by school, by grade, room and number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from app.documents.students import Student
from app.enums import Grade, Sex, StudentStatus
from app.fabmongo.scope import Actor
from app.reports.rosters.rows import Pupil, RosterHead
from app.rules.imports.terms import STORED
from app.rules.national_id import mask
from app.services.areas import scope_filter

Raw = dict[str, Any]
_FIELDS = dict.fromkeys((*STORED, "school_code"), 1)
_ORDER = [("room", 1), ("student_no", 1), ("_id", 1)]
_BATCH = 500


def pupils(actor: Actor, head: RosterHead, *, left: bool = False, studying_only: bool = False) -> Iterator[Pupil]:
    """The students of the head's schools whom the actor may see; ID numbers are masked unless the head says whole.

    left: with those who have left. studying_only: only who studies, as the certified lists want it.
    """
    narrow: Raw = {} if left else {"left_on": None}
    if studying_only:
        narrow["status"] = StudentStatus.STUDYING.value
    granted = scope_filter(actor, Student)
    if granted is None:
        return
    students = Student._get_collection()
    for school in head.schools:
        here: Raw = {"$and": [granted, {"school_code": school.code, **narrow}]}
        # Grade by grade: an index has them by code, which is not the order of the classes.
        for grade in sorted(students.distinct("grade", here), key=_order):
            cursor = students.find({"$and": [*here["$and"], {"grade": grade}]}, _FIELDS, sort=_ORDER, batch_size=_BATCH)
            with cursor as rows:
                yield from (typed(raw, head.whole) for raw in rows)


def any_pupil(actor: Actor, head: RosterHead) -> bool:
    """Whether there is anybody to write."""
    granted = scope_filter(actor, Student)
    if granted is None:
        return False
    codes = [school.code for school in head.schools]
    wanted = {"$and": [granted, {"school_code": {"$in": codes}, "left_on": None}]}
    return Student._get_collection().find_one(wanted, {"_id": 1}) is not None


def typed(raw: Raw, whole: bool) -> Pupil:
    """A stored row as typed values; what an older write left out or misspelt is empty."""
    number = raw.get("national_id") or ""
    number = number if whole or not number else mask(number)
    return Pupil(
        key=str(raw["_id"]), school_code=raw["school_code"], national_id=number,
        student_no=raw.get("student_no") or "", title=raw.get("title") or "", first_name=raw.get("first_name") or "",
        last_name=raw.get("last_name") or "", sex=_SEXES.get(raw.get("sex")), birth_date=_day(raw.get("birth_date")),
        nationality=raw.get("nationality") or "", religion=raw.get("religion") or "", weight_kg=raw.get("weight_kg"),
        height_cm=raw.get("height_cm"), grade=_GRADES.get(raw.get("grade")), room=raw.get("room") or "",
        status=_STATUSES.get(raw.get("status"), StudentStatus.STUDYING), admitted_on=_day(raw.get("admitted_on")),
        left_on=_day(raw.get("left_on")),
    )  # fmt: skip


_SEXES: dict[Any, Sex] = {one.value: one for one in Sex}
_GRADES: dict[Any, Grade] = {one.value: one for one in Grade}
_STATUSES: dict[Any, StudentStatus] = {one.value: one for one in StudentStatus}


def _order(code: Any) -> int:
    grade = _GRADES.get(code)
    return grade.order if grade else len(_GRADES)


def _day(value: date | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value

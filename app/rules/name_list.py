"""Reading the rows of a certified list (LEC-2) as schools type it, with the layouts and repairs of roster imports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, islice

from app.enums import Grade, Sex
from app.errors import Problem
from app.rules.imports import layouts, recognising
from app.rules.imports.rows import RowReader
from app.rules.imports.terms import HEAD_ROWS, Cell, RowRead, SheetHead, SheetPlan

_READ = frozenset((
    "national_id", "student_no", "title", "first_name", "last_name", "name", "sex", "grade", "grade_room", "room",
    "level",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListedName:
    """One name as stored; `row` is its row in the sheet, counted from 1."""

    row: int
    student_no: str | None
    title: str
    first_name: str
    last_name: str
    sex: Sex
    national_id: str | None
    grade: Grade
    room: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be taken, and why."""

    row: int
    th: str
    en: str


def read_names(rows: Iterable[Sequence[Cell]]) -> tuple[list[ListedName], list[Refused]]:
    """Names and refused rows of a sheet, whose rows are taken one by one and not kept.

    Raises Problem where no header with names and grades is found.
    """
    coming = iter(rows)
    top = list(islice(coming, HEAD_ROWS))
    reader = RowReader(_plan(top), {}, today=date.min)  # no dates are read
    names: list[ListedName] = []
    refused: list[Refused] = []
    for number, cells in enumerate(chain(top, coming)):
        row = reader.read(number, cells)
        if row is None:
            continue
        if reason := _reason(row):
            refused.append(Refused(row.row, *reason))
        else:
            names.append(_name(row))
    return names, refused


def _plan(top: Sequence[Sequence[Cell]]) -> SheetPlan:
    head = SheetHead(0, "", tuple(tuple(cells) for cells in top), len(top))
    plan = recognising.recognise(head, layouts.builtin())
    read = {place: field for place, field in plan.columns.items() if field in _READ} if plan else {}
    if plan is None or not {"grade", "grade_room"} & set(read.values()):
        raise Problem(
            "ไม่พบหัวตารางในไฟล์ ต้องมีคอลัมน์ชื่อ-สกุล และระดับชั้น/ห้อง ตามแบบ LEC-2 โปรดตรวจสอบไฟล์",
            "No header was found. The sheet needs the columns of LEC-2: name and grade. Check the file.",
            "file",
        )
    return replace(plan, columns=read, facts={})


def _reason(row: RowRead) -> tuple[str, str] | None:
    """Why a row cannot be taken: the first of what is wrong with it."""
    if row.troubles:
        return row.troubles[0].th, row.troubles[0].en
    values = row.values
    if not (values.get("title") and values.get("first_name") and values.get("last_name")):
        return (
            "ชื่อไม่ครบ ต้องมีคำนำหน้า ชื่อ และนามสกุล คั่นด้วยช่องว่าง",
            "The name is not whole: it needs a title, a first and a last name with a space between.",
        )
    if not values.get("sex"):
        return (
            f"ไม่ทราบเพศจากคำนำหน้า “{values['title']}” โปรดเพิ่มคอลัมน์เพศ หรือแก้คำนำหน้า",
            f"The sex does not follow from the title “{values['title']}”. Add a column for it or correct the title.",
        )
    if not values.get("grade"):
        return "ยังไม่ได้กรอกระดับชั้น โปรดกรอก เช่น อ.2 ป.1 ม.3", "The grade is missing. Write it like อ.2, ป.1 or ม.3."
    return None


def _name(row: RowRead) -> ListedName:
    values = row.values
    return ListedName(
        row=row.row,
        student_no=values.get("student_no"),
        title=values["title"],
        first_name=values["first_name"],
        last_name=values["last_name"],
        sex=Sex(values["sex"]),
        national_id=values.get("national_id"),
        grade=Grade(values["grade"]),
        room=values.get("room"),
    )

"""LEC's own pupil export as a workbook: a merged header of two rows, a sheet for each school.

The columns are those the department's system writes; what is not kept here stays empty. A student's sex follows from
the title there, so the layout has no column for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, BinaryIO

import xlsxwriter

from app.reports.rosters import sheets
from app.reports.rosters.columns import Cell, cell
from app.reports.rosters.rows import Pupil, RosterHead, RosterSchool

HEADER = 2
"""The first of the two rows of the header, counted from 0; the title stands above."""
_PERSON = ("คำนำหน้า", "ชื่อ", "นามสกุล", "ศาสนา", "อาชีพ", "รายได้", "เบอร์โทรศัพท์")
_ADDRESS = ("บ้านเลขที่", "หมู่ที่", "ถนน", "ตำบล", "อำเภอ", "จังหวัด", "รหัสไปรษณีย์")
# (group, ((heading, field or "" for what is not kept, width), ...))
GROUPS: tuple[tuple[str, tuple[tuple[str, str, int], ...]], ...] = (
    ("ข้อมูลสถานศึกษา", (("ลำดับที่", "#", 8), ("จังหวัด", "@province", 18), ("อำเภอ", "@district", 16), ("อปท.", "@lao", 26),
          ("โรงเรียน", "@name", 36), ("ปีการศึกษา", "@year", 11), ("ภาคเรียน", "@term", 9))),
    ("ข้อมูลนักเรียน", (
        ("เลขประจำตัวนักเรียน", "student_no", 18), ("คำนำหน้า", "title", 11), ("ชื่อ", "first_name", 18),
        ("นามสกุล", "last_name", 20), ("วันเกิด", "birth_date", 13), ("เชื้อชาติ", "", 10), ("สัญชาติ", "nationality", 10),
        ("ศาสนา", "religion", 10), ("เลขประจำตัวประชาชน", "national_id", 19), ("วันที่เข้าเรียน", "admitted_on", 14),
        ("ส่วนสูง", "height_cm", 9), ("น้ำหนัก", "weight_kg", 9), ("สภาพนักเรียน", "status", 14), ("สถานภาพครอบครัว", "", 16),
        ("สิทธิการเบิก", "", 12), ("ระดับชั้น", "grade", 10), ("ห้อง", "room", 8))),
    ("บิดา", tuple((name, "", 12) for name in _PERSON)),
    ("มารดา", tuple((name, "", 12) for name in _PERSON)),
    ("ผู้ปกครอง", tuple((name, "", 12) for name in (*_PERSON, "ความสัมพันธ์"))),
    ("ที่อยู่ตามทะเบียนบ้าน", tuple((name, "", 11) for name in _ADDRESS)),
    ("ที่อยู่ปัจจุบัน", tuple((name, "", 11) for name in _ADDRESS)),
)  # fmt: skip
COLUMNS = tuple(column for _, columns in GROUPS for column in columns)
KEPT = len(GROUPS[0][1]) + len(GROUPS[1][1])
"""The columns up to here are ruled; all beyond is about families and addresses and stays empty."""


def write(out: BinaryIO, head: RosterHead, pupils: Iterable[Pupil]) -> int:
    """Write the workbook to `out`, one sheet a school in the order of `pupils`; the number of students."""
    schools = {school.code: school for school in head.schools}
    number = 0
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        look = sheets.formats(book)
        for code, of_school in _by_school(head, pupils):
            sheet = book.add_worksheet(_sheet_name(code))
            _header(sheet, look, head, schools[code])
            number += _rows(sheet, look, head, schools[code], of_school)
    return number


def _by_school(head: RosterHead, pupils: Iterable[Pupil]) -> Iterator[tuple[str, Iterable[Pupil]]]:
    """The students school by school; an empty file has the sheet of its first school."""
    empty = True
    for code, of_school in groupby(pupils, key=lambda pupil: pupil.school_code):
        empty = False
        yield code, of_school
    if empty and head.schools:
        yield head.schools[0].code, ()


def _sheet_name(code: str) -> str:
    return re.sub(r"[\[\]:*?/\\']+", " ", code)[:31]


def _header(sheet: Any, look: dict[str, Any], head: RosterHead, school: RosterSchool) -> None:
    """Title, then the two rows, row by row: with constant memory no cell of a row above can be written any more."""
    for column, (_, _, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, "ข้อมูลนักเรียน", look["title"])
    sheet.write_string(1, 0, f"{school.name} ปีการศึกษา {head.academic_year} รหัสสถานศึกษา {school.code}", look["line"])
    first = 0
    for group, columns in GROUPS:
        last = first + len(columns) - 1
        sheet.merge_range(HEADER, first, HEADER, last, "", look["group"])
        sheet.write_string(HEADER, first, group, look["group"])
        first = last + 1
    for place, (heading, _, _) in enumerate(COLUMNS):
        sheet.write_string(HEADER + 1, place, heading, look["head"])
    sheet.freeze_panes(HEADER + 2, 0)
    sheets.print_setup(sheet, HEADER, HEADER + 1)


def _rows(
    sheet: Any, look: dict[str, Any], head: RosterHead, school: RosterSchool, pupils: Iterable[Pupil]
) -> int:
    place = {"@province": school.province, "@district": school.district, "@lao": school.lao, "@name": school.name,
             "@year": str(head.academic_year), "@term": str(head.term)}  # fmt: skip
    number = 0
    for number, pupil in enumerate(pupils, start=1):
        for column, (_, field, _) in enumerate(COLUMNS):
            value: Cell = place.get(field)
            if field == "#":
                sheet.write_number(HEADER + 1 + number, column, number, look["number"])
                continue
            if field and value is None:
                value = cell(pupil, field, {})
            if value is not None or column < KEPT:
                sheets.write(sheet, HEADER + 1 + number, column, value, look)
    return number

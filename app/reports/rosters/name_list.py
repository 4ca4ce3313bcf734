"""The list of names of LEC-2 as a workbook: a sheet for each school, in the order of the form.

Digits stay Arabic, so that the list can be read in again; the printed form has Thai ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, BinaryIO

import xlsxwriter

from app.reports.forms.lec2 import CODE
from app.reports.rosters import sheets
from app.reports.rosters.rows import Pupil, RosterHead, RosterSchool
from app.thai import format_date

HEADER = 4
"""The row of the header, counted from 0."""
COLUMNS = {"ลำดับ": 8, "เลขประจำตัว": 16, "คำนำหน้า ชื่อ-สกุล": 44, "เลขประจำตัวประชาชน": 22, "ระดับชั้น/ห้อง": 16}
_OWN_TITLE = "รายชื่อนักเรียนของสถานศึกษาสังกัดองค์กรปกครองส่วนท้องถิ่น"


def write(out: BinaryIO, head: RosterHead, pupils: Iterable[Pupil]) -> int:
    """Write the workbook to `out`; the number of students. `pupils` come school by school, by grade and room."""
    schools = {school.code: school for school in head.schools}
    number, used = 0, False
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        look = sheets.formats(book)
        for code, of_school in groupby(pupils, key=lambda pupil: pupil.school_code):
            number += _school(book.add_worksheet(code), look, head, schools[code], of_school)
            used = True
        if not used:
            for school in head.schools[:1]:
                _school(book.add_worksheet(school.code), look, head, school, ())
    return number


def _school(
    sheet: Any, look: dict[str, Any], head: RosterHead, school: RosterSchool, pupils: Iterable[Pupil]
) -> int:
    sheet.write_string(0, 0, f"{_OWN_TITLE} ({CODE})", look["title"])
    sheet.write_string(1, 0, _round(head), look["line"])
    sheet.write_string(2, 0, f"{school.name} รหัสสถานศึกษา {school.code}", look["line"])
    sheet.write_string(3, 0, f"เพื่อจัดส่งให้ {school.lao}".rstrip(), look["line"])
    rows = ((number, *_cells(pupil)) for number, pupil in enumerate(pupils, start=1))
    found = sheets.table(sheet, look, HEADER, COLUMNS, rows)
    sheet.set_portrait()
    return found


def _cells(pupil: Pupil) -> tuple[str, str, str, str]:
    # A space after the title: "นางสาวิตรี" could be a Miss or a Mrs.
    grade = pupil.grade.th if pupil.grade else ""
    place = f"{grade}/{pupil.room}" if pupil.room else grade
    return pupil.student_no, f"{pupil.title} {pupil.first_name} {pupil.last_name}", pupil.national_id, place


def _round(head: RosterHead) -> str:
    text = f"ประจำปีการศึกษา {head.academic_year} (ครั้งที่ {head.number})"
    return text if head.census_date is None else f"{text} ข้อมูล ณ วันที่ {format_date(head.census_date, style='long')}"

"""The product's own layout as a workbook: the template to fill in, empty or with the roster that is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import xlsxwriter

from app.enums import Sex, StudentStatus
from app.reports.rosters import reference, sheets
from app.reports.rosters.columns import NEEDED, WIDTHS, Heading, cell, own_columns
from app.reports.rosters.rows import Pupil, RosterHead
from app.rules.titles import TITLES

SHEET = "รายชื่อนักเรียน"
NOTE = "※"
"""What each note below the header begins with: the reader knows by it that the row is no student."""
PREPARED = 500
"""Empty rows that are ready to be filled in, below the roster."""
NOTES = {
    "national_id": "ต้องกรอก 13 หลัก หรือ G ตามด้วย 12 หลัก",
    "title": "ต้องกรอก เลือกหรือพิมพ์คำเต็ม",
    "first_name": "ต้องกรอก ไม่มีคำนำหน้า",
    "last_name": "ต้องกรอก",
    "sex": "ต้องกรอก เลือก",
    "birth_date": "ต้องกรอก วว/ดด/ปปปป เป็น พ.ศ.",
    "grade": "ต้องกรอก เลือก",
    "room": "เช่น 1",
    "student_no": "เลขของสถานศึกษา",
    "admitted_on": "ต้องกรอก วว/ดด/ปปปป เป็น พ.ศ.",
    "status": "เลือก ถ้าว่างคือกำลังศึกษา",
    "left_on": "เฉพาะผู้ที่ออกแล้ว วว/ดด/ปปปป",
    "nationality": "เช่น ไทย",
    "religion": "เช่น พุทธ",
    "weight_kg": "ตัวเลข เช่น 21.5",
    "height_cm": "ตัวเลข เช่น 118",
    "school_code": "ต้องกรอก เลือกตามแผ่น “รหัสอ้างอิง”",
    "school_name": "ไม่ต้องกรอก",
}
_ONE_SCHOOL = "ไม่ต้องกรอก หากไฟล์นี้เป็นของสถานศึกษาเดียว"
_TIPS = {
    "national_id": ("เลขประจำตัวประชาชน", "13 หลัก หรือ G ตามด้วย 12 หลัก ช่องนี้เป็นข้อความ เลข 0 ข้างหน้าจึงไม่หาย"),
    "birth_date": ("วันเกิด", "วัน/เดือน/ปี พ.ศ. เช่น 05/09/2560"),
    "admitted_on": ("วันที่เข้าเรียน", "วัน/เดือน/ปี พ.ศ. เช่น 16/05/2567"),
    "left_on": ("วันที่ออก", "เว้นว่างไว้หากยังเรียนอยู่ เช่น 31/03/2568"),
}
_CENTRED = frozenset(("sex", "birth_date", "grade", "room", "admitted_on", "left_on"))


def write(out: BinaryIO, head: RosterHead, pupils: Iterable[Pupil], prepared: int = PREPARED) -> int:
    """Write the workbook to `out` row by row and return how many students it holds.

    The first sheet has the header in row 1, notes in row 2, then the students and `prepared` empty rows, all cells of
    codes and days as text; the second says which codes there are and how to fill in.
    """
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        book.set_properties({"title": f"{SHEET} {head.name}"})
        look = sheets.formats(book)
        sheet = book.add_worksheet(SHEET)
        columns = own_columns(head)
        _header(sheet, look, head, columns)
        number = _rows(sheet, look, head, columns, pupils)
        last = 1 + number + prepared
        _empty(sheet, look, columns, 2 + number, last)
        _lists(sheet, head, columns, last)
        reference.write(book.add_worksheet(reference.SHEET), look, head)
    return number


def _header(sheet: Any, look: dict[str, Any], head: RosterHead, columns: Sequence[Heading]) -> None:
    sheet.set_row(0, 34)
    sheet.set_row(1, 52)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDTHS[column.field])
        sheet.write_string(0, place, column.label, look["needed" if _needed(head, column.field) else "head"])
    for place, column in enumerate(columns):
        note = _ONE_SCHOOL if head.single and column.field == "school_code" else NOTES[column.field]
        sheet.write_string(1, place, f"{NOTE} {note}", look["note"])
    sheet.freeze_panes(2, 0)
    sheet.set_zoom(90)
    sheets.print_setup(sheet, 0, 0)
    sheet.set_first_sheet()
    sheet.set_selection(2, 0, 2, 0)


def _needed(head: RosterHead, field: str) -> bool:
    return field in NEEDED and not (head.single and field == "school_code")


def _rows(
    sheet: Any, look: dict[str, Any], head: RosterHead, columns: Sequence[Heading], pupils: Iterable[Pupil]
) -> int:
    names = {school.code: school.name for school in head.schools}
    number = 0
    for number, pupil in enumerate(pupils, start=1):
        for place, column in enumerate(columns):
            sheets.write(sheet, 1 + number, place, cell(pupil, column.field, names), look, _style(column.field))
    return number


def _style(field: str) -> str:
    return "centre" if field in _CENTRED else "text"


def _empty(sheet: Any, look: dict[str, Any], columns: Sequence[Heading], first: int, last: int) -> None:
    for line in range(first, last + 1):
        for place, column in enumerate(columns):
            name = "decimal" if column.field in ("weight_kg", "height_cm") else _style(column.field)
            sheet.write_blank(line, place, None, look[name])


def _lists(sheet: Any, head: RosterHead, columns: Sequence[Heading], last: int) -> None:
    """Drop-downs and tips of the rows below the notes. A title that is not on the list may be typed all the same."""
    wrong = ("ไม่มีในรายการ", "โปรดเลือกจากรายการ")
    lists: dict[str, dict[str, Any]] = {
        "title": {"source": list(TITLES), "error_type": "information", "error_title": "คำนำหน้าอื่น",
                  "error_message": "คำนี้ไม่มีในรายการ ถ้าถูกต้องแล้ว กดตกลง"},
        "sex": {"source": [one.th for one in Sex]},
        "grade": {"source": [one.th for one in head.grades]},
        "status": {"source": [one.th for one in StudentStatus]},
        "school_code": {"source": reference.school_codes(head)},
    }  # fmt: skip
    for place, column in enumerate(columns):
        if column.field in lists:
            told = {"error_title": wrong[0], "error_message": wrong[1], **lists[column.field]}
            sheet.data_validation(2, place, last, place, {"validate": "list", **told})
        elif column.field in _TIPS:
            title, text = _TIPS[column.field]
            tip = {"validate": "any", "input_title": title, "input_message": text}
            sheet.data_validation(2, place, last, place, tip)

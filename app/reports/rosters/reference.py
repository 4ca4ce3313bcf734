"""The second sheet of the template: how it is filled in, the schools with their codes, and the words of the lists."""

from __future__ import annotations

from typing import Any

from app.enums import Sex, StudentStatus
from app.reports.rosters.rows import RosterHead
from app.rules.titles import TITLES, short_title

SHEET = "รหัสอ้างอิง"
HOW = (
    "1 แถวคือนักเรียน 1 คน กรอกต่อจากแถวหมายเหตุ (※) ไม่ต้องเว้นแถว หัวคอลัมน์สีเข้มต้องกรอกทุกคน",
    "คัดลอกจากไฟล์อื่นมาวางได้ โดยวางเฉพาะค่า (Paste values) เพื่อไม่ให้รูปแบบข้อความของช่องหาย",
    "วันที่พิมพ์เป็น วัน/เดือน/ปี พ.ศ. สี่หลัก เช่น 05/09/2560",
    "ช่องที่เว้นว่างไม่ลบข้อมูลเดิมในระบบ นักเรียนที่ไม่มีในไฟล์จะไม่ถูกจำหน่าย",
    "เมื่อนำเข้าไฟล์ ระบบแสดงผลให้ตรวจก่อนบันทึกเสมอ",
)
_SCHOOLS = ("รหัสสถานศึกษา", "สถานศึกษา", "ประเภท", "ชั้นที่เปิดสอน")
_FIRST = len(HOW) + 4
"""The line of the first school, counted from 0."""


def school_codes(head: RosterHead) -> str:
    """The cells of this sheet that hold the codes of the schools, for a drop-down."""
    return f"='{SHEET}'!$A${_FIRST + 1}:$A${_FIRST + max(len(head.open_schools), 1)}"


def write(sheet: Any, look: dict[str, Any], head: RosterHead) -> None:
    """Fill the sheet: on the left the schools, to the right of them the words that the lists take."""
    for place, width in enumerate((18, 44, 20, 46, 4, 16, 20, 4, 12, 18)):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, f"วิธีกรอกและรหัสอ้างอิง {head.name}", look["title"])
    for line, text in enumerate(HOW, start=1):
        sheet.write_string(line, 0, f"• {text}", look["line"])
    words = _words(head)
    for line in range(max(len(head.open_schools), len(words)) + 1):
        if line == 0:
            for place, text in enumerate(_SCHOOLS):
                sheet.write_string(_FIRST - 1, place, text, look["head"])
        elif line <= len(head.open_schools):
            school = head.open_schools[line - 1]
            grades = " ".join(grade.th for grade in school.grades)
            for place, text in enumerate((school.code, school.name, school.kind.th, grades)):
                sheet.write_string(_FIRST - 1 + line, place, text, look["text"])
        if line < len(words):
            for place, text in enumerate(words[line], start=5):
                sheet.write_string(_FIRST - 1 + line, place, text, look["head" if line == 0 else "text"])
    sheet.freeze_panes(_FIRST, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _words(head: RosterHead) -> list[tuple[str, str]]:
    """(what it is for, word) of every list, under one header."""
    found = [("รายการ", "คำที่ใช้")]
    found += [("ชั้น", grade.th) for grade in head.grades]
    found += [("เพศ", sex.th) for sex in Sex]
    found += [("สถานภาพ", status.th) for status in StudentStatus]
    for title in TITLES:
        short = short_title(title)
        found.append(("คำนำหน้า", title if short == title else f"{title} หรือ {short}"))
    return found

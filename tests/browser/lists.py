"""Certified lists as schools send them: made-up pupils in a spreadsheet of LEC-2's layout."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from datetime import date

import xlsxwriter

from app.demo.people import IdNumbers, students
from app.enums import Grade, Sex
from app.services.submissions.recording import Counts

HEAD = ("ลำดับ", "เลขประจำตัว", "คำนำหน้า ชื่อ-สกุล", "เลขประจำตัวประชาชน", "ระดับชั้น/ห้อง")
ABOVE = ("LEC-2", "แบบรับรองรายชื่อนักเรียนของสถานศึกษาสังกัดหน่วยงานอื่น", "ปีการศึกษา ๒๕๖๗ (ครั้งที่ ๒)")
BELOW = "ขอรับรองว่ารายชื่อข้างต้นถูกต้อง ลงชื่อ ........................................"
YEAR, CENSUS = 2567, date(2024, 6, 10)

Line = tuple[str, str, str, str]
"""Number at the school, title with both names, ID number, grade with room."""


def lines(counts: Counts, seed: int) -> list[Line]:
    """As many boys and girls of each grade as `counts` says; the same seed gives the same people."""
    rng = random.Random(seed)
    ids = IdNumbers(rng)
    return [line for grade, wanted in counts.items() for line in _of_grade(rng, ids, grade, wanted)]


def _of_grade(rng: random.Random, ids: IdNumbers, grade: Grade, wanted: tuple[int, int]) -> Iterator[Line]:
    waiting = {Sex.MALE.value: wanted[0], Sex.FEMALE.value: wanted[1]}
    for row in students(rng, {"_id": ""}, [grade], 20 * sum(wanted) + 20, YEAR, CENSUS, ids):
        if waiting[row["sex"]]:
            waiting[row["sex"]] -= 1
            name = f"{row['title']}{row['first_name']} {row['last_name']}"
            yield f"{grade.order:02}{row['student_no'][-3:]}", name, row["national_id"], f"{grade.th}/1"


def workbook(counts: Counts, seed: int) -> bytes:
    """The list as .xlsx, with the heading above it and the signature below."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("LEC-2")
        for row, text in enumerate(ABOVE):
            sheet.write(row, 0, text)
        sheet.write_row(len(ABOVE) + 1, 0, HEAD)
        found = lines(counts, seed)
        for number, line in enumerate(found, start=1):
            sheet.write_row(len(ABOVE) + 1 + number, 0, (number, *line))
        sheet.write(len(ABOVE) + len(found) + 3, 2, BELOW)
    return out.getvalue()

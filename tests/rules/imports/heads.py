"""Heads of sheets in every layout as schools have them: (group, heading, field that it fills) column by column."""

from __future__ import annotations

import random
from dataclasses import dataclass

from app.rules.imports.fields import LABELS
from app.rules.imports.terms import STORED, Cell, SheetHead

Columns = list[tuple[str, str, str | None]]
_PARENT = ("คำนำหน้า", "ชื่อ", "นามสกุล", "เลขประจำตัวประชาชน", "วันเกิด", "สัญชาติ", "ศาสนา", "อาชีพ", "รายได้", "โทรศัพท์")
_ADDRESS = ("บ้านเลขที่", "หมู่ที่", "ตำบล", "อำเภอ", "จังหวัด", "รหัสไปรษณีย์")


def _others(*groups: str) -> Columns:
    return [(group, heading, None) for group in groups for heading in _PARENT]


LEC_EXPORT: Columns = [
    ("", "ลำดับที่", None), ("", "จังหวัด", None), ("", "อำเภอ", None), ("", "องค์กรปกครองส่วนท้องถิ่น", None),
    ("", "โรงเรียน", "school_name"), ("", "ปีการศึกษา", "academic_year"), ("", "ภาคเรียน", "term"),
    ("", "เลขประจำตัวนักเรียน", "student_no"), ("ข้อมูลนักเรียน", "คำนำหน้า", "title"), ("ข้อมูลนักเรียน", "ชื่อ", "first_name"),
    ("ข้อมูลนักเรียน", "นามสกุล", "last_name"), ("ข้อมูลนักเรียน", "วันเดือนปีเกิด", "birth_date"), ("ข้อมูลนักเรียน", "เชื้อชาติ", None),
    ("ข้อมูลนักเรียน", "สัญชาติ", "nationality"), ("ข้อมูลนักเรียน", "ศาสนา", "religion"),
    ("ข้อมูลนักเรียน", "เลขประจำตัวประชาชน", "national_id"), ("", "วันที่เข้าเรียน", "admitted_on"),
    ("", "ส่วนสูง (ซม.)", "height_cm"),
    ("", "น้ำหนัก (กก.)", "weight_kg"), ("", "สภาพนักเรียน", "status"), ("", "สถานภาพครอบครัว", None),
    ("", "สิทธิการเบิก", None),
    ("", "ชั้น", "grade"), ("", "ห้อง", "room"), *_others("บิดา", "มารดา", "ผู้ปกครอง"),
    *[(group, heading, None) for group in ("ที่อยู่ตามทะเบียนบ้าน", "ที่อยู่ปัจจุบัน") for heading in _ADDRESS],
]  # fmt: skip

_DMC: Columns = [
    ("", "รหัสโรงเรียน", "school_code"), ("", "ชื่อโรงเรียน", "school_name"), ("", "เลขประจำตัวนักเรียน", "national_id"),
    ("", "ชั้น", "grade"), ("", "ห้อง", "room"), ("", "เลขประจำตัวนักเรียน", "student_no"), ("", "เพศ", "sex"),
    ("", "คำนำหน้าชื่อ", "title"), ("", "ชื่อ", "first_name"), ("", "นามสกุล", "last_name"), ("", "วันเกิด", "birth_date"),
    ("", "อายุ(ปี)", None), ("", "น้ำหนัก", "weight_kg"), ("", "ส่วนสูง", "height_cm"), ("", "กลุ่มเลือด", None),
    ("", "ศาสนา", "religion"),
    ("", "เชื้อชาติ", None), ("", "สัญชาติ", "nationality"), ("", "บ้านเลขที่", None), ("", "หมู่", None), ("", "ถนน/ซอย", None),
    ("", "ตำบล", None), ("", "อำเภอ", None), ("", "จังหวัด", None), ("", "ชื่อผู้ปกครอง", None), ("", "นามสกุลผู้ปกครอง", None),
    ("", "อาชีพของผู้ปกครอง", None), ("", "ความเกี่ยวข้องของผู้ปกครองกับนักเรียน", None), ("", "ชื่อบิดา", None),
    ("", "นามสกุลบิดา", None),
    ("", "อาชีพของบิดา", None), ("", "ชื่อมารดา", None), ("", "นามสกุลมารดา", None), ("", "อาชีพของมารดา", None),
    ("", "ความด้อยโอกาส", None), ("", "ขาดแคลนแบบเรียน", None),
]  # fmt: skip
DMC_SHORT = _DMC
DMC_LONG: Columns = [
    *_DMC, ("", "เลขประจำตัวประชาชนบิดา", None), ("", "รายได้บิดา", None), ("", "สถานภาพสมรสของบิดามารดา", None),
    *[("", heading, None) for _ in range(4) for heading in ("คำนำหน้าชื่อ", "ชื่อ", "นามสกุล", "วันเกิด", "อาชีพ",
    "รายได้ต่อเดือน")],
    *[("", heading, None) for _ in range(4) for heading in ("บ้านเลขที่", "หมู่", "ตำบล", "อำเภอ", "จังหวัด",
    "ระยะทาง (กม.)", "เวลาเดินทาง")],
]  # fmt: skip
LEC_2: Columns = [
    ("", "ลำดับ", None), ("", "เลขประจำตัว", "student_no"), ("", "คำนำหน้า ชื่อ-สกุล", "name"),
    ("", "เลขประจำตัวประชาชน", "national_id"), ("", "ระดับชั้น/ห้อง", "grade_room"),
]  # fmt: skip
TEMPLATE: Columns = [("", LABELS[field][0], field) for field in (*STORED, "school_code")]

ABOVE: dict[str, list[list[Cell]]] = {
    "lec-export": [["ข้อมูลนักเรียนรายบุคคล ปีการศึกษา 2567"]],
    "dmc-short": [["วันและเวลาที่สร้างรายงาน 10/06/2567 09:30:00"]],
    "dmc-long": [["วันและเวลาที่สร้างรายงาน 10/06/2567 09:30:00"]],
    "lec-2": [
        ["แบบรับรองรายชื่อนักเรียนของสถานศึกษาสังกัดหน่วยงานอื่น", None, None, None, "LEC-2"],
        ["ประจำปีการศึกษา ๒๕๖๗ (ครั้งที่ ๒)"], ["โรงเรียนวัดใหม่ สังกัด สพป. นครราชสีมา เขต 3"],
    ],
    "lec": [],
}  # fmt: skip
COLUMNS = {"lec-export": LEC_EXPORT, "dmc-short": DMC_SHORT, "dmc-long": DMC_LONG, "lec-2": LEC_2, "lec": TEMPLATE}


@dataclass(frozen=True)
class Made:
    """A head and what must be found in it."""

    head: SheetHead
    header: int
    columns: dict[int, str]


def make(code: str, rng: random.Random, *, merged: bool = True, noise: bool = True) -> Made:
    """The head of a layout, with empty columns and rows put in and spaces in headings where `noise`."""
    columns = list(COLUMNS[code])
    for _ in range(rng.randrange(4) if noise else 0):
        at = rng.randrange(len(columns) + 1)
        inside = 0 < at < len(columns) and columns[at - 1][0] and columns[at - 1][0] == columns[at][0]
        columns.insert(at, (columns[at][0] if inside else "", "", None))
    above = [list(row) for row in ABOVE[code]]
    for _ in range(rng.randrange(3) if noise else 0):
        above.insert(rng.randrange(len(above) + 1), [])
    rows, areas = _header(columns, len(above), rng, noise)
    head = SheetHead(0, "Sheet1", tuple(tuple(row) for row in (*above, *rows)), 100, tuple(areas) if merged else ())
    filled = {place: field for place, (_, _, field) in enumerate(columns) if field}
    return Made(head, len(above) + len(rows) - 1, filled)


def _header(
    columns: Columns, top: int, rng: random.Random, noise: bool
) -> tuple[list[list[Cell]], list[tuple[int, int, int, int]]]:
    def spoiled(text: str) -> Cell:
        if not text or not noise:
            return text or None
        at = rng.randrange(len(text) + 1)
        return rng.choice([text, f" {text} ", f"{text}\n", f"{text}*", text[:at] + "\u200b" + text[at:]])

    if not any(group for group, _, _ in columns):
        return [[spoiled(heading) for _, heading, _ in columns]], []
    upper: list[Cell] = [None if group else spoiled(heading) for group, heading, _ in columns]
    lower: list[Cell] = [spoiled(heading) if group else None for group, heading, _ in columns]
    areas = []
    place = 0
    while place < len(columns):
        group, end = columns[place][0], place
        while group and end + 1 < len(columns) and columns[end + 1][0] == group:
            end += 1
        if group:
            upper[place] = spoiled(group)
        areas.append((top, place, top, end) if group else (top, place, top + 1, place))
        place = end + 1
    return [upper, lower], areas

"""The fields that a file may fill: their names for people, the headings they go by, and what a layout must fill."""

from __future__ import annotations

from collections.abc import Iterable

from app.rules.imports.terms import FIELDS

LABELS: dict[str, tuple[str, str]] = {
    "national_id": ("เลขประจำตัวประชาชน", "National ID"),
    "student_no": ("เลขประจำตัวนักเรียน", "Student number"),
    "title": ("คำนำหน้า", "Title"),
    "first_name": ("ชื่อ", "First name"),
    "last_name": ("นามสกุล", "Last name"),
    "sex": ("เพศ", "Sex"),
    "birth_date": ("วันเกิด", "Date of birth"),
    "nationality": ("สัญชาติ", "Nationality"),
    "religion": ("ศาสนา", "Religion"),
    "weight_kg": ("น้ำหนัก (กก.)", "Weight (kg)"),
    "height_cm": ("ส่วนสูง (ซม.)", "Height (cm)"),
    "grade": ("ชั้น", "Grade"),
    "room": ("ห้อง", "Room"),
    "status": ("สถานภาพ", "Status"),
    "admitted_on": ("วันที่เข้าเรียน", "Admitted on"),
    "left_on": ("วันที่ออก", "Left on"),
    "name": ("คำนำหน้า ชื่อ-สกุล", "Whole name"),
    "grade_room": ("ระดับชั้น/ห้อง", "Grade and room"),
    "school_code": ("รหัสสถานศึกษา", "School code"),
    "school_name": ("ชื่อสถานศึกษา", "School"),
    "academic_year": ("ปีการศึกษา", "Academic year"),
    "term": ("ภาคเรียน", "Term"),
    "level": ("ระดับการศึกษา", "Kind of education"),
}
"""Thai and English name of every field; the Thai ones are the headings of LEC's own template and CSV export."""

NEEDED: tuple[frozenset[str], ...] = (
    frozenset({"national_id"}), frozenset({"name"}), frozenset({"first_name", "last_name"}),
)  # fmt: skip
"""What a layout must at least fill: all the fields of any one of these sets, so that a row says who it is about."""

HEADINGS: dict[str, tuple[str, ...]] = {
    "national_id": (
        "เลขประจำตัวประชาชน", "เลขบัตรประชาชน", "เลขที่บัตรประชาชน", "เลขประจำตัวบัตรประชาชน", "เลขบัตรประจำตัวประชาชน",
        "เลขประจำตัวประชาชนนักเรียน", "เลขประชาชน", "เลขประจำตัว 13 หลัก", "หมายเลขประจำตัวประชาชน", "รหัสประจำตัวประชาชน",
        "เลขประจำตัวประชาชน 13 หลัก", "เลข 13 หลัก", "บัตรประชาชน", "National ID", "Citizen ID", "ID number", "ID card",
    ),
    "student_no": (
        "เลขประจำตัวนักเรียน", "เลขประจำตัว", "รหัสนักเรียน", "รหัสประจำตัวนักเรียน", "เลขประจำตัวผู้เรียน", "เลขทะเบียนนักเรียน",
        "เลขประจำตัวเด็ก", "Student number", "Student no.", "Student ID", "Student code",
    ),
    "title": ("คำนำหน้า", "คำนำหน้าชื่อ", "คำนำหน้านาม", "คำนำ", "Title", "Prefix"),
    "first_name": ("ชื่อ", "ชื่อนักเรียน", "ชื่อตัว", "ชื่อจริง", "ชื่อ (ไทย)", "First name", "Given name"),
    "last_name": ("นามสกุล", "สกุล", "นามสกุลนักเรียน", "นามสกุล (ไทย)", "Last name", "Surname", "Family name"),
    "sex": ("เพศ", "เพศนักเรียน", "Sex", "Gender"),
    "birth_date": (
        "วันเกิด", "วันเดือนปีเกิด", "วัน/เดือน/ปีเกิด", "วันเดือนปี เกิด", "ว/ด/ป เกิด", "ว.ด.ป.เกิด", "วดป.เกิด", "วันที่เกิด",
        "วัน เดือน ปี ที่เกิด", "Date of birth", "Birth date", "DOB", "Birthday",
    ),
    "nationality": ("สัญชาติ", "Nationality"),
    "religion": ("ศาสนา", "Religion"),
    "weight_kg": ("น้ำหนัก", "น้ำหนักตัว", "Weight"),
    "height_cm": ("ส่วนสูง", "ความสูง", "Height"),
    "grade": ("ชั้น", "ระดับชั้น", "ชั้นเรียน", "ชั้นปี", "ระดับชั้นเรียน", "ชั้นที่เรียน", "Grade", "Class", "Grade level"),
    "room": ("ห้อง", "ห้องที่", "ห้องเรียน", "ห้องเรียนที่", "Room", "Section"),
    "status": (
        "สถานภาพ", "สภาพนักเรียน", "สถานะ", "สถานะนักเรียน", "สถานภาพนักเรียน", "สถานะการเรียน", "สภาพการเป็นนักเรียน",
        "สถานภาพการเรียน", "Status",
    ),
    "admitted_on": (
        "วันที่เข้าเรียน", "วันเข้าเรียน", "วันที่เข้า", "วันเดือนปีที่เข้าเรียน", "วันที่รับเข้าเรียน", "วันที่รับเข้า", "เข้าเรียนเมื่อ", "วันที่มอบตัว",
        "วันเดือนปีที่เข้า", "วันที่เข้าศึกษา", "Admitted on", "Admission date", "Entry date", "Enrolled on",
    ),
    "left_on": (
        "วันที่ออก", "วันที่จำหน่าย", "วันเดือนปีที่ออก", "วันที่ย้ายออก", "วันที่จบ", "ออกเมื่อ", "Left on", "Leaving date", "Exit date",
    ),
    "name": (
        "คำนำหน้า ชื่อ-สกุล", "คำนำหน้า ชื่อ - นามสกุล", "คำนำหน้าชื่อ-สกุล", "ชื่อ-สกุล", "ชื่อ-นามสกุล", "ชื่อและนามสกุล", "ชื่อ นามสกุล",
        "ชื่อ-ชื่อสกุล", "ชื่อ-สกุลนักเรียน", "ชื่อ-นามสกุลนักเรียน", "รายชื่อ", "รายชื่อนักเรียน", "คำนำหน้าชื่อ-นามสกุล", "Name", "Full name",
        "Student name", "Whole name",
    ),
    "grade_room": (
        "ระดับชั้น/ห้อง", "ชั้น/ห้อง", "ชั้น-ห้อง", "ชั้นห้อง", "ชั้นเรียน/ห้อง", "ระดับชั้นและห้อง", "ชั้นและห้อง",
        "Grade and room", "Grade/room",
    ),
    "school_code": (
        "รหัสสถานศึกษา", "รหัสโรงเรียน", "รหัส ร.ร.", "School code",
    ),
    "school_name": ("ชื่อสถานศึกษา", "ชื่อโรงเรียน", "โรงเรียน", "สถานศึกษา", "School", "School name"),
    "academic_year": ("ปีการศึกษา", "Academic year"),
    "term": ("ภาคเรียน", "ภาคเรียนที่", "เทอม", "Term", "Semester"),
    "level": ("ระดับการศึกษา", "ระดับ", "ช่วงชั้น", "Kind of education", "Level"),
}  # fmt: skip
"""The usual headings of every field as people write them; a layout that lists no headings of its own goes by these."""

PERSONAL = frozenset((
    "national_id", "title", "first_name", "last_name", "name", "sex", "birth_date", "nationality", "religion", "status",
))  # fmt: skip
"""Fields that parents and guardians have too: under a heading that names them, the column is not the pupil's."""

DAYS = frozenset({"birth_date", "admitted_on", "left_on"})


def enough(filled: Iterable[str]) -> bool:
    """Whether columns of these fields say who a row is about (`NEEDED`)."""
    have = set(filled)
    return any(needed <= have for needed in NEEDED)


def label(field: str) -> tuple[str, str]:
    """Thai and English name of a field; the code itself for an unknown one."""
    return LABELS.get(field, (field, field))


assert LABELS.keys() == set(FIELDS) == HEADINGS.keys()

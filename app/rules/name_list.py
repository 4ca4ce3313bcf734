"""Reading the rows of a certified list (LEC-2) as schools type it: its header is found, its cells are understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.enums import Grade, Sex
from app.errors import Problem
from app.rules import national_id, titles
from app.thai import normalise_code, normalise_name, to_arabic_digits

Cell = Any
"""What a spreadsheet holds: text, number, date or nothing."""

HEADER_ROWS = 30
_COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("national_id", ("เลขประจำตัวประชาชน", "เลขบัตรประชาชน", "เลขประชาชน", "national id")),
    ("student_no", ("เลขประจำตัวนักเรียน", "เลขประจำตัว", "student number")),
    ("name", ("คำนำหน้าชื่อ-สกุล", "ชื่อ-สกุล", "ชื่อ-นามสกุล", "ชื่อสกุล", "ชื่อนามสกุล")),
    ("title", ("คำนำหน้าชื่อ", "คำนำหน้า", "title")),
    ("last_name", ("นามสกุล", "สกุล", "last name")),
    ("first_name", ("ชื่อ", "first name")),
    ("sex", ("เพศ", "sex")),
    ("grade", ("ระดับชั้น/ห้อง", "ชั้น/ห้อง", "ระดับชั้น", "ชั้น", "grade")),
    ("room", ("ห้อง", "room")),
)
"""Column -> beginnings of its heading, without spaces; the first that fits counts: longer ones stand before shorter."""
_ROOM = re.compile(r"(.+?)\s*/\s*(\w{1,10})")


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


def read_names(rows: Sequence[Sequence[Cell]]) -> tuple[list[ListedName], list[Refused]]:
    """Names and refused rows of a sheet. Raises Problem where no header with names and grades is found."""
    at, columns = _header(rows)
    names: list[ListedName] = []
    refused: list[Refused] = []
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        texts = {name: _text(row[place]) if place < len(row) else "" for name, place in columns.items()}
        if not any(texts.get(name) for name in ("name", "first_name", "last_name", "national_id")):
            continue  # an empty line, or the signatures below the list
        if _is_foot(texts):
            break
        try:
            names.append(_name(number, texts))
        except Problem as problem:
            refused.append(Refused(number, problem.th, problem.en))
    return names, refused


def _header(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]]:
    for at, row in enumerate(rows[:HEADER_ROWS]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(row):
            name = _column(_text(cell))
            if name and name not in columns:
                columns[name] = place
        if "grade" in columns and ("name" in columns or {"first_name", "last_name"} <= columns.keys()):
            return at, columns
    raise Problem(
        "ไม่พบหัวตารางในไฟล์ ต้องมีคอลัมน์ชื่อ-สกุล และระดับชั้น/ห้อง ตามแบบ LEC-2 โปรดตรวจสอบไฟล์",
        "No header was found. The sheet needs the columns of LEC-2: name and grade. Check the file.",
        "file",
    )


def _column(heading: str) -> str | None:
    tidy = re.sub(r"[\s.]+", "", heading.lower())
    for name, beginnings in _COLUMNS:
        if any(tidy.startswith(beginning.replace(" ", "")) for beginning in beginnings):
            return name
    return None


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return normalise_name(str(cell))


def _is_foot(texts: dict[str, str]) -> bool:
    return "ลงชื่อ" in "".join(texts.values()).replace(" ", "")


def _name(number: int, texts: dict[str, str]) -> ListedName:
    title, first, last = _parts(texts)
    sex = Sex.from_text(texts.get("sex", "")) or titles.sex_of_title(title)
    if sex is None:
        raise Problem(
            f"ไม่ทราบเพศจากคำนำหน้า “{title[:30]}” โปรดเพิ่มคอลัมน์เพศ หรือแก้คำนำหน้า",
            f"The sex does not follow from the title “{title[:30]}”. Add a column for it or correct the title.",
        )
    grade, room = _grade(texts.get("grade", ""), texts.get("room", ""))
    number_typed = national_id.normalise(texts.get("national_id", ""))
    if number_typed and (wrong := national_id.problem(number_typed)):
        raise Problem(wrong.th, wrong.en)
    number_in_school = normalise_code(texts.get("student_no", ""))
    return ListedName(number, number_in_school or None, title, first, last, sex, number_typed or None, grade, room)


def _parts(texts: dict[str, str]) -> tuple[str, str, str]:
    """Title, first and last name, from their own columns or from one."""
    title, first, last = (texts.get(name, "") for name in ("title", "first_name", "last_name"))
    if not (first and last):
        whole = texts.get("name") or " ".join(part for part in (first, last) if part)
        found, rest = (title, whole) if title else titles.split_title(whole)
        title, (first, _, last) = found, rest.partition(" ")
    if not first or not last or not title:
        raise Problem(
            "ชื่อไม่ครบ ต้องมีคำนำหน้า ชื่อ และนามสกุล คั่นด้วยช่องว่าง",
            "The name is not whole: it needs a title, a first and a last name with a space between.",
        )
    return titles.full_title(title), first, last.strip()


def _grade(text: str, room: str) -> tuple[Grade, str | None]:
    tidy = to_arabic_digits(text)
    if match := _ROOM.fullmatch(tidy):
        tidy, room = match[1], match[2]
    grade = Grade.from_text(tidy.replace(" ", "")) or Grade.from_text(tidy)
    if grade is None:
        raise Problem(
            f"ไม่รู้จักระดับชั้น “{text[:30]}” โปรดใช้รูปแบบ เช่น อ.2 ป.1 ม.3 หรือ ป.1/2",
            f"“{text[:30]}” is no known grade. Write it like อ.2, ป.1, ม.3 or ป.1/2.",
        )
    return grade, normalise_code(room) or None

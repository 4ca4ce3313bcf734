"""What the cells below a header look like: ID numbers, dates, titles, grades, names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from app.rules import national_id, titles
from app.rules.imports.cells import text_of
from app.rules.imports.grades import read_grade
from app.rules.imports.terms import Cell, SheetHead

MOST_LOOKED_AT = 25
_DATE = re.compile(r"\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{2,4}|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\s*\D{3,12}\s*\d{2,4}")
_SEXES = frozenset({"ช", "ญ", "ชาย", "หญิง", "male", "female", "m", "f"})
_THAI_WORD = re.compile(r"[\u0e01-\u0e4e.'()-]{2,40}")
_RELIGIONS = ("พุทธ", "อิสลาม", "คริสต์", "ฮินดู", "ซิกข์")
_STATUSES = ("กำลังศึกษา", "ปกติ", "ย้าย", "จบ", "จำหน่าย", "ขาดเรียนนาน", "แขวนลอย")


def _is_id(text: str) -> bool:
    number = national_id.normalise(text)
    return national_id.is_g_code(number) or (
        number.isdigit() and len(number) in (12, 13) and national_id.is_valid_thai_id(number.zfill(13))
    )


def _is_whole_name(text: str) -> bool:
    title, rest = titles.split_title(text)
    return bool(title) and " " in rest


def _is_grade(text: str) -> bool:
    return read_grade(text) is not None and "/" not in text


def _is_grade_room(text: str) -> bool:
    return "/" in text and read_grade(text) is not None


_LOOKS: dict[str, Callable[[str], bool]] = {
    "national_id": _is_id,
    "birth_date": lambda text: _DATE.fullmatch(text) is not None,
    "sex": lambda text: text.lower() in _SEXES,
    "title": lambda text: len(text) < 12 and titles.sex_of_title(text) is not None,
    "name": _is_whole_name,
    "grade_room": _is_grade_room,
    "grade": _is_grade,
    "religion": lambda text: text.startswith(_RELIGIONS),
    "nationality": lambda text: text in ("ไทย", "พม่า", "ลาว", "กัมพูชา", "เมียนมา"),
    "status": lambda text: text in _STATUSES,
}


def looks(head: SheetHead, header: int, place: int) -> dict[str, float]:
    """field -> share of the column's filled cells below the header that look like it, those above 0."""
    cells = column(head, header, place)
    if not cells:
        return {}
    known: dict[str, float] = {}
    for field, fits in _LOOKS.items():
        share = sum(_fits(field, fits, cell) for cell in cells) / len(cells)
        if share:
            known[field] = share
    return known


def thai_words(head: SheetHead, header: int, place: int) -> float:
    """Share of the column's filled cells that are one word in Thai letters."""
    cells = column(head, header, place)
    return sum(_THAI_WORD.fullmatch(text_of(cell)) is not None for cell in cells) / len(cells) if cells else 0.0


def column(head: SheetHead, header: int, place: int) -> list[Cell]:
    """The first filled cells of a column below the header."""
    cells = (row[place] for row in head.top[header + 1 :] if place < len(row))
    filled: list[Cell] = [cell for cell in cells if cell not in (None, "")]
    return filled[:MOST_LOOKED_AT]


def _fits(field: str, fits: Callable[[str], bool], cell: Cell) -> bool:
    if isinstance(cell, date):
        return field == "birth_date"
    return fits(text_of(cell)[:100])

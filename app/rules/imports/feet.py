"""Lines of a sheet that are no data: empty ones, headers repeated on each page, notes, totals, signatures."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence

from app.rules.imports.cells import text_of
from app.rules.imports.headers import tidy
from app.rules.imports.terms import Cell

NOTE = "※"
"""Begins the line of notes below the header of LEC's own template."""
_OF_A_ROSTER = frozenset(
    {"school_code", "school_name", "academic_year", "term", "level", "grade", "grade_room", "room"}
)
"""What is often filled in advance, and is no data without somebody it belongs to."""
_FOOT = re.compile(
    r"\(|ลงชื่อ|ลงนาม|ผู้รับรอง|ผู้ให้ข้อมูล|ผู้จัดทำ|ผู้ตรวจ|ผู้อำนวยการ|รักษาการ"
    r"|ครูผู้|ครูประจำ"
    r"|ตำแหน่ง|วันที่|หมายเหตุ|โทร|ขอรับรอง|ข้าพเจ้า|รับรองว่า|หน้าที่|หน้า \d|page \d|พิมพ์เมื่อ"
    r"|.*[.…_]{4,}",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"(?:รวม|ยอดรวม|จำนวน|total|grandtotal)(?:ทั้งสิ้น|ทั้งหมด|ทั้งโรงเรียน|จำนวน|นักเรียน|ชาย|หญิง|หน้านี้|ชั้น|คน|students?|[:\d])*"
)


def is_data(typed: Mapping[str, str], cells: Sequence[Cell], headings: Container[str]) -> bool:
    """Whether a line is about somebody. typed: texts by field; headings: those of the header, tidied.

    A line with something of a person in it but without a name and a number is data too: it must be refused by name,
    not lost.
    """
    said = {field: text for field, text in typed.items() if text}
    if not said:
        return False
    personal = [text for field, text in said.items() if field not in _OF_A_ROSTER]
    if any(text.startswith(NOTE) for text in map(text_of, cells[:50])):
        return False
    if _repeats(said.values(), headings):
        return False
    if not personal:
        return False
    return not (_alone(said) and _is_foot(said, cells))


def _repeats(texts: object, headings: Container[str]) -> bool:
    """Whether the header is said again: at least two texts, and most of the line, are headings."""
    every = list(texts)  # type: ignore[call-overload]
    known = sum(tidy(text) in headings for text in every)
    return known >= 2 and known * 2 > len(every)


def _alone(said: Mapping[str, str]) -> bool:
    """Whether a line has nothing that would make it somebody: no ID and no date, at most a word or two."""
    digits = sum(ch.isdigit() for ch in said.get("national_id", "")[:100])
    return digits < 8 and len(said) <= 3


def _is_foot(said: Mapping[str, str], cells: Sequence[Cell]) -> bool:
    texts = [" ".join(text_of(cell).split()) for cell in cells[:50]]
    first = next((text for text in texts if text), "")
    if any(_TOTAL.fullmatch(tidy(text)) for text in (first, *said.values())) and "last_name" not in said:
        return True
    return any(_FOOT.match(text) for text in (first, *said.values()))

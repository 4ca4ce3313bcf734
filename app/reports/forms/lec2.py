"""LEC-2: the certified list of the pupils of a school of another affiliation, 32 on a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from app.reports.forms import sheet
from app.reports.forms.paper import LEFT, RIGHT, Paper
from app.reports.forms.rows import FormHead, NameRow
from app.thai import normalise_code

CODE = "LEC-2"
TITLE = "แบบรับรองรายชื่อนักเรียนของสถานศึกษาสังกัดหน่วยงานอื่น"
NOBODY = "ไม่มีนักเรียน"
PER_PAGE = 32
_COLUMNS = {"ลำดับ": 14.0, "เลขประจำตัว": 26.0, "คำนำหน้า ชื่อ-สกุล": 75.0, "เลขประจำตัวประชาชน": 39.0, "ระดับชั้น/ห้อง": 26.0}
_ALIGN: tuple[sheet.Align, ...] = ("C", "C", "L", "C", "C")
_EDGES = [LEFT + sum(list(_COLUMNS.values())[:place]) for place in range(len(_COLUMNS) + 1)]
_HEADER = 7.2
_ROW = 5.85  # so low that 32 of them, a heading with a long school name and the signatures share one page
_SIZE = 10.0
_CLOSING = 8.0
_SIGNING = 4.0  # room for a hand to sign


def lec2_pdf(head: FormHead, rows: Iterable[NameRow], *, blank: bool = False, made_on: date) -> bytes:
    """The form with every row once, by grade, room and pupil number (digits by value), signatures on the last page.

    The same arguments give the same bytes. Without rows: one page that says so. blank: `rows` are not printed; one page
    with 32 empty lines to fill in by hand.
    """
    listed = [] if blank else sorted(rows, key=_place)
    pages = [listed[start : start + PER_PAGE] for start in range(0, len(listed), PER_PAGE)] or [[]]
    paper = Paper(f"{CODE} {TITLE} {head.school}".strip(), made_on)
    for index, part in enumerate(pages):
        paper.add_page()
        y = _table(paper, part, index * PER_PAGE, sheet.heading(paper, head, CODE, TITLE), blank)
        if index == len(pages) - 1:
            _closing(paper, None if blank else len(listed), y)
            sheet.signatures(paper, head, y + _CLOSING + _SIGNING)
        else:
            paper.write((LEFT, y + 1, sheet.INK, 6), f"/ มีต่อหน้า {index + 2}", 10, align="R")
        sheet.foot(paper, made_on, "หน้า ......../........" if blank else f"หน้า {index + 1}/{len(pages):,}")
    return paper.to_bytes()


def _place(row: NameRow) -> tuple[object, ...]:
    return row.grade.order, _natural(row.room), _natural(row.number)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts runs of digits by their value, before letters: "9" < "10" < "10ก"."""
    parts = (part for part in re.split("([0-9]+)", normalise_code(text)) if part)
    return [(0, len(digits), digits) if (digits := _digits(part)) else (1, 0, part) for part in parts]


def _digits(part: str) -> str:
    return (part.lstrip("0") or "0") if "0" <= part[0] <= "9" else ""


def _table(paper: Paper, rows: Sequence[NameRow], before: int, y: float, blank: bool) -> float:
    """Print header and rows, which follow `before` others; the y below them."""
    count = PER_PAGE if blank else max(len(rows), 1)
    start = y + _HEADER
    lines = [start + place * _ROW for place in range(count + 1)]
    paper.shade(LEFT, y, sheet.INK, _HEADER)
    _cells(paper, y, _HEADER, list(_COLUMNS), header=True)
    for place, (top, row) in enumerate(zip(lines, rows, strict=False), start=before + 1):
        _cells(paper, top, _ROW, [f"{place:,}", row.number, row.name, row.national_id, _class(row)])
    if not rows and not blank:
        paper.write((LEFT, start, sheet.INK, _ROW), NOBODY, _SIZE, align="C")
    paper.grid([LEFT, RIGHT], [y, *lines])
    paper.columns(_EDGES[1:-1], y, lines[-1] if rows or blank else start)
    return lines[-1]


def _cells(paper: Paper, y: float, height: float, texts: Sequence[str], header: bool = False) -> None:
    for x, end, text, align in zip(_EDGES, _EDGES[1:], texts, _ALIGN, strict=False):
        box = (x + 1.2, y, end - x - 2.4, height)
        paper.write(box, text, _SIZE, bold=header, align="C" if header else align)


def _class(row: NameRow) -> str:
    return f"{row.grade.th}/{row.room}" if row.room.strip() else row.grade.th


def _closing(paper: Paper, count: int | None, y: float) -> None:
    number = "." * 12 if count is None else f"{count:,}"
    text = f"ขอรับรองว่ามีนักเรียนตามรายชื่อข้างต้นจริง รวมทั้งสิ้น {number} คน"
    if count == 0:
        text = f"ขอรับรองว่า{NOBODY}จริง รวมทั้งสิ้น 0 คน"
    paper.write((LEFT, y + 2, sheet.INK, _CLOSING - 2), text, 11, bold=True)

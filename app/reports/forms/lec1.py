"""LEC-1: how many boys and girls each grade of a school of another affiliation has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from app.enums import Grade
from app.reports.forms import sheet
from app.reports.forms.paper import LEFT, RIGHT, Paper
from app.reports.forms.rows import FormHead, GradeRow

CODE = "LEC-1"
TITLE = "แบบบัญชีสรุปข้อมูลจำนวนนักเรียนของสถานศึกษาสังกัดหน่วยงานอื่น"
NOBODY = "ไม่มีนักเรียน"
_BLANK_GRADES = [grade for grade in Grade if grade.value[0] in "KPM"]
_COLUMNS = (LEFT, LEFT + 60, LEFT + 100, LEFT + 140, RIGHT)
_HEADER = 8.0
_ROW = 9.5
_BOTTOM = 282.0
_INSET = 14.0  # between the digits and the right border, so that they stand near the middle


def lec1_pdf(head: FormHead, rows: Iterable[GradeRow], *, blank: bool = False, made_on: date) -> bytes:
    """The form on one page, grades youngest first, then รวมทั้งสิ้น. The same arguments give the same bytes.

    A sum with a part that is not known stays empty. Without rows it says that there are no pupils, and sums 0.
    blank: no numbers at all, to be filled in by hand, for the grades of `rows` or, without rows, อ.1 to ม.6.
    Raises ValueError where a grade is there twice.
    """
    listed = sorted(rows, key=lambda row: row.grade.order)
    _refuse_twice(listed)
    if blank:
        listed = [GradeRow(grade, None, None) for grade in ([row.grade for row in listed] or _BLANK_GRADES)]
    paper = Paper(f"{CODE} {TITLE} {head.school}".strip(), made_on)
    paper.add_page()
    y = _table(paper, listed, sheet.heading(paper, head, CODE, TITLE) + 2)
    sheet.signatures(paper, head, y + 10)
    sheet.foot(paper, made_on, "หน้า 1/1")
    return paper.to_bytes()


def _refuse_twice(rows: Sequence[GradeRow]) -> None:
    twice = [grade for grade, times in Counter(row.grade for row in rows).items() if times > 1]
    if twice:
        raise ValueError(f"more than one row of {', '.join(twice)}")


def _table(paper: Paper, rows: Sequence[GradeRow], y: float) -> float:
    """Print header, rows and sum; the y below them. Many grades make the rows lower, so that all is on one page."""
    start = y + 2 * _HEADER
    count = max(len(rows), 1) + 1
    height = min(_ROW, (_BOTTOM - start - 10 - sheet.SIGNATURES) / count)
    lines = [start + place * height for place in range(count + 1)]
    paper.shade(LEFT, y, sheet.INK, 2 * _HEADER)
    paper.shade(LEFT, lines[-2], sheet.INK, height)
    _header(paper, y)
    for top, row in zip(lines, rows, strict=False):
        _cells(paper, top, height, [row.grade.th, *map(_number, (row.male, row.female, row.total))])
    if not rows:
        paper.write((LEFT, start, sheet.INK, height), NOBODY, 12, align="C")
    sums = [_sum(numbers) for numbers in _numbers(rows)]
    _cells(paper, lines[-2], height, ["รวมทั้งสิ้น", *map(_number, sums)], bold=True)
    paper.grid([LEFT, RIGHT], [y, *lines])
    paper.columns(_COLUMNS[1:-1], start if rows else lines[-2], lines[-1])
    return lines[-1]


def _header(paper: Paper, y: float) -> None:
    grade, numbers = _COLUMNS[0], _COLUMNS[1:]
    paper.write((grade, y, numbers[0] - grade, 2 * _HEADER), "ระดับชั้น", 12, bold=True, align="C")
    paper.write((numbers[0], y, RIGHT - numbers[0], _HEADER), "จำนวนนักเรียน (คน)", 12, bold=True, align="C")
    for x, end, text in zip(numbers, numbers[1:], ("ชาย", "หญิง", "รวม"), strict=False):
        paper.write((x, y + _HEADER, end - x, _HEADER), text, 12, bold=True, align="C")
    paper.rule(numbers[0], y + _HEADER, RIGHT, y + _HEADER)
    paper.columns(numbers[:1], y, y + 2 * _HEADER)
    paper.columns(numbers[1:-1], y + _HEADER, y + 2 * _HEADER)


def _cells(paper: Paper, y: float, height: float, texts: Sequence[str], bold: bool = False) -> None:
    paper.write((LEFT + 2, y, _COLUMNS[1] - LEFT - 4, height), texts[0], 12, bold=bold, align="C")
    for x, end, text in zip(_COLUMNS[1:], _COLUMNS[2:], texts[1:], strict=False):
        paper.write((x + 1, y, end - x - 1 - _INSET, height), text, 12, bold=bold, align="R")


def _numbers(rows: Sequence[GradeRow]) -> tuple[list[int | None], ...]:
    return [row.male for row in rows], [row.female for row in rows], [row.total for row in rows]


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"

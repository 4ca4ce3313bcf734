"""What LEC-1 and LEC-2 have in common: the heading, the two signatures side by side, the foot of a page."""

from __future__ import annotations

from datetime import date

from app.reports.forms.paper import HEIGHT, LEFT, RIGHT, Align, Paper
from app.reports.forms.rows import FormHead
from app.thai import format_date

INK = RIGHT - LEFT
_TOP = 9.0
_LINE = 6.0
_SIZE = 11.0
_FOOT = HEIGHT - 11.0
_PURPOSE = "เพื่อใช้ในการตรวจสอบและพิจารณาจัดสรรงบประมาณอุดหนุนด้านการศึกษาขององค์กรปกครองส่วนท้องถิ่น"
_SOME_DOTS, _MANY_DOTS = "." * 45, "." * 90
SIGNATURES = 5 * _LINE
"""Height of the signatures, in mm."""


def heading(paper: Paper, head: FormHead, code: str, title: str) -> float:
    """Print code, title, purpose, round, school and addressee; the y below them."""
    _code(paper, code)
    paper.write((LEFT + 19, _TOP, INK - 38, 8), title, 13, bold=True, align="C")
    y = _TOP + 8
    for text in (_PURPOSE, _round(head)):
        paper.write((LEFT, y, INK, _LINE), text, _SIZE, align="C")
        y += _LINE
    for text in _school(paper, head):
        paper.write((LEFT, y, INK, _LINE), text, _SIZE, bold=True, align="C")
        y += _LINE
    paper.write((LEFT, y, INK, _LINE), f"เพื่อจัดส่งให้ {head.lao or _MANY_DOTS}", _SIZE, align="C")
    return y + _LINE + 1.5


def signatures(paper: Paper, head: FormHead, y: float) -> None:
    """Who gives the data on the left, who certifies them on the right, in the SIGNATURES mm below `y`."""
    middle = (LEFT + RIGHT) / 2
    left, right = (LEFT, middle - 4), (middle + 4, RIGHT)
    _signature(paper, left, y, "ผู้ให้ข้อมูล", head.teacher, head.teacher_position)
    _blank(paper, left, y + 4 * _LINE, "โทรศัพท์", head.phone)
    _signature(paper, right, y, "ผู้รับรองข้อมูล", head.head, head.head_position)


def foot(paper: Paper, made_on: date, page: str) -> None:
    """The day of printing on the left, `page` on the right."""
    made = f"พิมพ์เมื่อวันที่ {format_date(made_on, style='long')}"
    paper.write((LEFT, _FOOT, INK / 2, 5), made, 9)
    paper.write((LEFT + INK / 2, _FOOT, INK / 2, 5), page, 9, align="R")


def _code(paper: Paper, code: str) -> None:
    paper.grid([RIGHT - 17, RIGHT], [_TOP + 0.5, _TOP + 7.5])
    paper.write((RIGHT - 17, _TOP + 0.5, 17, 7), code, 12, bold=True, align="C", thai_digits=False)


def _round(head: FormHead) -> str:
    text = f"ประจำปีการศึกษา {head.academic_year} (ครั้งที่ {head.number})"
    if head.census_date is None:
        return text
    return f"{text} ข้อมูล ณ วันที่ {format_date(head.census_date, style='long')}"


def _school(paper: Paper, head: FormHead) -> list[str]:
    """School and affiliation on one line, or on two where they are long."""
    parts = [head.school or f"สถานศึกษา {_SOME_DOTS}", f"สังกัด {head.affiliation or _SOME_DOTS}"]
    one = " ".join(parts)
    return [one] if paper.width(one, _SIZE, bold=True) <= INK else parts


def _signature(paper: Paper, edges: tuple[float, float], y: float, role: str, name: str, position: str) -> None:
    x1, x2 = edges
    _blank(paper, (x1, x2 - 24), y, "ลงชื่อ", "")
    paper.write((x2 - 23, y, 23, _LINE), role, _SIZE)
    start, end = x1 + 10, x2 - 24
    paper.write((start, y + _LINE, 3, _LINE), "(", _SIZE)
    paper.write((end - 3, y + _LINE, 3, _LINE), ")", _SIZE, align="R")
    _fill(paper, start + 3, end - 3, y + _LINE, name, "C")
    _blank(paper, edges, y + 2 * _LINE, "ตำแหน่ง", position)
    _day(paper, edges, y + 3 * _LINE)


def _day(paper: Paper, edges: tuple[float, float], y: float) -> None:
    x1, x2 = edges
    _blank(paper, (x1, x1 + 24), y, "วันที่", "")
    _blank(paper, (x1 + 25, x1 + 61), y, "เดือน", "")
    _blank(paper, (x1 + 62, x2), y, "พ.ศ.", "")


def _blank(paper: Paper, edges: tuple[float, float], y: float, label: str, value: str) -> None:
    """A label and, up to the right edge, its value or a line to write it on."""
    x1, x2 = edges
    paper.write((x1, y, x2 - x1, _LINE), label, _SIZE)
    _fill(paper, x1 + paper.width(label, _SIZE) + 1.5, x2, y, value)


def _fill(paper: Paper, x1: float, x2: float, y: float, value: str, align: Align = "L") -> None:
    if value:
        paper.write((x1, y, x2 - x1, _LINE), value, _SIZE, align=align)
    else:
        paper.dots(x1, x2, y + _LINE - 1.7)

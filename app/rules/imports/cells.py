"""Cells as text: what a cell says when it is typed, and how a text is shown where others may read it."""

from __future__ import annotations

import re
from datetime import date
from math import isfinite

from app.rules.imports.terms import Cell
from app.rules.national_id import mask

MONTHS = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
BE_OFFSET = 543
LONGEST = 1000
"""Characters of a cell that are looked at; no field holds nearly as many."""
_EXCEL_TWO_DIGIT_YEARS = range(1930, 1970)
_RUN = frozenset("=+-@\t\r\n")
_HALF = re.compile("[\ud800-\udfff]")
"""Halves of characters, which no database stores."""
_ID_LIKE = re.compile(r"[Gg]?[0-9๐-๙](?:[ \-\u00a0\u2010-\u2015]?[0-9๐-๙]){9,}")


def text_of(cell: Cell) -> str:
    """The text of a cell as a person would type it, without space around it; "" for an empty cell."""
    if type(cell) is str:
        text = unguarded(cell[:LONGEST].strip())
        if text.isascii() or text.isprintable():  # no half is printable
            return text
        return _HALF.sub("\ufffd", text)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int):
        return str(cell) if abs(cell) < 10**30 else "1E+30"  # Python refuses to write out very long ones
    if isinstance(cell, float):
        return str(int(cell)) if isfinite(cell) and cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, date):
        return day_text(cell)
    return text_of(str(cell))


def unguarded(text: str) -> str:
    """A text without the apostrophe that CSV exports put before what a spreadsheet would run as a formula.

    Nor is there space around what is left, so that reading it once more takes nothing else off.
    """
    while text[:1] == "'" and text[1:2] in _RUN:
        text = text[1:].strip()
    return text


def day_text(cell: date) -> str:
    """A date cell in words, which no order of day and month can change: "10 มิ.ย. 2567".

    The year is Buddhist era, except where the cell may be a misread two-digit year: that must still be seen, and so
    must it that a cell holds a Buddhist-era year ("2567-06-10").
    """
    year = cell.year
    if year > 2200:
        return f"{year:04}-{cell.month:02}-{cell.day:02}"
    if 1900 <= year <= 2200 and year not in _EXCEL_TWO_DIGIT_YEARS:
        year += BE_OFFSET
    return worded(cell.day, cell.month, year)


def worded(day: int, month: int, year: int) -> str:
    """ "10 มิ.ย. 2567": day, month 1-12, year as given."""
    return f"{day} {MONTHS[month - 1]} {year}"


def shown(text: str, most: int = 40) -> str:
    """A text fit for a message: not long, and what looks like an ID number masked."""
    masked = without_ids(text[:LONGEST])
    return masked if len(masked) <= most else masked[: most - 1] + "…"


def without_ids(text: str) -> str:
    """A text in which what looks like an ID number is masked, wherever it stands."""
    return _ID_LIKE.sub(lambda found: mask(found[0]), text)

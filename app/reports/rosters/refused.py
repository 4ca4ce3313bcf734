"""Refused rows of a file as a workbook in the file's own layout, with the reason in a column more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, BinaryIO

import xlsxwriter

from app.reports.rosters import sheets
from app.reports.rosters.columns import WIDTHS
from app.reports.rosters.own import NOTE
from app.rules.imports.cells import text_of
from app.rules.imports.terms import Cell, SheetHead

REASON = "เหตุผลที่ไม่รับ / Why refused"
"""Heading of the column that is added. A file that comes a second time has it already; nobody reads it."""
NOBODY = "ไม่มีแถวที่ไม่รับ"
CODES = frozenset(("national_id", "student_no", "room", "school_code", "grade_room"))
"""Fields whose numbers are codes: they are written as text."""
_WIDTH, _REASON_WIDTH = 14, 70


@dataclass(frozen=True, slots=True)
class Tab:
    """A sheet of the file: its beginning, the last row of its header (-1 for none), and what its columns fill."""

    head: SheetHead
    header: int
    columns: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row as in the file, why it was refused, and what a person has put right in it: place -> text."""

    sheet: int
    cells: tuple[Cell, ...] = field(repr=False)
    reason: str
    edits: Mapping[int, str] = field(default_factory=dict, repr=False)


def write(out: BinaryIO, tabs: Mapping[int, Tab], rows: Iterable[RefusedRow]) -> int:
    """Write the workbook to `out`, each sheet with its header rows, and return how many rows were refused.

    `rows` come sheet by sheet; those of sheets that are not in `tabs` are left out, and so are sheets without any.
    """
    number = 0
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        look = sheets.formats(book)
        sheet: _Sheet | None = None
        for row in rows:
            if row.sheet not in tabs:
                continue
            if sheet is None or sheet.index != row.sheet:
                sheet = _Sheet(book, look, tabs[row.sheet])
            sheet.add(row)
            number += 1
        if sheet is None:
            book.add_worksheet().write_string(0, 0, NOBODY, look["line"])
    return number


class _Sheet:
    """One sheet as it is written, from top to bottom."""

    def __init__(self, book: Any, look: dict[str, Any], tab: Tab) -> None:
        self.index, self._look, self._tab = tab.head.index, look, tab
        self._sheet = book.add_worksheet(_name(book, tab.head.name))
        above = tab.head.top[: tab.header + 1 + _notes(tab)]
        self._reason = _place_of_reason(tab)
        self._line = len(above)
        for place in range(self._reason):
            self._sheet.set_column(place, place, WIDTHS.get(tab.columns.get(place, ""), _WIDTH))
        self._sheet.set_column(self._reason, self._reason, _REASON_WIDTH)
        for line, cells in enumerate(above):
            self._header(line, cells, last=line == tab.header)
        if above:
            self._sheet.freeze_panes(len(above), 0)

    def _header(self, line: int, cells: tuple[Cell, ...], last: bool) -> None:
        """A row of the header, its merged headings merged again; those over two rows stand in the upper one alone."""
        merged = -1  # a damaged file may lay one over another, which no workbook may
        for first_row, first, last_row, end in sorted(self._tab.head.merged):
            if first_row == last_row == line and merged < first < end < self._reason:
                self._sheet.merge_range(line, first, line, end, "", self._look["head"])
                merged = end
        for place, cell in enumerate(cells[: self._reason]):
            if cell is not None:
                below = "note" if line > self._tab.header else "line"
                self._write(line, place, cell, "head" if last else below)
        if last:
            self._sheet.write_string(line, self._reason, REASON, self._look["trouble_head"])

    def add(self, row: RefusedRow) -> None:
        """The next refused row."""
        for place in range(min(self._reason, max(len(row.cells), *row.edits.keys(), 0) + 1)):
            cell = row.edits.get(place, row.cells[place] if place < len(row.cells) else None)
            if cell is not None:
                self._write(self._line, place, cell, "text")
        self._sheet.write_string(self._line, self._reason, row.reason[: sheets.LONGEST], self._look["trouble"])
        self._line += 1

    def _write(self, line: int, place: int, cell: Cell, style: str) -> None:
        number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
        if number and self._tab.columns.get(place) in CODES:
            cell = text_of(cell)
        sheets.write(self._sheet, line, place, cell, self._look, style)


def _notes(tab: Tab) -> int:
    """How many rows of notes the own template has below its header."""
    below = tab.head.top[tab.header + 1 :]
    noted = (any(isinstance(cell, str) and cell.startswith(NOTE) for cell in cells) for cells in below)
    return len(list(takewhile(bool, noted)))


def _place_of_reason(tab: Tab) -> int:
    """The column after the last one, or the one that an earlier result file of this kind has added."""
    top = tab.head.top
    heading = top[tab.header] if 0 <= tab.header < len(top) else ()
    if REASON in heading:
        return heading.index(REASON)
    return max([1, *(len(cells) for cells in top), *(place + 1 for place in tab.columns)])


def _name(book: Any, name: str) -> str:
    """A name that a sheet may have and none of the book has yet."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]+", " ", name)[:28].strip("' ")
    plain = "Sheet" if plain.lower() in ("", "history") else plain  # Excel keeps that name for itself
    used = {sheet.get_name().lower() for sheet in book.worksheets()}
    found, nth = plain, 1
    while found.lower() in used:
        nth += 1
        found = f"{plain[:25]} {nth}"
    return found

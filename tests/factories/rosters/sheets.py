"""Sheets of cells, and the lines of pupils set into them under their headings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from tests.factories.rosters.lines import Cell, Line

Row = list[Cell]
SEVERAL = 3
"""Sheets over which a list is spread, where it is spread."""
SIGNATURES = (
    "ลงชื่อ........................................ผู้ให้ข้อมูล",
    "(........................................)",
    "ลงชื่อ........................................ผู้รับรองข้อมูล",
    "ตำแหน่ง ผู้อำนวยการสถานศึกษา",
)


@dataclass(frozen=True)
class Column:
    """A column: its heading, the field whose cells it holds or else what stands in each row, the heading above."""

    heading: str
    field: str = ""
    filler: Cell = None
    group: str = ""


@dataclass
class Sheet:
    """Cells as they are written. merged: (first row, first column, last row, last column), from 0."""

    name: str
    rows: list[Row] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    lines: list[tuple[int, Line]] = field(default_factory=list)
    """(place of the row from 0, its line)"""


@dataclass(frozen=True)
class Table:
    """What stands above the list, and its columns; a heading of two rows where columns have a group."""

    above: list[Row]
    columns: Sequence[Column]
    page: int = 0
    """Lines between repeated headings; 0: one heading at the top."""

    def sheets(self, name: str, lines: Sequence[Line], quirks: Collection[str]) -> list[Sheet]:
        """The lines in one sheet, or in several between others that hold no list."""
        if "mixed_sheets" not in quirks:
            return [self._sheet(name, lines, quirks)]
        size = -(-len(lines) // SEVERAL)
        parts = [lines[start : start + size] for start in range(0, len(lines), size)]
        found = [Sheet("คำชี้แจง", [["รายชื่อนักเรียนแยกตามแผ่นงาน"], [], ["พิมพ์จากระบบ"]])]
        found += [self._sheet(f"{name} {place}", part, quirks) for place, part in enumerate(parts, start=1)]
        # A hidden sheet holds what the schools worked with; it is not theirs to send.
        old = self._sheet("เดิม", lines[:3], ())
        old.hidden, old.lines = True, []
        return [*found, old, Sheet("ว่าง")]

    def _sheet(self, name: str, lines: Sequence[Line], quirks: Collection[str]) -> Sheet:
        sheet = Sheet(name, [list(row) for row in self.above])
        self._heading(sheet)
        page = self.page or (12 if "repeated_header" in quirks else 0)
        for place, line in enumerate(lines):
            if page and place and place % page == 0:
                sheet.rows += [list(row) for row in self.above] if self.page else []
                self._heading(sheet)
            if "blank_rows" in quirks and place and place % 8 == 0:
                sheet.rows += [[], [None] * 3]
            sheet.lines.append((len(sheet.rows), line))
            sheet.rows.append([self._cell(column, line, place) for column in self.columns])
        if "merged_cells" in quirks:
            self._merge(sheet)
        if "signatures" in quirks:
            sheet.rows += [[], *([None, text] for text in SIGNATURES)]
        return sheet

    def _heading(self, sheet: Sheet) -> None:
        at = len(sheet.rows)
        if not any(column.group for column in self.columns):
            sheet.rows.append([column.heading for column in self.columns])
            return
        upper: Row = [None] * len(self.columns)
        lower: Row = [None] * len(self.columns)
        starts = [
            place
            for place, column in enumerate(self.columns)
            if not column.group or not place or column.group != self.columns[place - 1].group
        ]
        for start, end in zip(starts, [*starts[1:], len(self.columns)], strict=True):
            group = self.columns[start].group
            upper[start] = group or self.columns[start].heading
            if not group:
                sheet.merged.append((at, start, at + 1, start))
                continue
            lower[start:end] = [column.heading for column in self.columns[start:end]]
            if end - start > 1:
                sheet.merged.append((at, start, at, end - 1))
        sheet.rows += [upper, lower]

    def _cell(self, column: Column, line: Line, place: int) -> Cell:
        if column.field:
            return line.cells.get(column.field)
        return place + 1 if column.filler == "#" else column.filler

    def _merge(self, sheet: Sheet) -> None:
        """Merge the cells of a grade that stand right below each other: only the first one holds it."""
        place = next(n for n, column in enumerate(self.columns) if column.field == "grade")
        stretches = groupby(enumerate(sheet.lines), key=lambda one: (one[1][0] - one[0], sheet.rows[one[1][0]][place]))
        for _, stretch in [(key, list(group)) for key, group in stretches]:
            rows = [at for _, (at, _) in stretch]
            if len(rows) < 2:
                continue
            sheet.merged.append((rows[0], place, rows[-1], place))
            for _, (at, line) in stretch[1:]:
                sheet.rows[at][place] = None
                line.repairs.append(("grade", "merged"))

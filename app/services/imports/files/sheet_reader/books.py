"""Workbooks, read by calamine: no macro runs, a formula gives the value stored beside it, no link is followed."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from app.services.imports.files.sheet_reader import ods
from app.services.imports.files.sheet_reader.refusing import (
    MOST_FILLED,
    MOST_FILLED_CHARACTERS,
    MOST_SHEETS,
    Limits,
    Refusal,
)
from app.services.imports.files.sheet_reader.sheets import Line, Sheet

Span = tuple[int, int, int, int]
Range = tuple[tuple[int, int], tuple[int, int]]
Parsed = tuple[int, SheetMetadata, CalamineSheet]
"""A sheet's place in its workbook, what is told of it, and its cells."""


def read_book(path: Path, kind: str, limits: Limits) -> list[Sheet]:
    """All sheets of a workbook. Raises Refusal; calamine's own errors mean a damaged file."""
    if kind == "xls":
        return [_sheet(*one, limits) for one in _parsed(path)]
    from app.services.imports.files.sheet_reader.zips import check

    # Beside each other, for calamine needs no lock of Python's: what the check refuses ends the process at once, and
    # a parser that ran out of memory before the check was through has it repeated, see `program.diagnose`.
    found: list[list[Parsed]] = []
    failed: list[BaseException] = []

    def parse() -> None:
        try:
            found.append(_parsed(path))
        except BaseException as error:
            failed.append(error)

    parser = threading.Thread(target=parse, daemon=True)
    parser.start()
    check(path, limits)
    merged = ods.merged_cells(path) if kind == "ods" else []
    parser.join()
    for error in failed:
        raise error
    return [_sheet(*each, limits, merged) for each in found[0]]


def _parsed(path: Path) -> list[Parsed]:
    """The sheets that hold cells: no charts, no macros."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    except PasswordError as error:
        raise Refusal("password") from error
    if len(book.sheets_metadata) > MOST_SHEETS:
        raise Refusal("sheets", most=MOST_SHEETS)
    return [
        (index, about, book.get_sheet_by_index(index))
        for index, about in enumerate(book.sheets_metadata)
        if about.typ == SheetTypeEnum.WorkSheet
    ]


def _sheet(
    index: int, about: SheetMetadata, cells: CalamineSheet, limits: Limits, of_ods: Sequence[Sequence[ods.Merged]] = ()
) -> Sheet:
    """of_ods: the merged cells of every sheet, where calamine does not tell them."""
    hidden = about.visible != SheetVisibleEnum.Visible
    if cells.start is None or cells.end is None:
        return Sheet(index, about.name, 0, lambda: iter(()), hidden)
    last_row, last_column = cells.end
    if last_row >= limits.rows:
        raise Refusal("rows", most=limits.rows, sheet=index + 1)
    if last_column >= limits.columns:
        raise Refusal("columns", most=limits.columns, sheet=index + 1)
    first_column = cells.start[1]
    merged = ods.ranges(of_ods[index], last_row, last_column) if index < len(of_ods) else cells.merged_cell_ranges or ()
    spans = _spans(merged, last_row, last_column)

    def lines() -> Iterator[Line]:
        plain = _plain(cells, first_column)
        return _with_merged(plain, spans, limits) if spans else plain

    return Sheet(index, about.name, last_row + 1, lines, hidden, tuple(spans))


def _spans(merged: Iterable[Range], last_row: int, last_column: int) -> list[Span]:
    """Merged ranges as far as the sheet is used, from the top. Refuses what would fill too many cells."""
    found = []
    left = MOST_FILLED
    for (top, first), (bottom, last) in merged:
        span = (top, first, min(bottom, last_row), min(last, last_column))
        if span[2] < top or span[3] < first:
            continue
        left -= (span[2] - top + 1) * (span[3] - first + 1)
        if left < 0:
            raise Refusal("merged", most=MOST_FILLED)
        found.append(span)
    return sorted(found)


def _plain(cells: CalamineSheet, first_column: int) -> Iterator[Line]:
    # Rows begin at the top of the sheet, their cells at the first used column.
    before: list[object] = [None] * first_column
    for number, row in enumerate(cells.iter_rows()):
        yield number, [*before, *row] if before else list(row), []


def _with_merged(lines: Iterator[Line], spans: list[Span], limits: Limits) -> Iterator[Line]:
    """Every cell of a merged range with the value of its first. Refuses what would repeat too much text."""
    left = MOST_FILLED_CHARACTERS
    ahead = spans[::-1]
    open_now: list[tuple[Span, object]] = []
    for number, cells, _ in lines:
        while ahead and ahead[-1][0] <= number:
            span = ahead.pop()
            open_now.append((span, cells[span[1]]))
        filled = []
        for (top, first, _bottom, last), value in open_now:
            if value in ("", None):
                continue
            places = [place for place in range(first, last + 1) if (number, place) != (top, first)]
            left -= len(places) * (min(len(value), limits.cell) if isinstance(value, str) else 1)
            if left < 0:
                raise Refusal("merged", most=MOST_FILLED)
            for place in places:
                cells[place] = value
            filled += places
        open_now = [one for one in open_now if one[0][2] > number]
        yield number, cells, filled

"""Rosters and findings as CSV: UTF-8 with a BOM, one line for each row, streamed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from app.fabmongo.safe_text import formula_safe
from app.reports.csv import BOM
from app.reports.rosters.columns import Cell, cell, own_columns
from app.reports.rosters.rows import Pupil, RosterHead

PIECE = 200
"""Rows of one piece of text."""


def roster(head: RosterHead, pupils: Iterable[Pupil]) -> Iterator[str]:
    """Pieces of the file, with the columns and words of the own layout."""
    columns = own_columns(head)
    names = {school.code: school.name for school in head.schools}
    rows = ([cell(pupil, column.field, names) for column in columns] for pupil in pupils)
    return pieces([column.label for column in columns], rows)


def pieces(heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Pieces of a file: BOM and heading, then the rows; a text that a spreadsheet would run is guarded."""
    out = io.StringIO()
    writer = csv.writer(out)
    out.write(BOM)
    writer.writerow(heading)
    for number, row in enumerate(rows, start=1):
        writer.writerow([formula_safe(value) if isinstance(value, str) else _number(value) for value in row])
        if number % PIECE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _number(value: float | None) -> str:
    """A number without a fraction of nothing: 21.5, but 118."""
    return "" if value is None else f"{value:g}" if float(f"{value:g}") == value else repr(value)

"""Merged cells of OpenDocument spreadsheets, which calamine does not tell: read from the markup, piece by piece."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from app.services.imports.files.sheet_reader.refusing import MOST_FILLED, Refusal

_CHUNK = 256 * 1024
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_ROWS_SPANNED, _COLUMNS_SPANNED = f"{_TABLE}number-rows-spanned", f"{_TABLE}number-columns-spanned"
_ROWS_REPEATED, _COLUMNS_REPEATED = f"{_TABLE}number-rows-repeated", f"{_TABLE}number-columns-repeated"

Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last (row, column) of merged cells, counted from 0; as calamine gives those of other workbooks."""


class Merged(NamedTuple):
    """A merged cell: where it begins, how far it reaches, and how many such rows and cells stand side by side."""

    row: int
    column: int
    height: int
    width: int
    rows: int
    columns: int


def merged_cells(path: Path) -> list[list[Merged]]:
    """The merged cells of each table, in the order of the tables. The zip must have been checked.

    Raises Refusal on entities, on what is no XML, and on more merged cells than may be filled.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.EntityDeclHandler = _no_entities
    try:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
            while chunk := content.read(_CHUNK):
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, KeyError, ValueError) as error:
        raise Refusal("damaged") from error
    return reader.tables


def ranges(merged: Sequence[Merged], last_row: int, last_column: int) -> Iterator[Range]:
    """Every merged range that begins in the used part of a sheet."""
    for cell in merged:
        for row in range(cell.row, min(cell.row + cell.rows, last_row + 1)):
            for step in range(cell.columns):
                column = cell.column + step
                if column > last_column:
                    break
                yield (row, column), (row + cell.height - 1, column + cell.width - 1)


def _no_entities(*_declared: object) -> None:
    raise Refusal("damaged")


def _count(told: Mapping[str, str], name: str) -> int:
    """How many, 1 where nothing is said. Raises ValueError on what is no number."""
    if name not in told:
        return 1
    if (count := int(told[name])) < 1:
        raise ValueError(name)
    return count


class _Reader:
    """Follows rows and cells; only those of the outermost tables count."""

    def __init__(self) -> None:
        self.tables: list[list[Merged]] = []
        self._depth = self._kept = 0
        self._row = self._rows = self._column = 0

    def start(self, name: str, told: Mapping[str, str]) -> None:
        if not name.startswith(_TABLE):
            return
        kind = name.removeprefix(_TABLE)
        if kind == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self._row = self._rows = 0
        elif self._depth != 1:
            return
        elif kind == "table-row":
            self._row, self._column = self._row + self._rows, 0
            self._rows = _count(told, _ROWS_REPEATED)
        elif kind in ("table-cell", "covered-table-cell"):
            self._cell(told)

    def end(self, name: str) -> None:
        if name == f"{_TABLE}table":
            self._depth -= 1

    def _cell(self, told: Mapping[str, str]) -> None:
        repeated = _count(told, _COLUMNS_REPEATED)
        height, width = _count(told, _ROWS_SPANNED), _count(told, _COLUMNS_SPANNED)
        if height > 1 or width > 1:
            self._kept += 1
            if self._kept > MOST_FILLED:
                raise Refusal("merged", most=MOST_FILLED)
            self.tables[-1].append(Merged(self._row, self._column, height, width, self._rows, repeated))
        self._column += repeated

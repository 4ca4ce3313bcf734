"""Cells as lines of JSON: the heads of all sheets first, then batches of rows, each of a bounded size."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, BinaryIO

from app.services.imports.files.sheet_reader.refusing import (
    MOST_HEAD,
    MOST_HEAD_CELLS,
    MOST_OUTPUT,
    Limits,
    Refusal,
)
from app.services.imports.files.sheet_reader.sheets import Sheet

BATCH = 128 * 1024
"""Characters after which a batch of rows is written."""
MOST_IN_BATCH = 1000
MOST_MERGED_IN_HEAD = 5000
_EMPTY = len("null,")


def _plain(value: object) -> object:
    """What JSON has no word for: a day as {"d": …}, an hour or a duration as text."""
    if isinstance(value, datetime):
        value = value.date()
    return {"d": value.isoformat()} if isinstance(value, date) else str(value)


_settings: dict[str, Any] = {
    "ensure_ascii": False, "check_circular": False, "allow_nan": False, "separators": (",", ":"), "default": _plain,
}  # fmt: skip
_encode: Callable[[object], str] = json.JSONEncoder(**_settings).encode


class Writer:
    """Writes to `out`; refuses what would grow beyond the limits."""

    def __init__(self, out: BinaryIO, limits: Limits) -> None:
        self._out = out
        self._limits = limits
        self._written = 0
        self._cells = self._characters = 0

    def heads(self, kind: str, note: str, sheets: list[Sheet]) -> None:
        """One line for the file, then one for each sheet with its first rows."""
        self._line(_encode({"kind": kind, "note": note, "sheets": len(sheets)}))
        left, cells_left = MOST_HEAD, MOST_HEAD_CELLS
        for sheet in sheets:
            head = self._head(sheet)
            cells_left -= sum(len(row) - row.count(None) for row in head["top"])
            text = _encode(head)
            left -= len(text)
            if left < 0 or cells_left < 0:
                raise Refusal("memory")
            self._line(text)
        self._out.flush()

    def _head(self, sheet: Sheet) -> dict[str, Any]:
        top: list[list[object]] = [[]] * min(self._limits.head_rows, sheet.rows)
        for number, cells, _ in sheet.lines():
            if number >= len(top):
                break
            top[number] = [self._cell(cell) for cell in cells]
        near = [span for span in sheet.merged if span[0] < self._limits.head_rows][:MOST_MERGED_IN_HEAD]
        return {
            "index": sheet.index, "name": sheet.name[:200], "rows": sheet.rows, "hidden": sheet.hidden, "top": top,
            "merged": near,
        }  # fmt: skip

    def rows(self, sheet: Sheet) -> None:
        """The rows of a sheet that hold anything: {"s": sheet, "n": numbers, "r": [cells], "f": {place: filled}}."""
        numbers: list[int] = []
        texts: list[str] = []
        filled: dict[int, list[int]] = {}
        size = 0
        for number, cells, places in sheet.lines():
            row = [None if cell == "" else cell for cell in cells]
            nones = row.count(None)
            if nones == len(row):
                continue
            if places:
                filled[len(numbers)] = places
            text = self._row(row)
            self._count(len(row) - nones, len(text) - nones * _EMPTY)
            numbers.append(number)
            texts.append(text)
            size += len(text)
            if size > BATCH or len(texts) >= MOST_IN_BATCH:
                self._batch(sheet.index, numbers, texts, filled)
                numbers, texts, filled, size = [], [], {}, 0
        if texts:
            self._batch(sheet.index, numbers, texts, filled)

    def end(self) -> None:
        self._line('{"end":true}')
        self._out.flush()

    def refuse(self, refusal: Refusal) -> None:
        """The last line: why not."""
        try:
            self._out.write(_encode({"no": refusal.code, "numbers": refusal.numbers}).encode() + b"\n")
            self._out.flush()
        except OSError:
            pass  # nobody reads any more

    def _batch(self, index: int, numbers: list[int], texts: Iterable[str], filled: dict[int, list[int]]) -> None:
        rest = f',"f":{_encode(filled)}' if filled else ""
        self._line(f'{{"s":{index},"n":{_encode(numbers)},"r":[{",".join(texts)}]{rest}}}')

    def _count(self, cells: int, characters: int) -> None:
        """A file of a few bytes can say that a text stands in every cell: what comes out is bounded as what goes in."""
        self._cells += cells
        self._characters += characters
        if self._cells > self._limits.cells:
            raise Refusal("cells", most=self._limits.cells)
        if self._characters > self._limits.characters:
            raise Refusal("characters", most=self._limits.characters)

    def _row(self, row: list[object]) -> str:
        try:
            text = _encode(row)
        except ValueError:  # a number that is none
            return _encode([self._cell(cell) for cell in row])
        # A row shorter than one long cell holds none: the cells need no look of their own.
        return text if len(text) <= self._limits.cell else _encode([self._cell(cell) for cell in row])

    def _cell(self, cell: object) -> object:
        if isinstance(cell, str):
            # One character more than the limit tells the rules that there was more; they refuse such a cell.
            return (cell[: self._limits.cell] + "…" if len(cell) > self._limits.cell else cell) or None
        if isinstance(cell, float) and cell - cell != 0:
            return None
        return cell

    def _line(self, text: str) -> None:
        # A text may hold half a pair of UTF-16; JSON in UTF-8 cannot.
        data = text.encode("utf-8", "replace") + b"\n"
        self._written += len(data)
        if self._written > MOST_OUTPUT:
            raise Refusal("memory")
        self._out.write(data)

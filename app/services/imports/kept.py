"""What is kept of a file that was read, so that no page reads it again: the beginnings of its sheets, and its cells.

Both are packed: JSON in pieces of a bounded size, compressed. They go together with the rows of the import.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from bson import Binary
from pymongo import ReplaceOne
from pymongo.client_session import ClientSession

from app.documents.imports import ImportCells, ImportHead
from app.rules.imports.terms import Cell, SheetHead

Raw = dict[str, Any]
Cells = tuple[Cell, ...]

LONGEST_KEPT = 300
"""Characters of a cell of a beginning; of a longer text nobody needs more to say what its column is."""
MOST_HEAD_CELLS, MOST_HEAD_CHARACTERS = 60_000, 1_000_000
"""Of the beginnings of all sheets together: a page holds them all."""
HEAD_SIZES = ((60, LONGEST_KEPT), (40, 200), (20, 200), (10, 100), (5, 60), (2, 20))
"""Rows kept of a sheet and characters of a cell: the first of them that all sheets together allow."""
PIECE = 500_000
"""Characters after which a new piece of cells begins; a single row may make it longer."""


def keep_heads(run: Any, heads: Sequence[SheetHead]) -> None:
    """Keep the beginnings of the sheets of a run in place of those kept before."""
    told = [_told(head) for head in heads if head.rows]
    for most, longest in HEAD_SIZES:
        for one in told:
            one["top"] = [[_short(cell, longest) for cell in cells] for cells in one["top"][:most]]
        if _fits(told):
            break
    changes = [
        ReplaceOne({"_id": f"{run}/{one['index']}"}, {"run": run, "index": one["index"], "data": _packed([one])}, True)
        for one in told
    ]
    if changes:
        ImportHead._get_collection().bulk_write(changes, ordered=False)


def heads_of(run: Any) -> list[SheetHead]:
    """The beginnings of the sheets of a run in their order; none where it was read before they were kept."""
    found = ImportHead._get_collection().find({"run": run}).sort("index", 1)
    return [_head(told) for row in found for told in _unpacked(row["data"])]


class Packer:
    """Packs the cells of rows as they come, so that a chunk of large rows is never whole in memory."""

    def __init__(self, run: Any) -> None:
        self._run = run
        self._pieces: list[Raw] = []
        self._open: Raw | None = None
        self._stream = zlib.compressobj(1)
        self._parts: list[bytes] = []
        self._size = 0
        self.characters = 0
        """Of all that was added."""

    def add(self, sheet: int, number: int, cells: Cells) -> None:
        """The next row, later in the file than those before."""
        if self._open is None or self._open["sheet"] != sheet or self._size > PIECE:
            self._close()
            self._open = {"run": self._run, "sheet": sheet, "first": number}
        text = json.dumps([number, cells], ensure_ascii=False, separators=(",", ":"), default=_day) + "\n"
        self._open["last"] = number
        self._size += len(text)
        self.characters += len(text)
        self._parts.append(self._stream.compress(text.encode("utf-8", "replace")))

    def pieces(self) -> list[Raw]:
        """What was added, as it is stored."""
        self._close()
        return self._pieces

    def _close(self) -> None:
        if self._open is not None:
            data = b"".join([*self._parts, self._stream.flush()])
            self._pieces.append({**self._open, "data": Binary(data)})
        self._open, self._stream, self._parts, self._size = None, zlib.compressobj(1), [], 0


def store_cells(pieces: Sequence[Raw], session: ClientSession) -> None:
    """Store packed cells in the transaction of their rows."""
    if pieces:
        ImportCells._get_collection().insert_many(pieces, session=session)


class KeptCells:
    """The cells of a run, asked for in the order of the file: one piece of them is in memory at a time."""

    def __init__(self, run: Any) -> None:
        self._pieces = iter(ImportCells._get_collection().find({"run": run}).sort([("sheet", 1), ("first", 1)]))
        self._end = (-1, -1)
        self._sheet = -1
        self._rows: dict[int, Cells] = {}

    def at(self, sheet: int, number: int) -> Cells | None:
        """The cells of a row counted from 0; None where none are kept of it."""
        while self._end < (sheet, number):
            piece = next(self._pieces, None)
            if piece is None:
                self._rows, self._end = {}, (sheet, number)
                break
            self._sheet, self._end = piece["sheet"], (piece["sheet"], piece["last"])
            if self._end >= (sheet, number):
                self._rows = {row: tuple(cells) for row, cells in _unpacked(piece["data"])}
        return self._rows.get(number) if self._sheet == sheet else None


def remove_kept(run: Any, session: ClientSession | None = None, *, heads: bool = True) -> None:
    """Remove the cells of a run and, unless it is read again, the beginnings of its sheets."""
    ImportCells._get_collection().delete_many({"run": run}, session=session)
    if heads:
        ImportHead._get_collection().delete_many({"run": run}, session=session)


def _told(head: SheetHead) -> Raw:
    return {
        "index": head.index, "name": head.name, "rows": head.rows, "hidden": head.hidden, "merged": list(head.merged),
        "top": head.top,
    }  # fmt: skip


def _short(cell: Cell, longest: int) -> Cell:
    return f"{cell[:longest]}…" if isinstance(cell, str) and len(cell) > longest + 1 else cell


def _fits(told: Sequence[Raw]) -> bool:
    cells = characters = 0
    for one in told:
        for row in one["top"]:
            filled = [cell for cell in row if cell is not None]
            cells += len(filled)
            characters += sum(len(cell) for cell in filled if isinstance(cell, str))
    return cells <= MOST_HEAD_CELLS and characters <= MOST_HEAD_CHARACTERS


def _head(told: Raw) -> SheetHead:
    return SheetHead(
        index=told["index"], name=told["name"], top=tuple(tuple(row) for row in told["top"]), rows=told["rows"],
        merged=tuple((top, first, bottom, last) for top, first, bottom, last in told["merged"]), hidden=told["hidden"],
    )  # fmt: skip


def _packed(rows: Sequence[Any]) -> Binary:
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_day) for row in rows)
    return Binary(zlib.compress("\n".join(lines).encode("utf-8", "replace"), 1))


def _unpacked(data: bytes) -> Iterator[Any]:
    for line in zlib.decompress(data).split(b"\n"):
        if line:
            yield json.loads(line, object_hook=_as_day)


def _day(value: object) -> Raw:
    if isinstance(value, date):
        return {"d": value.isoformat()}
    raise TypeError(type(value).__name__)


def _as_day(found: Raw) -> Any:
    return date.fromisoformat(found["d"]) if len(found) == 1 and "d" in found else found

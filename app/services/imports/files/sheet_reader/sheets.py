"""What every kind of file is turned into: sheets that give their lines one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Line = tuple[int, list[object], list[int]]
"""Number of the row from 0, its cells, and the places that were filled from a merged cell."""


@dataclass
class Sheet:
    """rows: number of the last row with anything, plus one. lines: begins anew at each call; may skip empty rows.

    note: how a text was read; empty for workbooks.
    """

    index: int
    name: str
    rows: int
    lines: Callable[[], Iterator[Line]]
    hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()
    note: str = ""

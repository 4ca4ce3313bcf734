"""Why a file cannot be read: a code and numbers, never anything that stands in the file."""

from __future__ import annotations

from dataclasses import dataclass


class Refusal(Exception):
    """code: a key of the parent's `reading_problems.TEXTS`; numbers fill in its sentence."""

    def __init__(self, code: str, **numbers: int) -> None:
        super().__init__(code)
        self.code = code
        self.numbers = numbers


@dataclass(frozen=True)
class Limits:
    """Bounds of one reading, as the parent gives them. Sizes in bytes, cpu in seconds.

    cell: characters of one cell. cells, characters: of all that is told of a file.
    """

    unpacked: int
    rows: int
    columns: int
    memory: int
    cpu: int
    cell: int
    cells: int
    characters: int
    head_rows: int


MOST_SHEETS = 100
MOST_ENTRIES = 5_000
"""Parts of a zipped file."""
MOST_FILLED = 500_000
"""Cells that take the value of the merged cell they lie in, over the whole file."""
MOST_FILLED_CHARACTERS = 10_000_000
"""Characters of those cells together: one long text must not be told half a million times."""
MOST_HEAD = 4_000_000
"""Characters of all first rows together."""
MOST_HEAD_CELLS = 300_000
"""Filled cells of all first rows together."""
MOST_OUTPUT = 1024**3

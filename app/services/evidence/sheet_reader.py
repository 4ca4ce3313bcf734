"""A program of its own that reads the first sheet of a workbook from its input and writes its cells as JSON.

A workbook of a few thousand bytes can ask for any amount of memory: one cell in the last row and column is enough, and
the reader then ends its process. So it has a process that may end, with limits on memory and time.
"""

import io
import json
import resource
import sys

from python_calamine import CalamineWorkbook

MOST_MEMORY = 768 * 1024 * 1024
MOST_SECONDS = 20
MOST_COLUMNS = 60
LONGEST_CELL = 300


def main() -> None:
    """Arguments: the most rows to write. Numbers and texts stay what they are, all else becomes text."""
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: MOST_SECONDS, resource.RLIMIT_AS: MOST_MEMORY}
    for what, most in limits.items():
        hard = resource.getrlimit(what)[1]
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (wanted, wanted))
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=int(sys.argv[1]))
    json.dump([[_plain(cell) for cell in row[:MOST_COLUMNS]] for row in rows], sys.stdout)


def _plain(cell: object) -> object:
    return cell if isinstance(cell, (int, float)) else str(cell)[:LONGEST_CELL]


if __name__ == "__main__":
    main()

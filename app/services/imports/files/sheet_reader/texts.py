"""Text files: their encoding and separator are found by what stands in them, then they are read line by line."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from app.services.imports.files.sheet_reader.refusing import Limits, Refusal
from app.services.imports.files.sheet_reader.sheets import Line, Sheet

SEPARATORS = (",", ";", "\t", "|")
_SAYS = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE = 100
_CHUNK = 1024 * 1024
_MOST_WIDTH = 5_000
"""Lines and columns looked at to find the separator; no honest table is wider."""


def read_text(path: Path, limits: Limits) -> Sheet:
    """The one sheet of a text file. Raises Refusal "rows", "columns" or "quote" (a quotation mark without its end)."""
    encoding, said = encoding_of(path)
    separator, skipped = _separator(path, encoding)

    def lines() -> Iterator[Line]:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            reader = csv.reader(_without_zeros(itertools.islice(file, skipped, None)), delimiter=separator)
            for number, row in enumerate(reader, start=skipped):
                yield number, list(row[: limits.columns]), []

    rows = _measure(path, encoding, separator, skipped, limits)
    return Sheet(0, "CSV", rows, lines, note=f"{said}, {_NAMES.get(separator, separator)}")


def encoding_of(path: Path) -> tuple[str, str]:
    """(name for Python, name for people). UTF-8 where the bytes are it, but for stray ones; else Windows-874."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", "UTF-8"
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", "UTF-16"
    zeros = head[0::2].count(0), head[1::2].count(0)
    if max(zeros) > len(head) * 0.1 and min(zeros) < max(zeros) * 0.05:
        return ("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"), "UTF-16"
    with path.open("rb") as file:
        return ("utf-8", "UTF-8") if is_utf8(file) else ("cp874", "Windows-874 (TIS-620)")


def is_utf8(file: IO[bytes]) -> bool:
    """Whether the rest of a file is UTF-8, a few broken characters allowed."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    wrong = wide = 0
    while chunk := file.read(_CHUNK):
        if chunk.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(chunk)
        wrong += text.count("\ufffd")
        wide += len(chunk) - len(text)
    # A character of Thai loses two bytes on its way; text of Windows-874 loses none and is wrong everywhere.
    return wrong * 50 <= wide


def _without_zeros(lines: Iterable[str]) -> Iterator[str]:
    return (line.replace("\0", "") for line in lines)


def _separator(path: Path, encoding: str) -> tuple[str, int]:
    """(separator, lines above the table): said by Excel's "sep=;", else the one that cuts most lines alike."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = list(_without_zeros(file.readline(_CHUNK) for _ in range(_SAMPLE)))
    if said := _SAYS.match(sample[0]):
        return said[1], 1
    return max(SEPARATORS, key=lambda one: _evenness(sample, one)), 0


def _evenness(sample: list[str], separator: str) -> int:
    try:
        widths = [len(row) for row in csv.reader((line for line in sample if line), delimiter=separator)]
    except csv.Error:
        return 0
    return max((rows * (width - 1) for width, rows in Counter(widths).items() if width <= _MOST_WIDTH), default=0)


def _measure(path: Path, encoding: str, separator: str, skipped: int, limits: Limits) -> int:
    """Number of rows. Refuses too many rows or columns, and a quotation mark that swallows the rest of the file."""
    kept: list[str] = []
    number, rows = skipped, 0
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        reader = csv.reader(_kept(_without_zeros(itertools.islice(file, skipped, None)), kept), delimiter=separator)
        first = last = 1
        ending: list[str] = []
        try:
            for row in reader:
                number += 1
                if any(row):
                    rows = number
                if rows > limits.rows:
                    raise Refusal("rows", most=limits.rows)
                if len(row) > limits.columns and any(row[limits.columns :]):
                    raise Refusal("columns", most=limits.columns, sheet=1)
                last, first = first, reader.line_num + 1
                if len(kept) > 1:
                    _ends(kept, separator, last + skipped)
                ending = kept.copy()
                kept.clear()
            _ends(ending, separator, last + skipped)
        except csv.Error as error:
            raise Refusal("quote", line=first + skipped) from error
    return rows


def _kept(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


def _ends(kept: list[str], separator: str, line: int) -> None:
    """Refuse a row of several lines whose last quotation mark is missing."""
    try:
        for _ in csv.reader(kept, delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        if "end of data" in str(error):
            raise Refusal("quote", line=line) from error

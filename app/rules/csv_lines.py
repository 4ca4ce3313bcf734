"""Reads a CSV of people's making line by line, so that one broken line is refused and the others go in."""

import csv
import re
from collections.abc import Iterator, Sequence

from app.errors import Problem

Cells = dict[str, str]

_NOT_UTF8 = re.compile("[\udc80-\udcff\x00]")
_OTHER_FILES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\xff\xfe", b"\xfe\xff")


class RefusedCell(Exception):
    """One line cannot be taken. column: "" where the whole line is at fault; th, en: why."""

    def __init__(self, column: str, value: str, th: str, en: str) -> None:
        super().__init__(column, th, en)
        self.column, self.th, self.en = column, th, en
        self.value = _NOT_UTF8.sub("\ufffd", value)[:80]


class CsvLines:
    """A decoded file: `header` (lower-case names) and the data lines as (line number, text); the header is line 1.

    Raises Problem where the file as a whole is no use: empty, no rows, not UTF-8 text, or a column missing or doubled.
    """

    def __init__(self, raw: bytes, columns: Sequence[str]) -> None:
        lines = _decode(raw)
        self.header = _header(lines[0][1], columns)
        self._lines = lines[1:]
        if not self._lines:
            raise Problem("ไฟล์มีแต่หัวตาราง ไม่มีข้อมูล", "The file has a header and no rows.")
        if len(self._lines) > 1 and all(_NOT_UTF8.search(line) for _, line in self._lines):
            raise _wrong_encoding()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(self._lines)

    def cells(self, line: str) -> Cells:
        """The line's values by column, untrimmed. Raises RefusedCell."""
        try:
            values = next(csv.reader([line], strict=True))
        except csv.Error:
            th, en = "เครื่องหมายคำพูดในบรรทัดนี้ไม่ครบคู่", "A quotation mark in this line has no partner."
            raise RefusedCell("", line, th, en) from None
        for name, value in zip(self.header, values, strict=False):
            if _NOT_UTF8.search(value):
                th = "อ่านตัวอักษรไม่ได้ บรรทัดนี้ไม่ได้บันทึกเป็น UTF-8"
                raise RefusedCell(name, value, th, "Unreadable characters: this line is not saved as UTF-8.")
        if len(values) != len(self.header):
            th = f"มี {len(values)} ช่อง แต่หัวตารางมี {len(self.header)} ช่อง"
            raise RefusedCell("", line, th, f"{len(values)} cells, but the header has {len(self.header)}.")
        return dict(zip(self.header, values, strict=True))


def _decode(raw: bytes) -> list[tuple[int, str]]:
    """Numbered lines that are not blank; bytes that are not UTF-8 stay in as surrogates, to be refused line by line."""
    if raw.startswith(_OTHER_FILES):
        raise _wrong_encoding()
    text = raw.decode("utf-8-sig", errors="surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip(" ,\t")]
    if not lines:
        raise Problem("ไฟล์ว่างเปล่า โปรดเลือกไฟล์ CSV ที่มีข้อมูล", "The file is empty. Choose a CSV file with data.")
    return lines


def _header(line: str, columns: Sequence[str]) -> list[str]:
    if _NOT_UTF8.search(line):
        raise _wrong_encoding()
    header = [name.strip().lower() for name in next(csv.reader([line]))]
    wanted = ", ".join(columns)
    for name in columns:
        if name not in header:
            raise Problem(
                f"หัวตารางไม่มีคอลัมน์ {name} บรรทัดแรกต้องมี {wanted} คั่นด้วยจุลภาค",
                f"The header lacks {name}. The first line must name {wanted}, parted by commas.",
                name,
            )
        if header.count(name) > 1:
            raise Problem(f"หัวตารางมีคอลัมน์ {name} ซ้ำกัน", f"The header names {name} more than once.", name)
    return header


def _wrong_encoding() -> Problem:
    return Problem(
        "ไฟล์นี้ไม่ใช่ข้อความ UTF-8 โปรดบันทึกเป็น CSV UTF-8 แล้วลองใหม่",
        "This file is not UTF-8 text. Save it as CSV UTF-8 and try again.",
    )

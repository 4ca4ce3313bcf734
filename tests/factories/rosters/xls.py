"""Writes old Excel workbooks (.xls, BIFF8 in an OLE2 container): texts, numbers, dates, merged cells, hidden sheets.

Just enough of [MS-XLS] and [MS-CFB] for readers; no library writes the format any more.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

Value = str | int | float | bool | date | None
Span = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 0, the last included."""

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_DATE_FORMAT = 14
_PLAIN, _DATED = 15, 16
"""Places in the table of cell formats: fifteen of styles stand before."""


@dataclass(frozen=True)
class XlsSheet:
    name: str
    rows: Sequence[Sequence[Value]]
    merged: Sequence[Span] = ()
    hidden: bool = False


def write_xls(*sheets: XlsSheet) -> bytes:
    """The bytes of a workbook with these sheets; at most 65,536 rows and 256 columns each."""
    return compound({"Workbook": _workbook(sheets)})


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE2 file with these streams in its root, each padded to the 4,096 bytes from which they lie in sectors."""
    chains: list[tuple[str, int, int]] = []
    sectors: list[bytes] = []
    table: list[int] = []
    for name, data in streams.items():
        data = data.ljust(4096, b"\0")
        chains.append((name, len(sectors), len(data)))
        _append(sectors, table, data)
    directory = len(sectors)
    _append(sectors, table, _directory(chains))
    return _container(sectors, table, directory)


def _append(sectors: list[bytes], table: list[int], data: bytes) -> None:
    parts = [data[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(data), _SECTOR)]
    table += [len(sectors) + place + 1 for place in range(len(parts) - 1)] + [_END]
    sectors += parts


def _container(sectors: list[bytes], table: list[int], directory: int) -> bytes:
    fats = 1
    while fats * 128 < len(sectors) + fats:
        fats += 1
    assert fats <= 109, "larger files need a second table, which nothing here asks for"
    places = list(range(len(sectors), len(sectors) + fats))
    table = [*table, *[_FAT] * fats]
    table += [_FREE] * (fats * 128 - len(table))
    header = struct.pack("<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, fats,
                         directory, 0, 4096, _END, 0, _END, 0)  # fmt: skip
    header += struct.pack("<109I", *places, *[_FREE] * (109 - fats))
    return header + b"".join(sectors) + struct.pack(f"<{len(table)}I", *table)


def _directory(chains: Sequence[tuple[str, int, int]]) -> bytes:
    rows = [_entry("Root Entry", 5, _END, 0, child=1 if chains else _FREE)]
    for place, (name, start, size) in enumerate(chains, start=1):
        rows.append(_entry(name, 2, start, size, right=place + 1 if place < len(chains) else _FREE))
    while len(rows) % 4:
        rows.append(bytes(68) + struct.pack("<III", _FREE, _FREE, _FREE) + bytes(48))
    return b"".join(rows)


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE, right: int = _FREE) -> bytes:
    text = name.encode("utf-16-le")
    head = struct.pack("<64sHBBIII", text, len(text) + 2, kind, 1, _FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def _workbook(sheets: Sequence[XlsSheet]) -> bytes:
    bodies = [_sheet(sheet) for sheet in sheets]
    names = [sheet.name.encode("utf-16-le") for sheet in sheets]
    front = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    front += _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, struct.pack("<H", 0))
    front += _record(0x0031, struct.pack("<HHHHHBBBxBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 5, 0) + b"Arial")
    for place in range(17):
        code, kind = (_DATE_FORMAT if place == _DATED else 0), (1 if place >= _PLAIN else 0xFFF5)
        front += _record(0x00E0, struct.pack("<HHH14x", 0, code, kind))
    at = len(front) + sum(4 + 8 + len(name) for name in names) + 4
    for sheet, name, body in zip(sheets, names, bodies, strict=True):
        front += _record(0x0085, struct.pack("<IBBBB", at, int(sheet.hidden), 0, len(name) // 2, 1) + name)
        at += len(body)
    return front + _record(0x000A) + b"".join(bodies)


def _sheet(sheet: XlsSheet) -> bytes:
    width = max((len(row) for row in sheet.rows), default=0)
    parts = [_record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))]
    parts.append(_record(0x0200, struct.pack("<IIHHH", 0, len(sheet.rows), 0, width, 0)))
    for number, row in enumerate(sheet.rows):
        parts += [_cell(number, place, value) for place, value in enumerate(row) if value is not None]
    for at in range(0, len(sheet.merged), 1000):
        spans = sheet.merged[at : at + 1000]
        packed = b"".join(struct.pack("<HHHH", span[0], span[2], span[1], span[3]) for span in spans)
        parts.append(_record(0x00E5, struct.pack("<H", len(spans)) + packed))
    return b"".join([*parts, _record(0x000A)])


def _cell(row: int, place: int, value: Value) -> bytes:
    where = struct.pack("<HHH", row, place, _DATED if isinstance(value, date) else _PLAIN)
    if isinstance(value, bool):
        return _record(0x0205, where + struct.pack("<BB", value, 0))
    if isinstance(value, str):
        text = value.encode("utf-16-le")[:8000]
        return _record(0x0204, where + struct.pack("<HB", len(text) // 2, 1) + text)
    if isinstance(value, date):
        value = (value - date(1899, 12, 30)).days
    return _record(0x0203, where + struct.pack("<d", value))


def _record(code: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(data)) + data

"""Findings of a place as a workbook and as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import BinaryIO

import xlsxwriter

from app.clock import thai_time
from app.reports.rosters import sheets
from app.reports.rosters.delimited import pieces
from app.reports.rosters.rows import FindingRow, RosterHead
from app.reports.titles import moment
from app.thai import format_date

SHEET = "สิ่งที่ตรวจพบ"
COLUMNS = {
    "ระดับ": 14, "สถานะ": 14, "กฎ": 30, "รหัสสถานศึกษา": 16, "สถานศึกษา": 34, "นักเรียน": 28, "ช่อง": 18, "สิ่งที่พบ": 60,
    "คำชี้แจง": 36, "ผลการตรวจสอบ": 18, "ผู้ชี้แจง": 18, "ชี้แจงเมื่อ": 24, "พบเมื่อ": 24,
}  # fmt: skip
HEADER = 3


def write(out: BinaryIO, head: RosterHead, rows: Iterable[FindingRow]) -> int:
    """Write the workbook to `out` row by row; the number of findings."""
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        look = sheets.formats(book)
        sheet = book.add_worksheet(SHEET)
        sheet.write_string(0, 0, SHEET, look["title"])
        sheet.write_string(1, 0, head.name, look["line"])
        sheet.write_string(2, 0, f"ข้อมูล ณ วันที่ {format_date(head.made_on, style='long')}", look["quiet"])
        wrapped = frozenset(("กฎ", "สถานศึกษา", "สิ่งที่พบ", "คำชี้แจง"))
        return sheets.table(sheet, look, HEADER, COLUMNS, (_cells(row, moment) for row in rows), wrapped)


def stream(rows: Iterable[FindingRow]) -> Iterator[str]:
    """Pieces of the CSV; moments are ISO in Thailand's time, for programs."""
    return pieces(list(COLUMNS), (_cells(row, lambda at: thai_time(at).isoformat(timespec="minutes")) for row in rows))


def _cells(row: FindingRow, when: Callable[[datetime], str]) -> tuple[str, ...]:
    return (
        row.severity.th, row.state.th, row.rule, row.school_code, row.school, row.student, row.field, row.text,
        row.explanation, row.resolution, row.explained_by, when(row.explained_on) if row.explained_on else "",
        when(row.found_on) if row.found_on else "",
    )  # fmt: skip

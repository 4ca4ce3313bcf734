"""A count report as an Excel workbook: a sheet of areas and a sheet of schools, each by grade and sex."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import xlsxwriter

from app.enums import Caution, Grade
from app.reports import titles
from app.reports.rows import GradeCount, Head, Row

FONT = "TH Sarabun New"
"""The font Thai offices have; a machine without it shows its own Thai font."""
SUMMARY, SCHOOLS = "สรุป", "รายสถานศึกษา"
HEADER_ROW = 5
UNVERIFIED = "ในจำนวนรวม ยังไม่ตรวจสอบ (คน)"
_PARTS = ("ชาย", "หญิง", "รวม")
_AREA_COLUMNS = {
    "ระดับ": 22, "รหัส": 12, "พื้นที่": 44, "สถานศึกษา (แห่ง)": 10, "ยังไม่มีข้อมูล (แห่ง)": 12,
    "ยังไม่ตรวจสอบ (แห่ง)": 12, "ศูนย์โดยไม่มีประกาศ (แห่ง)": 14, UNVERIFIED: 14,
}  # fmt: skip
_SCHOOL_COLUMNS = {
    "จังหวัด": 20, "อำเภอ": 18, "รหัส อปท.": 11, "อปท.": 26, "รหัสสถานศึกษา": 14, "สถานศึกษา": 40, "ประเภท": 20,
    "ที่มาของจำนวน": 22, "ข้อควรทราบ": 22, UNVERIFIED: 14,
}  # fmt: skip

Cell = str | int | None
Left = Callable[[Row], list[Cell]]


def write(out: BinaryIO, head: Head, areas: Iterable[Row], schools: Iterable[Row]) -> None:
    """Write the workbook to `out`, row by row: the memory needed does not grow with the schools.

    Every text is written as a string cell, so that nothing in it can become a formula. Cells of counts that are not
    known stay empty.
    """
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        formats = _formats(book)
        summary, listed = book.add_worksheet(SUMMARY), book.add_worksheet(SCHOOLS)
        _sheet(summary, formats, head, _AREA_COLUMNS, areas, _area_cells)
        _sheet(listed, formats, head, _SCHOOL_COLUMNS, schools, lambda row: _school_cells(head, row))


def _formats(book: xlsxwriter.Workbook) -> dict[str, Any]:
    base = {"font_name": FONT, "font_size": 14, "valign": "top"}
    header = {**base, "bold": True, "bg_color": "#E7F1F3", "border": 1, "border_color": "#B9D5DB", "align": "center"}
    return {
        "title": book.add_format({**base, "bold": True, "font_size": 18}),
        "line": book.add_format(base),
        "header": book.add_format({**header, "text_wrap": True, "valign": "vcenter"}),
        "text": book.add_format({**base, "num_format": "@"}),
        "number": book.add_format({**base, "num_format": "#,##0"}),
        "total": book.add_format({**base, "num_format": "#,##0", "bold": True}),
    }


def _sheet(
    sheet: Any, formats: dict[str, Any], head: Head, columns: dict[str, int], rows: Iterable[Row], left: Left
) -> None:
    grades = head.grades
    _widths(sheet, columns, len(grades))
    for line, text in enumerate(titles.lines(head)):
        sheet.write_string(line, 0, text, formats["line" if line else "title"])
    _header(sheet, formats, list(columns), grades)
    for line, row in enumerate(rows, start=HEADER_ROW + 2):
        for column, cell in enumerate(left(row)):
            if isinstance(cell, int):
                sheet.write_number(line, column, cell, formats["number"])
            elif cell is not None:
                sheet.write_string(line, column, cell, formats["text"])
        _numbers(sheet, formats, line, len(columns), row, grades)


def _widths(sheet: Any, columns: dict[str, int], grades: int) -> None:
    for column, width in enumerate(columns.values()):
        sheet.set_column(column, column, width)
    sheet.set_column(len(columns), len(columns) + 2, 11)
    if grades:
        sheet.set_column(len(columns) + 3, len(columns) + 2 + grades * 3, 7)
    sheet.freeze_panes(HEADER_ROW + 2, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.repeat_rows(HEADER_ROW, HEADER_ROW + 1)


def _header(sheet: Any, formats: dict[str, Any], columns: list[str], grades: list[Grade]) -> None:
    """Two rows: the name of a group over its parts. Written row by row, as constant memory wants it."""
    groups = ["รวมทุกชั้น", *(grade.th for grade in grades)]
    for column in range(len(columns)):
        sheet.write_string(HEADER_ROW, column, "", formats["header"])
    for place, name in enumerate(groups):
        first = len(columns) + place * 3
        sheet.merge_range(HEADER_ROW, first, HEADER_ROW, first + 2, "", formats["header"])
        sheet.write_string(HEADER_ROW, first, name, formats["header"])
    for column, name in enumerate([*columns, *(_PARTS * len(groups))]):
        sheet.write_string(HEADER_ROW + 1, column, name, formats["header"])


def _numbers(sheet: Any, formats: dict[str, Any], line: int, first: int, row: Row, grades: list[Grade]) -> None:
    if row.male is None or row.female is None:
        return
    for place, value in enumerate((row.male, row.female, row.male + row.female)):
        sheet.write_number(line, first + place, value, formats["total"])
    by_grade: dict[Grade, GradeCount] = {count.grade: count for count in row.counts}
    for place, grade in enumerate(grades, start=1):
        if (count := by_grade.get(grade)) is not None:
            for part, value in enumerate((count.male, count.female, count.total)):
                sheet.write_number(line, first + place * 3 + part, value, formats["number"])


def _area_cells(row: Row) -> list[Cell]:
    cautions = [row.cautions.get(caution) for caution in Caution]
    return [row.level.th, row.code, row.name, row.schools, row.schools_missing, *cautions, row.unverified]


def _school_cells(head: Head, row: Row) -> list[Cell]:
    province, district, lao = head.area_names(row)
    source = row.source.th if row.source else ""
    return [
        province,
        district,
        head.lao_code(row),
        lao,
        row.code,
        row.name,
        row.kind.th if row.kind else "",
        titles.MISSING if row.missing else source,
        titles.cautions(row) or None,
        row.unverified,
    ]

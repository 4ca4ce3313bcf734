"""A count report as CSV: one line for each school and grade, streamed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from app.enums import Caution
from app.fabmongo.safe_text import formula_safe
from app.reports.rows import Head, Row
from app.reports.titles import MISSING, cautions

BOM = "\ufeff"  # without it Excel reads Thai in the wrong encoding
COLUMNS = [
    "รอบ", "ข้อมูล ณ วันที่", "จังหวัด", "อำเภอ", "รหัส อปท.", "อปท.", "รหัสสถานศึกษา", "สถานศึกษา", "ประเภท",
    "ที่มาของจำนวน", "ชั้น", "ชาย", "หญิง", "รวม", "ยังไม่ตรวจสอบ", "ข้อควรทราบ",
]  # fmt: skip


def stream(head: Head, schools: Iterable[Row]) -> Iterator[str]:
    """Pieces of the file: BOM and header, then each school's lines.

    A school without counts has one line with no grade, no numbers and the source ยังไม่มีข้อมูล; an explicit zero has one
    with 0. ยังไม่ตรวจสอบ is how many of รวม stand in an unverified count, so that each can be added up; it is empty in
    reports that did not keep it, and ข้อควรทราบ with it. The census date is ISO (Common Era), for programs.
    """
    yield BOM + _text([COLUMNS])
    for row in schools:
        yield _text(_lines(head, row))


def _lines(head: Head, row: Row) -> list[list[str | int]]:
    province, district, lao = head.area_names(row)
    start: list[str | int] = [
        head.round_code,
        head.census_date.strftime("%Y-%m-%d"),
        formula_safe(province),
        formula_safe(district),
        head.lao_code(row),
        formula_safe(lao),
        row.code,
        formula_safe(row.name),
        row.kind.th if row.kind else "",
    ]
    if row.male is None or row.female is None:
        return [[*start, MISSING, "", "", "", "", "", ""]]
    start.append(row.source.th if row.source else "")
    if not row.counts:
        return [[*start, "", 0, 0, 0, _unverified(row, 0), cautions(row)]]
    return [
        [*start, count.grade.th, count.male, count.female, count.total, _unverified(row, count.total), cautions(row)]
        for count in row.counts
    ]


def _unverified(row: Row, persons: int) -> int | str:
    if row.unverified is None:
        return ""
    return persons if Caution.UNVERIFIED in row.present else 0


def _text(lines: Iterable[Iterable[str | int]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue()

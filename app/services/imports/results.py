"""The two result files of an import: what was taken, with ids; what was not, to be mended and sent again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import xlsxwriter

from app.documents.imports import ImportRow, ImportRun, ImportSchool, ImportSheet
from app.enums import Grade, ImportDeed, ImportRowState
from app.fabmongo.labels import T
from app.reports.rosters import refused, sheets
from app.reports.rosters.refused import RefusedRow, Tab
from app.rules.imports import questions
from app.rules.imports.fields import LABELS, label
from app.rules.imports.terms import Cell, SheetHead
from app.services.imports.kept import KeptCells, heads_of
from app.services.imports.planning import storing

Raw = dict[str, Any]
Reason = tuple[str, str]
"""(Thai, English)."""

WRITTEN = "ผลการนำเข้า"
_ACCEPTED = {
    "แผ่น": 18, "แถว": 8, "ผล": 22, "รหัสใน LEC": 28, "รหัสสถานศึกษา": 16, "สถานศึกษา": 34, "นักเรียน": 34, "ชั้น": 10,
    "ช่องที่เปลี่ยน": 44,
}  # fmt: skip
_OPEN = [ImportDeed.REFUSED.value, ImportDeed.ASKED.value]
_NO_ANSWER: Reason = ("รอคำตอบของคำถามเกี่ยวกับไฟล์", "A question about the file has no answer yet")


def write_accepted(run: ImportRun, out: BinaryIO) -> None:
    """Write an XLSX of the rows that are on the roster now, with each student's id in LEC, in the order of the file.

    Rows that were the same before are among them. It holds no ID number. Whoever calls has checked that the run may be
    read.
    """
    names = {one.school_code: one.name or "" for one in ImportSchool.objects(run=run.pk)}
    tabs = {sheet.index: sheet.name or "" for sheet in run.sheets}
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book, _rows(accepted_in(run)) as rows:
        look = sheets.formats(book)
        sheet = book.add_worksheet(WRITTEN)
        sheet.write_string(0, 0, f"{WRITTEN} {run.file_name or ''}".strip(), look["title"])
        sheets.table(sheet, look, 2, _ACCEPTED, (_accepted(row, tabs, names) for row in rows))


def write_refused(run: ImportRun, out: BinaryIO) -> None:
    """Write an XLSX of the rows that were not taken, in the layout of the file itself: its header rows and its cells.

    The last column says why and what to do. What a person has put right on the page stands in place of what was typed.
    Besides refused rows: those whose question has no answer, and all of a school of which nothing could be written.
    The file itself is not read again. Whoever calls has checked that the run may be read, and that ID numbers may be
    seen.
    """
    failed = {one.school_code: (one.error_th, one.error_en or one.error_th) for one in _failed_schools(run)}
    tabs = _tabs(run)
    with _rows(refused_in(run)) as rows:
        refused.write(out, tabs, _matched(KeptCells(run.pk), rows, tabs, failed))


def rows_in(run: ImportRun, kind: str) -> int:
    """How many rows the file "accepted" or "refused" of a run holds."""
    where = accepted_in(run) if kind == "accepted" else refused_in(run)
    return ImportRow._get_collection().count_documents(where)


def accepted_in(run: ImportRun) -> Raw:
    """The filter of the rows that are on the roster now."""
    written = {"deed": {"$in": storing.WRITTEN}, "state": ImportRowState.APPLIED.value}
    return {"run": run.pk, "$or": [written, {"deed": ImportDeed.UNCHANGED.value}], "left_out": {"$ne": True}}


def refused_in(run: ImportRun) -> Raw:
    """The filter of the rows that were not taken: refused, unanswered, or of a school that failed as a whole."""
    of_school = {
        "school_code": {"$in": [one.school_code for one in _failed_schools(run)]},
        "deed": {"$in": storing.WRITTEN},
        "state": {"$nin": storing.DONE},
    }
    return {"run": run.pk, "$or": [{"deed": {"$in": _OPEN}}, of_school], "left_out": {"$ne": True}}


def _rows(where: Raw) -> Any:
    return ImportRow._get_collection().find(where).sort("n", 1)


def _failed_schools(run: ImportRun) -> Iterable[ImportSchool]:
    found: Iterable[ImportSchool] = ImportSchool.objects(run=run.pk, error_th__nin=[None, ""])
    return found


def _accepted(row: Raw, tabs: Mapping[int, str], names: Mapping[str, str]) -> tuple[sheets.Value, ...]:
    deed, grade, code = ImportDeed(row["deed"]), row.get("grade"), row.get("school_code") or ""
    changed = [label(field)[0] for field in row.get("changes") or () if deed is not ImportDeed.NEW and field in LABELS]
    return (
        tabs.get(row.get("sheet") or 0, ""), row.get("row"), deed.th, str(row.get("student") or ""), code,
        names.get(code, ""), row.get("student_name") or "", Grade(grade).th if grade else "", ", ".join(changed),
    )  # fmt: skip


def _tabs(run: ImportRun) -> dict[int, Tab]:
    heads = {head.index: head for head in heads_of(run.pk)}
    return {
        sheet.index: Tab(
            heads.get(sheet.index) or _head(sheet), sheet.header, {one.place: one.field for one in sheet.columns}
        )
        for sheet in run.sheets
    }


def _head(sheet: ImportSheet) -> SheetHead:
    """The header of a sheet of which no beginning is kept: the headings of the columns that are read."""
    headings = {one.place: one.heading or None for one in sheet.columns}
    header = tuple(headings.get(place) for place in range(max(headings, default=-1) + 1))
    return SheetHead(sheet.index, sheet.name or "", (*((),) * max(sheet.header, 0), header), 0)


def _matched(
    kept: KeptCells, rows: Iterable[Raw], tabs: Mapping[int, Tab], failed: Mapping[str, Reason]
) -> Iterator[RefusedRow]:
    """The cells of the wanted rows, all in the order of the file, so that both are gone through once."""
    for row in rows:
        sheet, number = _place(row)
        places = {field: place for place, field in tabs[sheet].columns.items()} if sheet in tabs else {}
        cells = kept.at(sheet, number)
        if cells is None:  # of a run that an earlier version read: the columns that it understood
            cells = _cells({places[field]: text for field, text in (row.get("typed") or {}).items() if field in places})
        edits = {places[field]: str(text) for field, text in (row.get("edits") or {}).items() if field in places}
        yield RefusedRow(sheet, cells, _reason(row, failed), edits)


def _cells(texts: Mapping[int, str]) -> tuple[Cell, ...]:
    return tuple(texts.get(place) for place in range(max(texts, default=-1) + 1))


def _place(row: Raw) -> tuple[int, int]:
    """(sheet, row from 0) of a stored row, which counts as people do."""
    return row.get("sheet") or 0, (row.get("row") or 0) - 1


def _reason(row: Raw, failed: Mapping[str, Reason]) -> str:
    """Every reason on a line of its own, in the language of the request: what, why, and what to do."""
    lines = [_trouble(trouble) for trouble in row.get("troubles") or ()]
    lines += [_question(key) for key in row.get("questions") or ()]
    if row["deed"] in storing.WRITTEN and row.get("school_code") in failed:
        lines.append(str(T(*failed[row["school_code"]])))
    return "\n".join(dict.fromkeys(lines)) or str(T(*_NO_ANSWER))


def _trouble(trouble: Raw) -> str:
    text, field = str(T(trouble["th"], trouble.get("en") or trouble["th"])), trouble.get("field")
    return f"{T(*label(field))}: {text}" if field else text


def _question(key: str) -> str:
    field, _, kind = key.partition(":")
    asked = questions.KINDS.get(kind)
    return f"{T(*label(field))}: {T(asked.th, asked.en) if asked else T(*_NO_ANSWER)}"

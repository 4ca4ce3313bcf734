"""Sheets as files: XLSX, ODS, CSV in the encodings and with the separators that schools send."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

from tests.factories.rosters.lines import Cell
from tests.factories.rosters.sheets import Sheet
from tests.factories.rosters.xls import XlsSheet, write_xls

CSV_FORMATS = {
    "csv-utf8-comma": ("utf-8", ","),
    "csv-bom-comma": ("utf-8-sig", ","),
    "csv-bom-semicolon": ("utf-8-sig", ";"),
    "csv-utf8-tab": ("utf-8", "\t"),
    "csv-thai-comma": ("cp874", ","),
    "csv-thai-semicolon": ("cp874", ";"),
    "csv-thai-tab": ("tis-620", "\t"),
}
"""Format -> encoding and separator."""

FORMATS = ("xlsx", "xls", "ods", *CSV_FORMATS)


def written(sheets: Sequence[Sheet], kind: str) -> bytes:
    """The sheets as a file of one of `FORMATS`; a text file holds the first alone, and merged cells as they are."""
    if kind == "xlsx":
        return xlsx(sheets)
    if kind == "ods":
        return ods(sheets)
    if kind == "xls":
        return write_xls(*map(_old_sheet, sheets))
    return csv_text(sheets[0], *CSV_FORMATS[kind])


def xlsx(sheets: Sequence[Sheet]) -> bytes:
    """An XLSX workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        for r, row in enumerate(sheet.rows):
            for c, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(r, c, cell)
                elif cell is not None:
                    page.write(r, c, cell)
        for r1, c1, r2, c2 in sheet.merged:
            page.merge_range(r1, c1, r2, c2, sheet.rows[r1][c1])
        if sheet.hidden:
            page.hide()
    book.close()
    return out.getvalue()


def _old_sheet(sheet: Sheet) -> XlsSheet:
    rows = [[cell.date() if isinstance(cell, datetime) else cell for cell in row] for row in sheet.rows]
    return XlsSheet(sheet.name, rows, sheet.merged, sheet.hidden)


def csv_text(sheet: Sheet, encoding: str, separator: str) -> bytes:
    """A text file with lines ended as Windows does; what the encoding lacks becomes "?"."""
    out = io.StringIO()
    width = max((len(row) for row in sheet.rows), default=0)
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    for row in sheet.rows:
        writer.writerow([_plain(cell) for cell in [*row, *[None] * (width - len(row))]])
    return out.getvalue().encode(encoding, "replace")


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/}{cell.year}"
    return "" if cell is None else str(cell)


_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""
_CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:automatic-styles><style:style style:name="hid" style:family="table">
<style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"""


def ods(sheets: Sequence[Sheet]) -> bytes:
    """An ODS workbook, of no more than the readers of spreadsheets need."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = zipfile.ZipInfo("mimetype")
        archive.writestr(kind, "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", _CONTENT.format("".join(map(_table, sheets))))
    return out.getvalue()


def _table(sheet: Sheet) -> str:
    spans = {(r1, c1): (r2 - r1 + 1, c2 - c1 + 1) for r1, c1, r2, c2 in sheet.merged}
    hidden = {
        (r, c) for r1, c1, r2, c2 in sheet.merged for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)
    } - set(spans)  # fmt: skip
    rows = [
        "<table:table-row>"
        + "".join(_ods_cell(cell, spans.get((r, c)), (r, c) in hidden) for c, cell in enumerate(row or [None]))
        + "</table:table-row>"
        for r, row in enumerate(sheet.rows)
    ]
    style = ' table:style-name="hid"' if sheet.hidden else ""
    inside = "".join(rows) or "<table:table-row/>"
    return f"<table:table table:name={quoteattr(sheet.name)}{style}>{inside}</table:table>"


def _ods_cell(cell: Cell, span: tuple[int, int] | None, hidden: bool) -> str:
    if hidden:
        return "<table:covered-table-cell/>"
    more = f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"' if span else ""
    if cell is None:
        return f"<table:table-cell{more}/>"
    if isinstance(cell, datetime):
        kind, shown = f'office:value-type="date" office:date-value="{cell.date().isoformat()}"', _plain(cell)
    elif isinstance(cell, str):
        kind, shown = 'office:value-type="string"', cell
    else:
        kind, shown = f'office:value-type="float" office:value="{cell}"', str(cell)
    return f"<table:table-cell {kind}{more}><text:p>{_text(shown)}</text:p></table:table-cell>"


def _text(shown: str) -> str:
    """Text with its runs of blanks kept, which XML folds."""
    return escape(shown).replace("  ", " <text:s/>")

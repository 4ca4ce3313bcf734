"""One small table as a file of every kind that rosters come in: xlsx, xls, ods, CSV in every dress, a OneRoster zip."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

import xlsxwriter

from tests.factories.rosters.xls import Span, Value, XlsSheet, write_xls

Rows = Sequence[Sequence[Value]]

TABLE: Rows = (
    ("ทะเบียนนักเรียน",),
    (),
    ("เลขประจำตัวประชาชน", "ชื่อ", "นามสกุล", "วันเกิด", "น้ำหนัก"),
    ("1100000000008", "ทดสอบ", "ระบบ", date(2015, 5, 16), 31.5),
    ("0000000000001", "ตัวอย่าง\nสองบรรทัด", 'ชื่อ; "ยาว", มาก', date(2014, 12, 31), 40),
)
"""A heading, an empty row, a header, two rows of data."""


def xlsx(rows: Rows = TABLE, *, merged: Sequence[Span] = (), more: Mapping[str, Rows] | None = None) -> bytes:
    """A workbook whose first sheet is "รายชื่อ"; the sheets of `more` after it are hidden."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy", "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("รายชื่อ")
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                sheet.write(number, place, value)
        for top, first, bottom, last in merged:
            sheet.merge_range(top, first, bottom, last, rows[top][first])
        for name, other in (more or {}).items():
            hidden = book.add_worksheet(name)
            hidden.hide()
            for number, row in enumerate(other):
                hidden.write_row(number, 0, row)
    return out.getvalue()


def xls(rows: Rows = TABLE, merged: Sequence[Span] = ()) -> bytes:
    return write_xls(XlsSheet("รายชื่อ", rows, merged))


def ods(rows: Rows = TABLE, *, merged: Sequence[Span] = ()) -> bytes:
    """An OpenDocument spreadsheet with one sheet."""
    said = ' table:number-rows-spanned="{}" table:number-columns-spanned="{}"'.format
    spans = {
        (top, first): said(bottom - top + 1, last - first + 1) for top, first, bottom, last in merged
    }  # fmt: skip
    return ods_of(
        "".join(
            f"<table:table-row>{''.join(_ods_cell(value, spans.get((r, c), '')) for c, value in enumerate(row))}"
            "</table:table-row>"
            for r, row in enumerate(rows)
        )
    )


def ods_of(table: str) -> bytes:
    """An OpenDocument spreadsheet around the rows of a table."""
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped({
        "mimetype": kind.encode(),
        "content.xml": (
            f'<?xml version="1.0"?><office:document-content{names} office:version="1.2"><office:body>'
            f'<office:spreadsheet><table:table table:name="รายชื่อ">{table}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>"
        ).encode(),
        "META-INF/manifest.xml": b"<manifest/>",
    })  # fmt: skip


def _ods_cell(value: Value, span: str) -> str:
    if value is None:
        return "<table:covered-table-cell/>"
    if isinstance(value, date):
        told = f'office:value-type="date" office:date-value="{value}"'
    elif isinstance(value, str):
        told = 'office:value-type="string"'
    else:
        told = f'office:value-type="float" office:value="{value}"'
    text = "".join(f"<text:p>{escape(part)}</text:p>" for part in str(value).split("\n"))
    return f"<table:table-cell {told}{span}>{text}</table:table-cell>"


def csv_of(rows: Rows = TABLE, *, encoding: str = "utf-8", separator: str = ",", says: bool = False) -> bytes:
    """A CSV file; days as dd/mm/yyyy CE. says: with Excel's line "sep=;" above."""
    out = io.StringIO()
    if says:
        out.write(f"sep={separator}\r\n")
    csv.writer(out, delimiter=separator).writerows([_text(value) for value in row] for row in rows)
    return out.getvalue().encode(encoding)


def _text(value: Value) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def zipped(parts: Mapping[str, bytes], way: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


ONEROSTER: Mapping[str, Rows] = {
    "manifest": (
        ("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", "1.2"), ("file.users", "bulk"),
    ),
    "orgs": (
        ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"),
        ("o1", "active", "", "โรงเรียนทดสอบ", "school", "1234567890", ""),
    ),
    "academicSessions": (
        ("sourcedId", "status", "dateLastModified", "title", "type", "startDate", "endDate"),
        ("t1", "active", "", "1/2567", "term", "2024-05-16", "2024-10-10"),
    ),
    "classes": (
        ("sourcedId", "status", "title", "grades", "classCode", "classType", "schoolSourcedId", "termSourcedIds"),
        ("c1", "active", "ป.1/2", "01", "", "homeroom", "o1", "t1"),
        ("c2", "active", "คณิตศาสตร์", "01", "", "scheduled", "o1", "t1"),
    ),
    "users": (
        ("sourcedId", "status", "dateLastModified", "enabledUser", "username", "userIds", "givenName", "familyName",
         "identifier", "grades", "primaryOrgSourcedId"),
        ("u1", "active", "", "true", "a", "{nationalId:1100000000008}", "ทดสอบ", "ระบบ", "00123", "01", "o1"),
        ("u2", "active", "", "true", "b", "", "ตัวอย่าง", "ระบบ", "G123456789012", "KG", "o1"),
        ("u3", "active", "", "true", "c", "", "ครู", "ระบบ", "1100000000009", "", "o1"),
        ("u4", "tobedeleted", "", "true", "d", "", "ออก", "ระบบ", "1-1000-00000-01-6", "12", "o1"),
    ),
    "roles": (
        ("sourcedId", "status", "dateLastModified", "userSourcedId", "roleType", "role", "beginDate", "endDate",
         "orgSourcedId"),
        ("r1", "active", "", "u1", "primary", "student", "", "", "o1"),
        ("r2", "active", "", "u2", "primary", "student", "", "", "o1"),
        ("r3", "active", "", "u3", "primary", "teacher", "", "", "o1"),
        ("r4", "active", "", "u4", "primary", "student", "", "", "o1"),
    ),
    "enrollments": (
        ("sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId", "role",
         "primary", "beginDate", "endDate"),
        ("e1", "active", "", "c2", "o1", "u1", "student", "false", "2024-06-01", "2024-10-10"),
        ("e2", "active", "", "c1", "o1", "u1", "student", "true", "2024-05-16", ""),
        ("e3", "active", "", "c1", "o1", "u2", "student", "true", "2024-05-20", "2024-08-01"),
        ("e4", "active", "", "c1", "o1", "u3", "teacher", "true", "2024-05-20", ""),
    ),
    "demographics": (
        ("sourcedId", "status", "dateLastModified", "birthDate", "sex"),
        ("u1", "active", "", "2017-01-31", "male"),
        ("u2", "active", "", "2018-03-01", "female"),
    ),
}  # fmt: skip
"""Two students, a teacher, and one marked to be deleted."""


def oneroster(tables: Mapping[str, Rows] = ONEROSTER, folder: str = "") -> bytes:
    return zipped({f"{folder}{name}.csv": csv_of(rows) for name, rows in tables.items()})


def every_kind() -> dict[str, bytes]:
    """A name with its usual ending -> a good file of that kind."""
    return {
        "a.xlsx": xlsx(merged=[(0, 0, 0, 4)], more={"ซ่อน": [("x", 1)]}),
        "a.xls": xls(merged=[(0, 0, 0, 4)]),
        "a.ods": ods(merged=[(0, 0, 0, 4)]),
        "a.csv": csv_of(encoding="utf-8-sig"),
        "semicolon.csv": csv_of(encoding="cp874", separator=";"),
        "tab.csv": csv_of(encoding="utf-16", separator="\t"),
        "oneroster.zip": oneroster(),
    }

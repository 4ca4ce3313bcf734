"""The template as a person opens it, and what every roster file must not do."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from app.enums import FindingState, Grade, SchoolKind, Severity, Sex, StudentStatus
from app.reports.rosters import delimited, findings, lec_export, name_list, oneroster, own, reference, refused
from app.reports.rosters.columns import NEEDED, own_columns
from app.reports.rosters.rows import FindingRow, Pupil, RosterHead, RosterSchool
from app.rules.imports.terms import SheetHead

SCHOOL = RosterSchool(
    "1030300001", "โรงเรียนทดสอบ", SchoolKind.SCHOOL, (Grade.P1, Grade.P2), "6301408", "อบต.ตะขบ", "อำเภอปักธงชัย",
    "จังหวัดนครราชสีมา",
)  # fmt: skip
CLOSED = replace(SCHOOL, code="1030300002", name="โรงเรียนที่เลิกแล้ว", grades=(Grade.K3,), open=False)
ONE = RosterHead("โรงเรียนทดสอบ", SCHOOL.code, (SCHOOL,), 2567, 2, date(2024, 6, 10), date(2024, 11, 6), True, True)
ALL = replace(ONE, name="อบต.ตะขบ", code="6301408", schools=(SCHOOL, CLOSED), single=False)
EVIL = '=HYPERLINK("http://x","y")'
PUPIL = Pupil(
    "65f000000000000000000001", SCHOOL.code, "0123456789012", "00012", "เด็กชาย", EVIL, "@สกุล", Sex.MALE,
    date(2017, 9, 5), "ไทย", "", 21.5, 118.0, Grade.P1, "01", StudentStatus.STUDYING, date(2024, 5, 16), None,
)  # fmt: skip


def book_of(write: Any, *arguments: Any, **more: Any) -> Any:
    out = io.BytesIO()
    write(out, *arguments, **more)
    return openpyxl.load_workbook(io.BytesIO(out.getvalue()))


@pytest.fixture(scope="module")
def template() -> Any:
    return book_of(own.write, ONE, [PUPIL])


def validations(book: Any) -> dict[str, Any]:
    """Heading -> the validation of its column."""
    sheet = book.worksheets[0]
    found = {}
    for one in sheet.data_validations.dataValidation:
        cells = next(iter(one.sqref.ranges))
        found[sheet.cell(1, cells.min_col).value] = (one, cells)
    return found


def test_the_first_sheet_has_a_header_notes_and_prepared_rows_of_text(template: Any) -> None:
    sheet = template["รายชื่อนักเรียน"]
    assert template.sheetnames == ["รายชื่อนักเรียน", reference.SHEET]
    assert [cell.value for cell in sheet[1]] == [column.label for column in own_columns(ONE)]
    assert all(cell.value.startswith("※ ") for cell in sheet[2])
    assert sheet.freeze_panes == "A3"
    assert sheet.max_row == 3 + own.PREPARED
    for column, heading in enumerate(own_columns(ONE), start=1):
        for line in (3, 4, 3 + own.PREPARED):
            text = heading.field not in ("weight_kg", "height_cm")
            assert (sheet.cell(line, column).number_format == "@") == text, heading.field


def test_what_each_student_needs_stands_out(template: Any) -> None:
    sheet = template.worksheets[0]
    colours = {cell.value: cell.fill.fgColor.rgb for cell in sheet[1]}
    needed = {colours[column.label] for column in own_columns(ONE) if column.field in NEEDED - {"school_code"}}
    assert len(needed) == 1 and colours["ห้อง"] not in needed and colours["รหัสสถานศึกษา"] not in needed


def test_lists_offer_what_the_school_has_and_cover_the_prepared_rows(template: Any) -> None:
    found = validations(template)
    words = {name: one.formula1 for name, (one, _) in found.items() if one.type == "list"}
    assert words["ชั้น"] == '"ป.1,ป.2"' and words["เพศ"] == '"ชาย,หญิง"'
    assert "กำลังศึกษา" in words["สถานภาพ"] and "เด็กหญิง" in words["คำนำหน้า"]
    assert {(cells.min_row, cells.max_row) for _, cells in found.values()} == {(3, 3 + own.PREPARED)}
    assert found["คำนำหน้า"][0].errorStyle == "information", "another title may be typed"
    assert "13 หลัก" in found["เลขประจำตัวประชาชน"][0].prompt


def test_the_second_sheet_lists_the_open_schools_that_the_list_of_codes_refers_to() -> None:
    book = book_of(own.write, ALL, [])
    sheet = book[reference.SHEET]
    one, _ = validations(book)["รหัสสถานศึกษา"]
    name, _, cells = one.formula1.partition("!")
    assert name == f"'{reference.SHEET}'"
    first, _, last = cells.replace("$", "").partition(":")
    assert first == last and sheet[first].value == SCHOOL.code
    texts = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert {"โรงเรียนทดสอบ", "ป.1 ป.2", "กำลังศึกษา", "เด็กชาย หรือ ด.ช.", "ชาย"} <= texts
    assert CLOSED.code not in texts


def test_a_list_of_all_grades_fits_where_excel_takes_255_characters() -> None:
    book = book_of(own.write, replace(ONE, schools=(replace(SCHOOL, grades=tuple(Grade)),)), [])
    assert validations(book)["ชั้น"][0].formula1.count(",") == len(Grade) - 1


@pytest.mark.parametrize("write", [own.write, lec_export.write, name_list.write])
def test_codes_keep_their_zeros_and_nothing_is_a_formula(write: Any) -> None:
    cells = [cell for sheet in book_of(write, ONE, [PUPIL]) for row in sheet.iter_rows() for cell in row]
    by_value = {cell.value: cell.data_type for cell in cells if cell.value is not None}
    assert by_value["0123456789012"] == "s" and by_value["00012"] == "s"
    assert all(cell.data_type != "f" for cell in cells)


def test_a_csv_guards_what_a_spreadsheet_would_run() -> None:
    text = "".join(delimited.roster(ONE, [PUPIL]))
    assert text.startswith("\ufeffเลขประจำตัวประชาชน,คำนำหน้า,") and "'@สกุล" in text and "'=HYPERLINK" in text
    assert ",21.5,118," in text


def test_the_onerosters_keys_are_not_id_numbers_and_every_reference_is_met() -> None:
    out = io.BytesIO()
    oneroster.write(out, ALL, [PUPIL, replace(PUPIL, key="65f000000000000000000002", national_id="G123456789012")])
    bundle = zipfile.ZipFile(out)
    files = {name.removesuffix(".csv"): bundle.read(name).decode().splitlines() for name in bundle.namelist()}
    listed = dict(line.split(",") for line in files["manifest"])
    assert listed["oneroster.version"] == "1.2"
    assert {name for name in files if name != "manifest"} == {
        name.removeprefix("file.") for name, mode in listed.items() if mode == "bulk"
    }
    keys = {line.split(",")[0] for name, lines in files.items() if name != "manifest" for line in lines[1:]}
    assert not keys & {"0123456789012", "G123456789012"}
    for name, lines in files.items():
        if name == "manifest":
            continue
        assert tuple(lines[0].split(",")) == oneroster.FILES[name]
        for row in csv.DictReader(lines):
            for column, value in row.items():
                if column.endswith("SourcedId") and value:
                    assert value in keys, (name, column)
    assert len(files["classes"]) == 2 and len(files["users"]) == 3
    text = "".join(line for name, lines in files.items() if name != "users" for line in lines)
    assert "0123456789012" not in text


def test_a_sheet_of_refused_rows_keeps_merged_headings_days_and_odd_names() -> None:
    head = SheetHead(
        4, "แผ่น/1:[ก]", (("ลำดับที่", "นักเรียน", None), (None, "เลขประจำตัวประชาชน", "วันเกิด")), 3,
        ((0, 1, 0, 2), (0, 0, 1, 0)),
    )  # fmt: skip
    tab = refused.Tab(head, 1, {1: "national_id", 2: "birth_date"})
    rows = [refused.RefusedRow(4, (1, 1234567890123.0, date(2560, 9, 5)), "ผิด"), refused.RefusedRow(9, ("x",), "y")]
    book = book_of(refused.write, {4: tab}, rows)
    (sheet,) = book.worksheets
    assert sheet.title == "แผ่น 1 ก"
    assert [str(area) for area in sheet.merged_cells.ranges] == ["B1:C1"]
    assert list(sheet.values) == [
        ("ลำดับที่", "นักเรียน", None, None), (None, "เลขประจำตัวประชาชน", "วันเกิด", refused.REASON),
        (1, "1234567890123", datetime(2560, 9, 5), "ผิด"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "''", "History", "[]:*?", "ก" * 60, "\x01'" + "ข" * 27 + "'"])
def test_a_sheet_of_any_name_with_merges_over_each_other_and_odd_numbers_is_written(name: str) -> None:
    merged = ((0, 0, 0, 1), (0, 1, 0, 2), (0, 2, 0, 90))
    tabs = {at: refused.Tab(SheetHead(at, name, (("ก", "ข", "ค"),), 2, merged), 0, {}) for at in (0, 1)}
    odd = (float("inf"), float("nan"), 10**40, True, date(1850, 1, 1), EVIL, "\x00\x1f")
    rows = [refused.RefusedRow(at, odd, "ผิด") for at in (0, 1)]
    book = book_of(refused.write, tabs, rows)
    assert len(book.sheetnames) == 2
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_findings_have_headings_and_thai_moments() -> None:
    row = FindingRow(
        Severity.WARNING, FindingState.EXPLAINED, "อายุไม่ตรงชั้น", SCHOOL.code, SCHOOL.name, "ก ข", "วันเกิด", EVIL,
        "ถูกต้อง", "", "somchai", datetime(2024, 11, 5, 18, 0), None,
    )  # fmt: skip
    sheet = book_of(findings.write, ONE, [row]).worksheets[0]
    assert [cell.value for cell in sheet[4]] == list(findings.COLUMNS)
    assert sheet["L5"].value == "6 พ.ย. 2567 เวลา 01:00 น." and sheet["H5"].data_type == "s"
    assert "2024-11-06T01:00+07:00" in "".join(findings.stream([row]))

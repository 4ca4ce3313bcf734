"""Workbook, CSV and chart read back: the same numbers everywhere, and nothing in them that runs."""

import csv as stdlib_csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Caution, CountSource, Grade, Level, SchoolKind
from app.fabmongo.safe_text import formula_safe
from app.reports import chart, csv, titles, xlsx
from app.reports.rows import GradeCount, Head, Row

LAO = "TH/30/3014/6301408"
EVIL = '=HYPERLINK("http://x","y")'


def school(code: str, name: str, counts: dict[Grade, tuple[int, int]] | None, **more: Any) -> Row:
    known = counts is not None
    more = {"unverified": 0 if known else None, "cautions": dict.fromkeys(Caution, 0), **more}
    listed = tuple(GradeCount(grade, *pair) for grade, pair in (counts or {}).items())
    male, female = sum(count.male for count in listed), sum(count.female for count in listed)
    return Row(
        Level.SCHOOL, code, name, f"{LAO}/{code}", 1, 0 if known else 1, listed,
        male if known else None, female if known else None, male + female if known else None,
        SchoolKind.SCHOOL, CountSource.ROSTER if known else None, **more,
    )  # fmt: skip


SCHOOLS = [
    school("0030140801", EVIL, {Grade.P1: (10, 12), Grade.P2: (0, 3)}),
    school("0030140802", "โรงเรียนที่ยังไม่ส่ง", None),
    school("0030140803", "โรงเรียนที่เลิกแล้ว", {}, cautions={Caution.UNVERIFIED: 0, Caution.NO_PROCLAMATION: 1}),
]
UNVERIFIED = replace(SCHOOLS[0], code="0030140804", unverified=25, cautions={Caution.UNVERIFIED: 1})
OLD = replace(SCHOOLS[0], unverified=None, cautions={})
TOP = Row(
    Level.LAO, "6301408", "อบต.ตะขบ", LAO, 3, 1, (GradeCount(Grade.P1, 10, 12), GradeCount(Grade.P2, 0, 3)), 10, 15, 25,
    unverified=7, cautions={Caution.UNVERIFIED: 1, Caution.NO_PROCLAMATION: 2},
)  # fmt: skip
HEAD = Head(
    "2567-2", "ปีการศึกษา 2567 ครั้งที่ 2", date(2024, 6, 10), "อบต.ตะขบ", "+officer",
    datetime(2024, 11, 5, 1, 30), datetime(2024, 11, 5, 18, 0),
    {"TH/30": "จังหวัดนครราชสีมา", "TH/30/3014": "อำเภอปักธงชัย", LAO: "อบต.ตะขบ"}, TOP,
)  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Any:
    out = io.BytesIO()
    xlsx.write(out, HEAD, iter([TOP]), iter(SCHOOLS))
    return openpyxl.load_workbook(out)


def table(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(min_row=xlsx.HEADER_ROW + 3, values_only=True))


def test_the_workbook_has_a_sheet_of_areas_and_one_of_schools(book: Any) -> None:
    assert book.sheetnames == ["สรุป", "รายสถานศึกษา"]
    for sheet in book:
        assert sheet.freeze_panes == "A8"
        assert sheet["A1"].value == "รายงานจำนวนนักเรียน"
        assert sheet["A2"].value == "ปีการศึกษา 2567 ครั้งที่ 2 ข้อมูล ณ วันที่ 10 มิถุนายน 2567"
        assert sheet["A4"].value.startswith("จัดทำโดย +officer เมื่อ 6 พ.ย. 2567 เวลา 01:00 น.")
        assert "ยังไม่มีข้อมูล 1 แห่ง" in sheet["A4"].value
        assert sheet["A1"].font.name == "TH Sarabun New"


def test_a_line_of_an_area_holds_its_sums(book: Any) -> None:
    (line,) = table(book["สรุป"])
    assert line[:8] == ("องค์กรปกครองส่วนท้องถิ่น", "6301408", "อบต.ตะขบ", 3, 1, 1, 2, 7)
    assert line[8:] == (10, 15, 25, 10, 12, 22, 0, 3, 3)


def test_what_is_missing_is_empty_and_a_zero_is_a_zero(book: Any) -> None:
    full, missing, zero = table(book["รายสถานศึกษา"])
    assert full[10:] == (10, 15, 25, 10, 12, 22, 0, 3, 3)
    assert set(missing[8:]) == {None}
    assert missing[7] == "ยังไม่มีข้อมูล"
    assert zero[10:13] == (0, 0, 0)
    assert set(zero[13:]) == {None}


def test_the_workbook_says_what_is_not_verified_and_leaves_empty_what_is_not_known(book: Any) -> None:
    full, missing, zero = table(book["รายสถานศึกษา"])
    assert [line[8:10] for line in (full, missing, zero)] == [(None, 0), (None, None), ("ศูนย์โดยไม่มีประกาศ", 0)]
    assert "ในจำนวนนี้ยังไม่ตรวจสอบ 7 คน 1 แห่ง · ศูนย์โดยไม่มีประกาศ 2 แห่ง" in book["สรุป"]["A4"].value
    out = io.BytesIO()
    old_top = replace(TOP, unverified=None, cautions={})
    xlsx.write(out, replace(HEAD, top=old_top), [old_top], [UNVERIFIED, OLD])
    other = openpyxl.load_workbook(out)
    assert [line[8:10] for line in table(other["รายสถานศึกษา"])] == [("ยังไม่ตรวจสอบ", 25), (None, None)]
    assert table(other["สรุป"])[0][5:11] == (None, None, None, 10, 15, 25)
    assert "ยังไม่ตรวจสอบ" not in other["สรุป"]["A4"].value
    heads = [cell.value for cell in other["สรุป"][xlsx.HEADER_ROW + 2]]
    assert heads[5:8] == ["ยังไม่ตรวจสอบ (แห่ง)", "ศูนย์โดยไม่มีประกาศ (แห่ง)", "ในจำนวนรวม ยังไม่ตรวจสอบ (คน)"]

def test_codes_are_text_and_a_name_is_never_a_formula(book: Any) -> None:
    sheet = book["รายสถานศึกษา"]
    line = xlsx.HEADER_ROW + 3
    assert (sheet.cell(line, 5).value, sheet.cell(line, 5).data_type) == ("0030140801", "s")
    assert (sheet.cell(line, 6).value, sheet.cell(line, 6).data_type) == (EVIL, "s")
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def read(text: str) -> list[dict[str, str]]:
    return list(stdlib_csv.DictReader(io.StringIO(text.removeprefix(csv.BOM), newline="")))


def test_the_csv_has_a_line_for_each_school_and_grade() -> None:
    text = "".join(csv.stream(HEAD, SCHOOLS))
    assert text.encode().startswith(b"\xef\xbb\xbf")
    first, second, missing, zero = read(text)
    assert (first["ชั้น"], first["ชาย"], first["หญิง"], first["รวม"]) == ("ป.1", "10", "12", "22")
    assert (second["ชั้น"], second["รวม"]) == ("ป.2", "3")
    assert (missing["ที่มาของจำนวน"], missing["ชาย"], missing["รวม"]) == ("ยังไม่มีข้อมูล", "", "")
    assert (zero["ชั้น"], zero["ชาย"], zero["หญิง"], zero["รวม"]) == ("", "0", "0", "0")
    assert (first["จังหวัด"], first["รหัส อปท."], first["ข้อมูล ณ วันที่"]) == ("จังหวัดนครราชสีมา", "6301408", "2024-06-10")
    assert first["สถานศึกษา"] == f"'{EVIL}"


def test_the_csv_says_of_each_number_how_much_is_not_verified() -> None:
    found = read("".join(csv.stream(HEAD, [*SCHOOLS, UNVERIFIED, OLD])))
    assert [(line["ยังไม่ตรวจสอบ"], line["ข้อควรทราบ"]) for line in found] == [
        ("0", ""), ("0", ""), ("", ""), ("0", "ศูนย์โดยไม่มีประกาศ"),
        ("22", "ยังไม่ตรวจสอบ"), ("3", "ยังไม่ตรวจสอบ"), ("", ""), ("", ""),
    ]  # fmt: skip


def test_the_csv_is_made_while_it_is_read() -> None:
    asked = []

    def endless() -> Iterator[Row]:
        for number in range(10**9):
            asked.append(number)
            yield SCHOOLS[0]

    stream = csv.stream(HEAD, endless())
    next(stream)
    next(stream)
    assert len(asked) == 1


@given(st.text(min_size=1))
def test_no_text_in_a_csv_begins_like_a_formula(name: str) -> None:
    (line,) = read("".join(csv.stream(HEAD, [school("1", name, None)])))
    assert not line["สถานศึกษา"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert line["สถานศึกษา"].removeprefix("'") == name.removeprefix("'")


@pytest.mark.parametrize("text", ["=1+1", "+66", "-5", "@x", "\t=1", "\r=1"])
def test_an_apostrophe_stands_before_what_a_spreadsheet_would_run(text: str) -> None:
    assert formula_safe(text) == f"'{text}"


def test_ordinary_text_stays_as_it_is() -> None:
    assert formula_safe("โรงเรียนบ้านตะขบ") == "โรงเรียนบ้านตะขบ"


def drawn(**changes: Any) -> ElementTree.Element:
    values = {"counts": TOP.counts, "title": "ตามชั้น", "labels": ("ชาย", "หญิง"), "nonce": "n0nce", **changes}
    return ElementTree.fromstring(chart.by_grade(**values))


def test_the_chart_runs_nothing_and_loads_nothing() -> None:
    text = chart.by_grade(TOP.counts, "ตามชั้น", ("ชาย", "หญิง"), "n0nce")
    tags = Counter(element.tag.rpartition("}")[2] for element in ElementTree.fromstring(text).iter())
    assert tags["script"] == 0
    assert tags["style"] == 1
    assert "http" not in text.replace("http://www.w3.org/", "")
    assert all("style" not in element.attrib for element in drawn().iter())
    assert all(not name.startswith("on") for element in drawn().iter() for name in element.attrib)


def test_the_charts_style_carries_the_nonce_and_its_name_is_read_out() -> None:
    root = drawn()
    (style,) = (element for element in root.iter() if element.tag.endswith("style"))
    assert style.get("nonce") == "n0nce"
    assert (root.get("role"), root.get("aria-label")) == ("img", "ตามชั้น")


def test_the_chart_escapes_what_it_is_given() -> None:
    root = drawn(title='"><script>alert(1)</script>', labels=("<b>", "&"))
    assert root.get("aria-label") == '"><script>alert(1)</script>'
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_every_bar_is_drawn_with_its_number() -> None:
    texts = [element.text for element in drawn().iter() if element.tag.endswith("title")]
    assert sorted(texts) == ["0", "10", "12", "3"]


def test_a_downloads_name_is_plain_ascii_with_a_thai_twin() -> None:
    head = replace(HEAD, area_name='อำเภอปักธงชัย/ก "ข"')
    assert titles.file_names(head, "xlsx") == (
        "lec-count-2567-2-6301408.xlsx", "จำนวนนักเรียน-2567-2-อำเภอปักธงชัย-ก-ข.xlsx",
    )  # fmt: skip

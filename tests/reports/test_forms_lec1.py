"""LEC-1 read back: grades in order, sums, what is not known stays empty, always one page."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.enums import Grade
from app.reports.forms.lec1 import lec1_pdf
from app.reports.forms.rows import FormHead, GradeRow
from app.thai import to_thai_digits
from tests.reports.pdf_reading import DAY, HEAD, horizontals, text_boxes, texts

COUNT = st.none() | st.integers(0, 99_999)
ROWS = st.lists(st.builds(GradeRow, st.sampled_from(Grade), COUNT, COUNT), unique_by=lambda row: row.grade)
FOOT = 297 - 11  # mm


def table(pdf: bytes) -> list[str]:
    """Lines of the only page from the first grade to the sum."""
    [page] = texts(pdf)
    lines = page.split("\n")
    return lines[lines.index("ชาย หญิง รวม") + 1 : lines.index("ลงชื่อ ผู้ให้ข้อมูล")]


def line(label: str, *numbers: int | None) -> str:
    return to_thai_digits(" ".join([label, *(f"{number:,}" for number in numbers if number is not None)]))


def test_grades_youngest_first_with_their_sums() -> None:
    rows = [GradeRow(Grade.P6, 1200, 34), GradeRow(Grade.K1, 0, 7), GradeRow(Grade.P1, 12, 0)]
    pdf = lec1_pdf(HEAD, rows, made_on=DAY)
    assert table(pdf) == ["อ.๑ ๐ ๗ ๗", "ป.๑ ๑๒ ๐ ๑๒", "ป.๖ ๑,๒๐๐ ๓๔ ๑,๒๓๔", "รวมทั้งสิ้น ๑,๒๑๒ ๔๑ ๑,๒๕๓"]


@given(ROWS)
@settings(max_examples=15, deadline=None)
def test_any_counts_are_printed_and_summed_on_one_signed_page(rows: list[GradeRow]) -> None:
    pdf = lec1_pdf(HEAD, rows, made_on=DAY)
    listed = sorted(rows, key=lambda row: row.grade.order)
    wanted = [line(row.grade.th, row.male, row.female, row.total) for row in listed]
    sums = [
        None if None in numbers else sum(numbers)
        for numbers in ([row.male for row in rows], [row.female for row in rows], [row.total for row in rows])
    ]
    assert table(pdf) == [*(wanted or ["ไม่มีนักเรียน"]), line("รวมทั้งสิ้น", *sums)]
    assert texts(pdf)[0].count("ผู้รับรองข้อมูล") == 1
    assert pdf == lec1_pdf(HEAD, reversed(rows), made_on=DAY)


def test_a_number_that_is_not_known_is_neither_zero_nor_summed() -> None:
    rows = [GradeRow(Grade.P1, None, 4), GradeRow(Grade.P2, 3, 5)]
    assert table(lec1_pdf(HEAD, rows, made_on=DAY)) == ["ป.๑ ๔", "ป.๒ ๓ ๕ ๘", "รวมทั้งสิ้น ๙"]


def test_a_blank_form_has_the_grades_and_no_numbers() -> None:
    usual = [to_thai_digits(grade.th) for grade in Grade if grade.value[0] in "KPM"]
    assert table(lec1_pdf(FormHead(2567, 2, "", "", ""), [], blank=True, made_on=DAY)) == [*usual, "รวมทั้งสิ้น"]
    own = [GradeRow(Grade.V2, 3, 4), GradeRow(Grade.V1, 1, 2)]
    assert table(lec1_pdf(HEAD, own, blank=True, made_on=DAY)) == ["ปวช.๑", "ปวช.๒", "รวมทั้งสิ้น"]


def test_a_grade_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="P1"):
        lec1_pdf(HEAD, [GradeRow(Grade.P1, 1, 1), GradeRow(Grade.P1, 2, 2)], made_on=DAY)


def test_every_grade_there_is_fits_above_the_foot() -> None:
    pdf = lec1_pdf(HEAD, [GradeRow(grade, 99_999, 99_999) for grade in Grade], made_on=DAY)
    lines, boxes = horizontals(pdf), text_boxes(pdf)
    assert len(lines) == 1 + len(Grade) + 2
    assert lines[-1] < max(bottom for _, top, _, bottom in boxes if top < FOOT - 1) < FOOT + 0.5


def test_heading_in_thai_digits_with_the_code_of_the_form() -> None:
    [page] = texts(lec1_pdf(HEAD, [], made_on=DAY))
    assert "แบบบัญชีสรุปข้อมูลจำนวนนักเรียนของสถานศึกษาสังกัดหน่วยงานอื่น LEC-1" in page
    assert "ประจำปีการศึกษา ๒๕๖๗ (ครั้งที่ ๒)" in page
    assert page.strip().endswith("หน้า ๑/๑")
    assert not re.findall("[0-9]", page.replace("LEC-1", ""))

"""Certified lists as schools type them: headers found, names split, each refused row named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Grade, Sex
from app.errors import Problem
from app.rules.name_list import read_names

HEAD = ["ลำดับ", "เลขประจำตัว", "คำนำหน้า ชื่อ-สกุล", "เลขประจำตัวประชาชน", "ระดับชั้น/ห้อง"]
TITLE = ["แบบรับรองรายชื่อนักเรียน", None, None, None, "LEC-2"]


def sheet(*rows: list[Any]) -> list[list[Any]]:
    return [TITLE, [], HEAD, *rows]


def test_the_printed_form_is_read() -> None:
    boy = [1, "๐๐๑", "ด.ช.ก้อง ใจดี", None, "ป.๑/๒"]
    girl = [2, 2.0, "เด็กหญิง ขวัญ น้ำใส", "", "อ.2"]
    names, refused = read_names(sheet(boy, girl, ["", "ลงชื่อ .....", "", "", ""]))
    assert not refused
    first, second = names
    assert (first.title, first.first_name, first.last_name) == ("เด็กชาย", "ก้อง", "ใจดี")
    assert (first.sex, first.grade, first.room, first.student_no, first.row) == (Sex.MALE, Grade.P1, "2", "001", 4)
    assert (second.sex, second.grade, second.room, second.student_no) == (Sex.FEMALE, Grade.K2, None, "2")


def test_columns_of_their_own_are_read_too() -> None:
    rows = [["ที่", "คำนำหน้า", "ชื่อ", "สกุล", "เพศ", "ชั้น", "ห้อง"], [1, "น.ส.", "ทอง", "แก้ว ณ เมือง", "ญ", "ม.3", 1.0]]
    (name,), refused = read_names(rows)
    assert not refused
    assert (name.title, name.first_name, name.last_name, name.grade, name.room) == (
        "นางสาว", "ทอง", "แก้ว ณ เมือง", Grade.M3, "1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ([1, "", "ก้อง ใจดี", "", "ป.1"], "คำนำหน้า"),
        ([1, "", "ด.ช.ก้อง", "", "ป.1"], "นามสกุล"),
        ([1, "", "ด.ช.ก้อง ใจดี", "", "ป.9"], "ระดับชั้น"),
        ([1, "", "ด.ช.ก้อง ใจดี", "123", "ป.1"], "13"),
    ],
)
def test_a_wrong_row_is_refused_with_its_number_and_reason(row: list[Any], word: str) -> None:
    names, (refused,) = read_names(sheet(row))
    assert not names
    assert refused.row == 4
    assert word in refused.th


def test_a_sheet_without_the_header_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        read_names([["อะไร", "ก็ไม่รู้"], [1, 2]])
    assert caught.value.field == "file"


cell = st.one_of(st.none(), st.text(max_size=20), st.integers(), st.floats(allow_nan=True), st.booleans())


@given(st.lists(st.lists(cell, max_size=6), max_size=6))
def test_no_sheet_makes_it_fall_over_and_no_named_row_is_lost(rows: list[list[Any]]) -> None:
    names, refused = read_names(sheet(*rows))
    seen = [one.row for one in names] + [one.row for one in refused]
    assert len(seen) == len(set(seen)) <= len(rows)

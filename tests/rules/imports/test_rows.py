"""Cells understood: what is put right is listed, what is wrong is named, what is open is asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.enums import Grade
from app.rules import national_id
from app.rules.imports import questions, repairs
from app.rules.imports.fields import LABELS
from app.rules.imports.rows import RowReader
from app.rules.imports.terms import FIELDS, RowRead, SheetPlan

TODAY = date(2026, 11, 23)
ID, LED_BY_0 = "1101700230708", "0112345678903"
assert national_id.is_valid_thai_id(ID)


def plan(*names: str, **facts: str) -> SheetPlan:
    columns = dict(enumerate(names))
    return SheetPlan(0, "s", "", 0, columns, {at: LABELS[field][0] for at, field in columns.items()}, facts=facts)


def read(answers: dict[str, str] | None = None, **cells: Any) -> RowRead:
    """One row with these cells by field; with a name, so that the row is about somebody."""
    whole = cells if {"first_name", "name"} & cells.keys() else {**cells, "first_name": "ก้อง"}
    row = RowReader(plan(*whole), answers or {}, today=TODAY).read(1, list(whole.values()))
    assert row is not None
    return row


def check(row: RowRead, field: str) -> tuple[Any, list[str], list[str]]:
    kinds = [one.kind for one in row.repairs if one.field == field]
    return row.values.get(field), kinds, [one.en for one in row.troubles if one.field == field]


def led_by_zero() -> str:
    return "01234567890" + "1" + national_id.check_digit("012345678901")


@pytest.mark.parametrize(
    ("field", "cell", "value", "kinds"),
    [
        ("national_id", ID, ID, []),
        ("national_id", int(ID), ID, []),
        ("national_id", float(ID), ID, []),
        ("national_id", "๑๑๐๑๗๐๐๒๓๐๗๐๘", ID, ["thai-digits"]),
        ("national_id", "1-1017-00230-70-8", ID, ["separators"]),
        ("national_id", "1 1017 00230 70 8", ID, ["separators"]),
        ("national_id", " 11017\u200b00230708 ", ID, ["invisible"]),
        ("national_id", "'" + ID, ID, ["number-form"]),
        ("national_id", f'="{ID}"', ID, ["number-form"]),
        ("national_id", ID + ".0", ID, ["number-form"]),
        ("national_id", "1.101700230708E+12", ID, ["scientific"]),
        ("national_id", led_by_zero().lstrip("0"), led_by_zero(), ["leading-zeros"]),
        ("national_id", int(led_by_zero()), led_by_zero(), ["leading-zeros"]),
        ("national_id", "g123456789012", "G123456789012", ["letters"]),
        ("national_id", "-", None, ["blank-mark"]),
        ("national_id", None, None, []),
        ("student_no", "007", "007", []),
        ("student_no", 7.0, "7", []),
        ("student_no", "๐๐๗", "007", ["thai-digits"]),
        ("student_no", "12-345", "12345", ["separators"]),
        ("title", "ด.ช.", "เด็กชาย", ["short-title"]),
        ("title", "เด็กชาย", "เด็กชาย", []),
        ("title", "หม่อมหลวง", "หม่อมหลวง", []),
        ("first_name", "ก้อง\u200b", "ก้อง", ["invisible"]),
        ("first_name", "เเดง", "แดง", ["spelling"]),
        ("first_name", "=1+1ก", "=1+1ก", []),
        ("sex", "ช", "male", []),
        ("sex", "หญิง", "female", []),
        ("sex", "F", "female", ["sex-form"]),
        ("weight_kg", 25.5, 25.5, []),
        ("weight_kg", "25 กก.", 25.0, ["unit"]),
        ("weight_kg", "๒๕,๕", 25.5, ["thai-digits", "number-form"]),
        ("weight_kg", "ไม่มี", None, ["blank-mark"]),
        ("height_cm", "120 ซม.", 120.0, ["unit"]),
        ("height_cm", 0, None, ["blank-mark"]),
        ("grade", "ป.1", "P1", []),
        ("grade", "P1", "P1", []),
        ("grade", "ประถมศึกษาปีที่ 1", "P1", []),
        ("grade", "ป1", "P1", ["grade-form"]),
        ("grade", "ป.๑", "P1", ["thai-digits"]),
        ("grade", "อนุบาล 2", "K2", []),
        ("grade", "อ.๓", "K3", ["thai-digits"]),
        ("grade", "อนุบาล 1 (3 ขวบ)", "K1", ["grade-form"]),
        ("grade", "เด็กเล็ก 3 ขวบ", "C3", ["grade-form"]),
        ("grade", "เตรียมอนุบาล (อายุ 2 ปี)", "C2", ["grade-form"]),
        ("grade", "อายุ 4 ปี", "C4", []),
        ("grade", "ม.ต้น ปีที่ 2", "M2", ["grade-form"]),
        ("grade", "มัธยมศึกษาตอนปลาย ปีที่ 5", "M5", ["grade-form"]),
        ("grade", "ปวช.1", "V1", []),
        ("grade", "ปวส. 2", "D2", []),
        ("status", "ปกติ", "studying", []),
        ("status", "ย้าย", "moved", []),
        ("status", "จบการศึกษา", "graduated", ["status-form"]),
        ("status", "แขวนลอย", "absent_long", ["status-form"]),
        ("religion", "N/A", None, ["blank-mark"]),
        ("room", "1", "1", []),
        ("room", "ห้อง 2", "2", ["separators", "unit"]),
        ("academic_year", 2024, "2567", ["era"]),
        ("academic_year", "๒๕๖๗", "2567", []),
        ("term", "ภาคเรียนที่ 1", "1", []),
        ("school_code", "030200001", "030200001", []),
    ],
)  # fmt: skip
def test_cells_and_their_repairs(field: str, cell: Any, value: Any, kinds: list[str]) -> None:
    row = read(**{field: cell})
    assert check(row, field) == (value, kinds, [])
    assert set(kinds) <= repairs.KINDS.keys()


BORN = datetime(2017, 6, 10)


@pytest.mark.parametrize(
    ("cell", "kinds"),
    [
        ("10/06/2560", []), ("10/6/2017", ["era"]), ("2017-06-10", []), ("2560-06-10", ["be-in-date-cell"]),
        ("2560/06/10", ["date-form"]),
        (date(2017, 6, 10), []),
        (datetime(2017, 6, 10, 0, 0), []), (date(2560, 6, 10), ["be-in-date-cell"]), ("๑๐/๐๖/๒๕๖๐", ["thai-digits"]),
        ("10 มิ.ย. 2560", []), ("10 มิถุนายน พ.ศ. 2560", []), ("10-มิ.ย.-2560", []), ("10 June 2017", ["era"]),
        (42896, ["excel-serial"]),
        ("42896", ["excel-serial"]), (42896.0, ["excel-serial"]), (241223, ["excel-serial"]),
        ("10062560", ["date-form"]),
        ("2017-06-10 00:00:00", []), ("10 มิ.ย. พ.ศ. 60", ["two-digit-year"]), ("10/06/2560 08:30", ["date-form"]),
    ],
)  # fmt: skip
def test_dates_in_many_hands(cell: Any, kinds: list[str]) -> None:
    row = read(birth_date=cell)
    assert check(row, "birth_date") == (BORN, kinds, [])
    assert not row.questions


@pytest.mark.parametrize(
    ("cell", "kind", "answer", "value"),
    [
        ("10/06/60", "two-digit-era", "be", datetime(2017, 6, 10)),
        ("10/06/17", "two-digit-era", "ce", datetime(2017, 6, 10)),
        ("10 มิ.ย. 60", "two-digit-era", "be", datetime(2017, 6, 10)),
        ("10/06/95", "two-digit-era", "ce", datetime(1995, 6, 10)),
        (date(1960, 6, 10), "excel-year", "be", datetime(2017, 6, 10)),
        (date(1960, 6, 10), "excel-year", "ce", datetime(1960, 6, 10)),
        ("10/06/1960", "excel-year", "be", datetime(2017, 6, 10)),
        (22077, "excel-year", "be", datetime(2017, 6, 10)),
        ("06/25/2560", "day-month", "mdy", datetime(2017, 6, 25)),
    ],
)
def test_what_could_be_two_things_is_asked_and_the_answer_followed(
    cell: Any, kind: str, answer: str, value: datetime
) -> None:
    key = questions.key("birth_date", kind)
    row = read(birth_date=cell)
    assert row.questions == [key]
    assert "birth_date" not in row.values
    assert not row.troubles
    assert answer in [option for option, _, _ in questions.KINDS[kind].options]
    told = read({key: answer}, birth_date=cell)
    assert told.values["birth_date"] == value
    assert not told.questions
    again = RowReader(plan("birth_date"), {key: answer}, today=TODAY).read_typed(2, row.typed)
    assert again.values["birth_date"] == value


def test_other_dates_of_the_file_depend_on_the_order_of_day_and_month() -> None:
    key = "birth_date:day-month"
    row = read(birth_date="05/06/2560")
    assert (row.values["birth_date"], row.depends) == (datetime(2017, 6, 5), [key])
    assert read({key: "mdy"}, birth_date="05/06/2560").values["birth_date"] == datetime(2017, 5, 6)
    assert read(birth_date="06/06/2560").depends == []
    for sure in (date(2017, 6, 5), "2017-06-05", "5 มิ.ย. 2560"):
        row = read({key: "mdy"}, birth_date=sure)
        assert (row.values["birth_date"], row.depends) == (datetime(2017, 6, 5), [])
    assert read({key: "mdy"}, birth_date="25/06/2560").troubles
    assert read({key: "dmy"}, birth_date="06/25/2560").troubles


@pytest.mark.parametrize(
    ("field", "cell", "word"),
    [
        ("national_id", "1101700230709", "last digit"), ("national_id", "1.1017E+12", "as text"),
        ("national_id", "12345", "13"),
        ("national_id", "ก1101700230708", "not digits"), ("student_no", "1" * 21, "too long"),
        ("title", "ก" * 31, "too long"),
        ("first_name", "ก" * 81, "too long"), ("first_name", "ก้อง😀", "no letter"), ("first_name", "-", "no name"),
        ("first_name", ID, "no name"), ("sex", "1", "unclear"), ("sex", "?", "unclear"),
        ("weight_kg", "อ้วน", "cannot be read"),
        ("weight_kg", 999, "between 1 and 300"), ("height_cm", "1.20", "centimetres"), ("grade", "1", "bare number"),
        ("grade", "ป.9", "unknown"), ("grade", "ม.ปลาย 1", "unknown"), ("grade", "ป.1-2", "unknown"),
        ("grade", "เด็กเล็ก", "unknown"),
        ("status", "หายไป", "unknown"), ("birth_date", "31/02/2560", "no such day"),
        ("birth_date", "เมื่อวาน", "cannot be read"),
        ("birth_date", "00/00/2560", "no such day"), ("birth_date", "10/06/2300", "neither era"),
        ("birth_date", "32/13/2560", "no such day"),
        ("birth_date", True, "cannot be read"), ("room", date(2026, 2, 1), "turned into a date"),
        ("academic_year", "67", "four digits"),
        ("term", "ฤดูร้อน", "1 or 2"), ("religion", "พุทธ\ue000", "no letter"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(field: str, cell: Any, word: str) -> None:
    row = read(**{"first_name": "ก้อง", field: cell})
    value, _, said = check(row, field)
    assert value is None
    assert len(said) == 1
    assert word in said[0]
    (trouble,) = row.troubles
    assert "โปรด" in trouble.th
    assert len(trouble.value) <= 40


def test_no_id_number_is_in_a_message() -> None:
    wrong = "1101700230709"
    for field in FIELDS:
        for text in (wrong, "1-1017-00230-70-9", "๑๑๐๑๗๐๐๒๓๐๗๐๙", f"x {wrong}"):
            row = RowReader(plan(field), {}, today=TODAY).read_typed(2, {field: text})
            for trouble in row.troubles:
                said = national_id.normalise(trouble.value + trouble.th + trouble.en)
                assert wrong not in said
                assert wrong[4:12] not in said


@pytest.mark.parametrize(
    ("cells", "person", "kinds"),
    [
        ({"name": "ด.ช.ก้อง ใจดี"}, ("เด็กชาย", "ก้อง", "ใจดี", "male"), {"short-title", "sex-from-title"}),
        ({"name": "นางสาวทอง แก้ว ณ เมือง"}, ("นางสาว", "ทอง", "แก้ว ณ เมือง", "female"), {"sex-from-title"}),
        ({"title": "ด.ญ.", "name": "ขวัญ น้ำใส"}, ("เด็กหญิง", "ขวัญ", "น้ำใส", "female"), {"short-title", "sex-from-title"}),
        ({"first_name": "เด็กชายก้อง", "last_name": "ใจดี"}, ("เด็กชาย", "ก้อง", "ใจดี", "male"), {"title-split",
        "sex-from-title"}),
        ({"title": "เด็กชาย", "first_name": "เด็กชายก้อง", "last_name": "ดี"}, ("เด็กชาย", "ก้อง", "ดี", "male"),
        {"title-split", "sex-from-title"}),
        ({"title": "เด็กหญิง", "first_name": "ขวัญ น้ำใส", "last_name": ""}, ("เด็กหญิง", "ขวัญ", "น้ำใส", "female"),
        {"name-split", "sex-from-title"}),
        ({"title": "เด็กหญิง", "first_name": "พระพาย", "last_name": "ดี"}, ("เด็กหญิง", "พระพาย", "ดี", "female"),
        {"sex-from-title"}),
        ({"first_name": "พระพาย", "last_name": "ดี"}, (None, "พระพาย", "ดี", None), set()),
        ({"title": "เด็กชาย", "first_name": "นายิกา", "last_name": "ดี", "sex": "ญ"}, ("เด็กชาย", "นายิกา", "ดี", "female"),
        set()),
        ({"name": "ด.ช.ก้อง", "last_name": "ใจดี"}, ("เด็กชาย", "ก้อง", "ใจดี", "male"), {"short-title", "sex-from-title"}),
        ({"title": "เด็กชาย", "first_name": "ก", "last_name": "ดี", "sex": 1}, ("เด็กชาย", "ก", "ดี", "male"),
        {"sex-form"}),
        ({"title": "ด.ช.", "first_name": "ก้อง", "last_name": "ดี", "sex": ""}, ("เด็กชาย", "ก้อง", "ดี", "male"),
        {"short-title", "sex-from-title"}),
    ],
)  # fmt: skip
def test_names_titles_and_sexes_together(cells: dict[str, Any], person: tuple[Any, ...], kinds: set[str]) -> None:
    row = read(**cells)
    assert not row.troubles
    assert tuple(row.values.get(field) for field in ("title", "first_name", "last_name", "sex")) == person
    assert {one.kind for one in row.repairs} == kinds


def test_a_whole_name_without_a_space_says_what_to_do() -> None:
    (trouble,) = read(name="ด.ช.ก้องใจดี").troubles
    assert "เว้นวรรค" in trouble.th


def test_a_sex_code_against_the_title_is_not_believed() -> None:
    assert read(title="เด็กหญิง", first_name="ก", sex="1").troubles


@pytest.mark.parametrize(
    ("cells", "grade", "room"),
    [
        ({"grade_room": "ป.1/2"}, "P1", "2"), ({"grade": "ป.1/2"}, "P1", "2"),
        ({"grade": "ป.1", "room": "3"}, "P1", "3"),
        ({"grade": "ป.1/3", "room": "03"}, "P1", "03"), ({"grade": "ป.1/3", "room": ""}, "P1", "3"),
        ({"grade_room": "ม.๓ ห้อง ๒"}, "M3", "2"),
        ({"level": "ประถมศึกษา", "grade": 1}, "P1", None), ({"level": "ก่อนประถมศึกษา", "grade": "2"}, "K2", None),
        ({"level": "มัธยมศึกษาตอนปลาย", "grade": "4/1"}, "M4", "1"),
        ({"level": "มัธยมศึกษาตอนต้น", "grade": "ม.1"}, "M1", None),
        ({"grade": "ป.6", "grade_room": "ป.1/1"}, "P6", None), ({"grade_room": "ป.1"}, "P1", None),
    ],
)  # fmt: skip
def test_grades_and_rooms_together(cells: dict[str, Any], grade: str, room: str | None) -> None:
    row = read(**cells)
    assert not row.troubles
    assert (row.values["grade"], row.values.get("room")) == (grade, room)


def test_rooms_that_differ_and_levels_that_do_not_fit_are_named() -> None:
    assert [one.field for one in read(grade="ป.1/3", room="2").troubles] == ["room"]
    assert [one.field for one in read(level="มัธยมศึกษาตอนปลาย", grade="1").troubles] == ["grade"]


@pytest.mark.parametrize("field", ["first_name", "religion"])
@pytest.mark.parametrize("sign", "=+-@")
def test_the_guard_of_an_export_against_formulas_is_taken_off(field: str, sign: str) -> None:
    assert read(**{field: f"'{sign}ก้อง"}).typed[field] == f"{sign}ก้อง"


@pytest.mark.parametrize("name", ["Na", "Nan", "None"])
def test_names_that_look_like_nothing_are_names(name: str) -> None:
    row = read(title="เด็กชาย", first_name=name, last_name=name, religion=name)
    assert (row.values["first_name"], row.values["religion"]) == (name, None)


@pytest.mark.parametrize("grade", list(Grade))
def test_every_grade_is_read_by_its_code_and_its_names(grade: Grade) -> None:
    for text in (grade.value, grade.th, grade.en, grade.abbr):
        assert check(read(grade=text), "grade") == (grade.value, [], [])


LISTED = plan("student_no", "name", "national_id", "grade_room", school_name="โรงเรียนวัดใหม่")


@pytest.mark.parametrize(
    "cells",
    [
        (None, None, None, None), ("", " ", "", ""),
        ("เลขประจำตัวนักเรียน", "คำนำหน้า ชื่อ-สกุล", "เลขประจำตัวประชาชน", "ระดับชั้น/ห้อง"),
        ("", "ลงชื่อ ..................", "", ""), ("", "(นายดี ใจดี)", "", ""), ("", "ตำแหน่ง ผู้อำนวยการ", "", ""),
        ("รวม", "32 คน", "", ""),
        ("", "รวมทั้งสิ้น 32 คน", "", ""), ("", "", "", "ป.1"), ("", "วันที่ 10 มิ.ย. 2567", "", ""),
        ("※ ตัวเลข", "ชื่อเต็ม", "13 หลัก", "เลือก"),
        ("", "................", "", ""),
    ],
)  # fmt: skip
def test_lines_that_are_no_data(cells: tuple[Any, ...]) -> None:
    assert RowReader(LISTED, {}, today=TODAY).read(3, cells) is None


@pytest.mark.parametrize(
    "cells",
    [("1", "ด.ช.ก้อง ใจดี", None, "ป.1"), ("1", None, None, "ป.1"), ("", "ด.ช.รวม ใจดี", "", "ป.1"), ("", "ก", "", ""),
    (None, None, ID, None)],
)  # fmt: skip
def test_lines_about_somebody_are_never_lost(cells: tuple[Any, ...]) -> None:
    row = RowReader(LISTED, {}, today=TODAY).read(3, cells)
    assert row is not None
    assert row.row == 4
    assert row.values["school_name"] == "โรงเรียนวัดใหม่"


def test_the_header_and_what_is_above_it_are_no_rows() -> None:
    assert RowReader(LISTED, {}, today=TODAY).read(0, ("1", "ด.ช.ก้อง ใจดี", None, "ป.1")) is None


def test_values_filled_from_merged_cells_are_listed() -> None:
    row = RowReader(LISTED, {}, today=TODAY).read(3, ("1", "ด.ช.ก้อง ใจดี", None, "ป.1"), {3})
    assert row is not None
    assert [(one.field, one.after) for one in row.repairs if one.kind == "merged"] == [("grade_room", "ป.1")]


def test_absent_columns_and_empty_cells_differ() -> None:
    row = read(religion=None, first_name="ก้อง")
    assert row.values["religion"] is None
    assert "nationality" not in row.values


garbage = st.one_of(
    st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(),
    st.just("1" * 5000),
    st.from_regex(r"[0-9๐-๙]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}", fullmatch=True),
    st.from_regex(r"[0-9]{5,13}(\.0|E\+12)?", fullmatch=True),
    st.sampled_from(["ด.ช.ก้อง ใจดี", "ป.1/2", ID, "G123456789012", "ชาย", "๑", "=cmd|' /C calc'!A0", "\u202eกขค", "😀",
    "ป.๑", "ม.3"]),
)  # fmt: skip
ANSWERS = st.dictionaries(
    st.sampled_from(
        [questions.key(field, kind) for field in ("birth_date", "admitted_on") for kind in questions.KINDS]
    ),
    st.sampled_from(["be", "ce", "dmy", "mdy", "x"]),
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), garbage, min_size=1), ANSWERS)
def test_anything_is_read_and_reads_the_same_from_its_texts(cells: dict[str, Any], answers: dict[str, str]) -> None:
    reader = RowReader(plan(*cells), answers, today=TODAY)
    row = reader.read(1, list(cells.values()))
    if row is None:
        return
    again = reader.read_typed(row.row, row.typed)
    assert again.values == row.values
    assert (again.troubles, again.questions, again.depends) == (row.troubles, row.questions, row.depends)
    for field in cells:
        named = {one.field for one in row.troubles} | {key.partition(":")[0] for key in row.questions}
        stands_for = {
            "name": {"first_name", "name"},
            "grade_room": {"grade", "grade_room"},
            "level": {"level", "grade"},
        }
        if row.typed[field] and field not in ("level", "name", "grade_room"):
            assert {field} & (row.values.keys() | named)
        elif row.typed[field] and field != "level":
            assert stands_for[field] & (row.values.keys() | named) or {"last_name", "grade"} & row.values.keys()


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(FIELDS), garbage)
@example("name", "A\u200b")
@example("student_no", -1e15)
@example("room", "-'5.0")
def test_what_was_put_right_needs_nothing_more(field: str, cell: Any) -> None:
    row = RowReader(plan(field), {}, today=TODAY).read(1, [cell])
    for repair in row.repairs if row else ():
        again = RowReader(plan(repair.field), {}, today=TODAY).read_typed(2, {repair.field: repair.after})
        own = [one for one in again.repairs if one.field == repair.field]
        assert not own, (repair, own)
        assert not again.troubles or row.troubles  # a cell that was put right and refused all the same stays refused


@settings(max_examples=200, deadline=None)
@given(st.dates(date(1857, 6, 1), date(2026, 11, 23)))
def test_days_in_both_eras_are_the_same_day(day: date) -> None:
    stored = datetime(day.year, day.month, day.day)
    be = f"{day.day:02}/{day.month:02}/{day.year + 543}"
    if day.year >= 1900:
        assert read(birth_date=be).values["birth_date"] == stored
    if day.year >= 1970:
        for cell in (day, day.isoformat(), f"{day.day}/{day.month}/{day.year}", (day - date(1899, 12, 30)).days):
            assert read(birth_date=cell).values.get("birth_date") == stored


@pytest.mark.parametrize(
    "text",
    [
        "ลงชื่อ........................................ผู้ให้ข้อมูล",
        "(........................................)",
        "ตำแหน่ง ผู้อำนวยการสถานศึกษา",
    ],
)
def test_signatures_in_the_column_of_numbers_are_no_data(text: str) -> None:
    reader = RowReader(plan("national_id", "first_name", "last_name", "grade"), {}, today=TODAY)
    assert reader.read(3, (text, None, None, None)) is None
    assert reader.read(3, (None, text, None, None)) is None
    assert reader.read(3, (ID[:12], None, None, None)) is not None


def test_a_year_in_a_date_cell_is_still_seen_from_its_text() -> None:
    reader = RowReader(plan("birth_date"), {}, today=TODAY)
    row = reader.read(1, (date(2560, 6, 10),))
    assert row is not None
    assert reader.read_typed(2, row.typed).repairs == row.repairs != []

"""Layouts recognised by what their headers say, and nobody else's name taken for the pupil's."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.imports import fields, headers, layouts, recognising
from app.rules.imports.terms import FIELDS, SheetHead
from tests.rules.imports import heads

CODES = tuple(heads.COLUMNS)


@pytest.mark.parametrize("merged", [True, False])
@pytest.mark.parametrize("code", CODES)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), noise=st.booleans())
def test_every_layout_is_found_with_each_of_its_columns(code: str, merged: bool, seed: int, noise: bool) -> None:
    made = heads.make(code, random.Random(seed), merged=merged, noise=noise)
    plan = recognising.recognise(made.head, layouts.builtin())
    assert plan is not None
    assert plan.layout == code
    assert plan.header == made.header
    assert plan.columns == made.columns


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), merged=st.booleans())
def test_parents_before_the_pupil_are_not_taken_for_the_pupil(seed: int, merged: bool) -> None:
    rng = random.Random(seed)
    groups: dict[str, heads.Columns] = {}
    for column in heads.LEC_EXPORT:
        groups.setdefault(column[0] or column[1], []).append(column)
    parts = list(groups.values())
    rng.shuffle(parts)
    shuffled = [column for part in parts for column in part]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(heads.COLUMNS, "lec-export", shuffled)
        made = heads.make("lec-export", rng, merged=merged, noise=False)
    plan = recognising.recognise(made.head, layouts.builtin())
    assert plan is not None
    assert plan.columns == made.columns
    guessed = recognising.guess(made.head)
    assert guessed is not None
    theirs = {place for place, (group, _, _) in enumerate(shuffled) if headers.names_others(headers.tidy(group))}
    assert not {place for place, field in guessed.columns.items() if field in fields.PERSONAL} & theirs


def test_the_id_may_have_its_own_heading_in_dmc_lists() -> None:
    columns = [("", "เลขประจำตัวประชาชน", "national_id") if field == "national_id" else (group, text, field)
               for group, text, field in heads.DMC_SHORT]  # fmt: skip
    head = SheetHead(0, "s", (tuple(text for _, text, _ in columns),), 1)
    plan = recognising.recognise(head, layouts.builtin())
    assert plan is not None
    assert plan.columns == {place: field for place, (_, _, field) in enumerate(columns) if field}


def test_cells_say_which_of_two_like_headings_is_the_id() -> None:
    made = heads.make("dmc-short", random.Random(1), noise=False)
    by_field = {field: place for place, field in made.columns.items()}
    row: list[str | None] = [None] * 36
    row[by_field["national_id"]], row[by_field["student_no"]] = "12", "1101700230708"
    plan = recognising.recognise(replace(made.head, top=(*made.head.top, tuple(row))), layouts.builtin())
    assert plan is not None
    assert plan.columns[by_field["student_no"]] == "national_id"
    assert plan.columns[by_field["national_id"]] == "student_no"


def test_hidden_sheets_and_lists_of_schools_are_no_rosters() -> None:
    made = heads.make("lec", random.Random(1))
    assert recognising.recognise(replace(made.head, hidden=True), layouts.builtin()) is None
    assert recognising.guess(replace(made.head, hidden=True)) is None
    schools = SheetHead(1, "สถานศึกษา", (("รหัสสถานศึกษา", "ชื่อสถานศึกษา", "อปท."), ("1030200001", "โรงเรียน ก", "ทต. ข")), 2)
    assert recognising.recognise(schools, layouts.builtin()) is None


def test_lines_above_the_header_tell_school_year_and_term() -> None:
    top = (
        ("แบบรับรองรายชื่อนักเรียน",), ("รหัสโรงเรียน: 30020001",), ("โรงเรียนบ้านใหม่ อำเภอปักธงชัย",),
        ("ภาคเรียนที่ ๑ ปีการศึกษา ๒๕๖๗",),
        ("ลำดับ", "ชื่อ-สกุล", "ชั้น"),
    )  # fmt: skip
    plan = recognising.recognise(SheetHead(0, "s", top, 5), layouts.builtin())
    assert plan is not None
    assert plan.facts == {
        "school_code": "30020001", "school_name": "โรงเรียนบ้านใหม่", "academic_year": "2567", "term": "1",
    }  # fmt: skip
    assert plan.unused == ("ลำดับ",)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("โรงเรียนวัดใหม่ สังกัด สพป. เขต 3", "โรงเรียนวัดใหม่"), ("สถานศึกษา โรงเรียน วัดใหม่ สังกัด สพป.", "โรงเรียนวัดใหม่"),
        ("ชื่อสถานศึกษา: วิทยาลัยเทคนิค", "วิทยาลัยเทคนิค"), ("ศูนย์พัฒนาเด็กเล็กบ้านนา อำเภอ เมือง", "ศูนย์พัฒนาเด็กเล็กบ้านนา"),
        ("แบบรับรองรายชื่อนักเรียนของ สถานศึกษา สังกัดหน่วยงานอื่น", None), ("โรงเรียน....................", None),
    ],
)  # fmt: skip
def test_the_school_in_a_line_above(line: str, name: str | None) -> None:
    assert headers.facts(SheetHead(0, "s", ((line,), ("ชื่อ", "ชั้น")), 2), 1).get("school_name") == name


def test_unknown_files_are_guessed_by_headings_and_cells() -> None:
    top = (
        ("ที่", "รหัส", "เลข ปชช.", "คำนำหน้าชื่อเด็ก", "ชื่อเด็ก", "นามสกุลเด็ก", "ว.ด.ป. เกิด", "ชั้นเรียน", "พ่อ", "อะไร"),
        (1, "001", "1101700230708", "ด.ช.", "ก้อง", "ใจดี", "10/06/2560", "ป.1/2", "นายดี ใจดี", "x"),
        (2, "002", "1101700230708", "ด.ญ.", "ขวัญ", "น้ำใส", "11/06/2560", "ป.1/2", "นายดำ น้ำใส", "y"),
    )
    plan = recognising.guess(SheetHead(0, "s", top, 3))
    assert plan is not None
    assert (plan.layout, plan.header) == ("", 0)
    assert {
        2: "national_id",
        3: "title",
        4: "first_name",
        6: "birth_date",
        7: "grade_room",
    }.items() <= plan.columns.items()
    assert 8 not in plan.columns


def test_a_sheet_without_a_header_is_guessed_by_its_cells() -> None:
    rows = tuple((str(n), "1101700230708", "ด.ช.ก้อง ใจดี", "ป.1/2", date(2017, 6, 10)) for n in range(1, 5))
    plan = recognising.guess(SheetHead(0, "s", rows, 4))
    assert plan is not None
    assert plan.header == -1
    assert plan.columns == {1: "national_id", 2: "name", 3: "grade_room", 4: "birth_date"}


def test_samples_mask_id_numbers() -> None:
    top = (
        ("ก", "ข"),
        ("1101700230708", "ดี"),
        ("1-1017-00230-70-8", "ดี"),
        (1101700230708, None),
        ("๑๑๐๑๗๐๐๒๓๐๗๐๘", "งาม"),
    )
    found = recognising.samples(SheetHead(0, "s", top, 4), 0)
    assert found == {0: ["1-1017-xxxxx-xx-8"], 1: ["ดี", "งาม"]}


def test_what_people_chose_is_a_plan_and_becomes_a_layout() -> None:
    made = heads.make("lec-export", random.Random(3), noise=False)
    plan = recognising.plan_of(made.head, made.header, made.columns)
    assert plan.columns == made.columns
    told = {plan.headings[place]: field for place, field in plan.columns.items()}
    layout = layouts.saved("mine", "ของเรา", told)
    again = recognising.recognise(made.head, [layout, *layouts.builtin()])
    assert again is not None
    assert (again.layout, again.columns) == ("mine", made.columns)


def test_saved_layouts_tell_headings_apart_that_are_alike() -> None:
    made = heads.make("dmc-short", random.Random(3), noise=False)
    plan = recognising.plan_of(made.head, made.header, made.columns)
    layout = layouts.saved("mine", "ของเรา", {plan.headings[place]: field for place, field in plan.columns.items()})
    again = recognising.recognise(made.head, [layout])
    assert again is not None
    assert again.columns == made.columns


def test_a_wrong_layout_file_is_refused() -> None:
    told = {"th": "ก", "en": "a", "needs": ["name"], "columns": [{"field": "name"}]}
    assert layouts.declared("x", told).columns[0].headings
    with pytest.raises(ValueError, match="no such field"):
        layouts.declared("x", {**told, "columns": [{"field": "nickname"}]})
    with pytest.raises(ValueError, match="no column for"):
        layouts.declared("x", {**told, "needs": ["grade"]})


def test_builtin_layouts_say_who_a_row_is_about() -> None:
    assert {layout.code for layout in layouts.builtin()} >= set(CODES)
    for layout in layouts.builtin():
        assert fields.enough(layout.needs)
        assert {column.field for column in layout.columns} <= set(FIELDS)


cell = st.one_of(
    st.none(), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.dates(),
    st.sampled_from([text for columns in heads.COLUMNS.values() for _, text, _ in columns]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(cell, max_size=8), max_size=8),
    st.lists(st.tuples(*[st.integers(0, 9)] * 4), max_size=3),
    st.integers(-1, 9),
)
def test_no_head_makes_it_fall_over(rows: list[list[object]], merged: list[tuple[int, ...]], header: int) -> None:
    head = SheetHead(0, "s", tuple(tuple(row) for row in rows), len(rows), tuple(merged))  # type: ignore[arg-type]
    recognising.recognise(head, layouts.builtin())
    recognising.guess(head)
    recognising.plan_of(head, header, {0: "name"})
    recognising.samples(head, header)


def test_headings_that_nobody_knows_stand_above_the_first_row_with_digits() -> None:
    rows = (
        ("รายชื่อเด็กห้องครู", None, None),
        ("บัตร", "เด็ก", "เกิด"),
        ("1101700230708", "เด็กชายมานะ เรียนดี", "03/01/2560"),
        ("1101700230716", "เด็กหญิงปิติ เรียนดี", "04/01/2560"),
    )
    plan = recognising.guess(SheetHead(0, "s", rows, 4))
    assert plan is not None
    assert (plan.header, plan.columns[0]) == (1, "national_id")

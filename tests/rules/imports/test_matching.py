"""Whom a row is about and what it would change, without a database."""

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.rules.imports.matching import Roster, differences, is_somebody_else, move, place_of, said
from app.rules.imports.terms import STORED

Raw = dict[str, Any]
BORN = datetime(2017, 9, 1)
STUDENT: Raw = {
    "_id": 1, "national_id": "1101700203451", "student_no": "00012", "first_name": "ทดสอบ", "last_name": "ระบบ",
    "birth_date": BORN, "room": "1", "grade": "P1",
}  # fmt: skip


def test_an_empty_cell_and_what_is_no_field_say_nothing() -> None:
    assert said({"room": None, "grade": "P1", "school_code": "123", "term": 1}) == {"grade": "P1"}


def test_only_what_differs_is_a_change() -> None:
    assert differences({"room": "2", "grade": "P1"}, STUDENT) == {"room": ["1", "2"]}
    assert differences({"religion": "พุทธ"}, STUDENT) == {"religion": [None, "พุทธ"]}


def test_a_number_that_lost_its_zeros_is_the_same_and_one_that_gained_them_is_not() -> None:
    assert differences({"student_no": "12"}, STUDENT) == {}
    assert differences({"student_no": "00012"}, STUDENT | {"student_no": "12"}) == {"student_no": ["12", "00012"]}
    assert differences({"student_no": "13"}, STUDENT) == {"student_no": ["00012", "13"]}


def test_a_g_code_gives_way_to_a_number_and_never_the_reverse() -> None:
    g_code, number = "G123456789012", str(STUDENT["national_id"])
    assert differences({"national_id": number}, STUDENT | {"national_id": g_code}) == {"national_id": [g_code, number]}
    assert differences({"national_id": g_code}, STUDENT) == {}


def test_somebody_else_differs_in_name_surname_and_birth() -> None:
    other = {"first_name": "อีกคน", "last_name": "อื่น", "birth_date": datetime(2016, 1, 1)}
    assert is_somebody_else(other, STUDENT)
    assert not is_somebody_else(other | {"last_name": "ระบบ"}, STUDENT)
    assert not is_somebody_else({"first_name": "อีกคน", "last_name": "อื่น"}, STUDENT)


def test_a_move_changes_the_codes_that_differ() -> None:
    school = {"_id": "22", "lao_code": "L", "district_code": "D", "province_code": "30"}
    stored = {"school_code": "11", "lao_code": "L", "district_code": "D", "province_code": "30"}
    assert move(school, stored) == {"school_code": ["11", "22"]}
    assert place_of(school)["school_code"] == "22"


def test_without_a_number_the_student_number_and_names_tell_then_names_and_birth() -> None:
    twin = STUDENT | {"_id": 2, "student_no": "00013"}
    roster = Roster([STUDENT, twin])
    names = {"first_name": "ทดสอบ", "last_name": "ระบบ"}
    assert [row["_id"] for row in roster.without_id(names | {"student_no": "13"})] == [2]
    assert [row["_id"] for row in roster.without_id(names | {"birth_date": BORN})] == [1, 2]
    assert roster.without_id(names) == []
    assert roster.without_id({"first_name": "อื่น", "last_name": "ระบบ", "birth_date": BORN}) == []


def test_under_another_kind_of_number_only_the_same_birth_is_the_same_person() -> None:
    roster = Roster([STUDENT | {"national_id": "G123456789012"}])
    row = {"national_id": "1101700203451", "first_name": "ทดสอบ", "last_name": "ระบบ", "birth_date": BORN}
    assert len(roster.under_other_number(row)) == 1
    assert roster.under_other_number(row | {"birth_date": datetime(2016, 9, 1)}) == []
    assert roster.under_other_number(row | {"national_id": "G999999999999"}) == []


@given(st.dictionaries(st.sampled_from(STORED), st.text(min_size=1, max_size=5)))
def test_what_is_stored_already_is_no_change(values: Raw) -> None:
    assert differences(said(values), values) == {}


@given(
    st.dictionaries(st.sampled_from(STORED), st.text(min_size=1, max_size=5)),
    st.dictionaries(st.sampled_from(STORED), st.text(min_size=1, max_size=5)),
)
def test_changes_once_written_are_none_any_more(values: Raw, stored: Raw) -> None:
    after = stored | {name: pair[1] for name, pair in differences(values, stored).items()}
    assert differences(values, after) == {}

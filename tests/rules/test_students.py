"""What the rules find in one student's record."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Grade, Sex
from app.rules.ages import USUAL_AGES, age_on, usual_age
from app.rules.findings import Finding
from app.rules.students import validate_student
from tests.factories.people import CENSUS, SCHOOL, a_student

TODAY = date(2024, 11, 10)


def found(record: dict[str, Any], **school: Any) -> list[Finding]:
    return validate_student(record, SCHOOL | school, today=TODAY, census_date=CENSUS)


def one(record: dict[str, Any], **school: Any) -> tuple[str, str, str]:
    (finding,) = found(record, **school)
    assert finding.th and finding.th != finding.en
    return finding.field, finding.severity, finding.en


def test_a_good_record_raises_nothing() -> None:
    assert found(a_student()) == []
    assert found(a_student(grade=Grade.P1, sex=Sex.MALE, birth_date=date(2017, 9, 1), title="ด.ช.")) == []


@pytest.mark.parametrize(
    ("changes", "field", "severity", "english"),
    [
        ({"national_id": "1234567890123"}, "national_id", "error", "last digit"),
        ({"national_id": None}, "national_id", "error", "ID number is missing"),
        ({"last_name": ""}, "last_name", "error", "last name is missing"),
        ({"grade": "P9"}, "grade", "error", "Unknown grade “P9”"),
        ({"sex": "x"}, "sex", "error", "Unknown sex"),
        ({"title": "ด.ญ."}, "title", "error", "“เด็กหญิง” does not fit the sex “Male”"),
        ({"title": "ม.ล."}, "title", "warning", "is unknown"),
        ({"birth_date": datetime(2025, 1, 1)}, "birth_date", "error", "is in the future"),
        ({"admitted_on": datetime(2017, 8, 31)}, "admitted_on", "error", "before birth"),
        ({"birth_date": datetime(2010, 1, 1)}, "birth_date", "warning", "Age 14"),
        ({"birth_date": datetime(2020, 1, 1)}, "birth_date", "warning", "unusual for P.1 (5-10)"),
        ({"left_on": datetime(2024, 5, 15), "status": "moved"}, "left_on", "error", "before admission"),
        ({"admitted_on": datetime(2024, 6, 11)}, "admitted_on", "notice", "not counted in this round"),
        ({"left_on": datetime(2024, 7, 1)}, "status", "warning", "says studying"),
        ({"status": "graduated"}, "left_on", "warning", "still counts"),
        ({"grade": "K3"}, "grade", "error", "does not teach K.3 (it teaches P.1, P.2"),
    ],
)
def test_each_rule_names_its_field(changes: dict[str, Any], field: str, severity: str, english: str) -> None:
    actual = one(a_student(**changes))
    assert actual[:2] == (field, severity) and english in actual[2]


@pytest.mark.parametrize("status", ["closed", "merged"])
def test_a_closed_school_has_no_students(status: str) -> None:
    closed = {"status": status, "closed_on": datetime(2024, 6, 1)}
    assert one(a_student(), **closed)[:2] == ("school_code", "error")
    assert one(a_student(left_on=datetime(2024, 6, 2), status="moved"), **closed)[0] == "school_code"
    assert found(a_student(left_on=datetime(2024, 6, 1), status="moved"), **closed) == []


def test_a_school_without_a_list_of_grades_teaches_all() -> None:
    assert found(a_student(), grades=[]) == []


def test_without_a_census_date_nothing_is_said_about_the_round() -> None:
    record = a_student(admitted_on=datetime(2024, 6, 11))
    assert validate_student(record, SCHOOL, today=TODAY) == []


def test_usual_ages_can_be_replaced() -> None:
    findings = validate_student(a_student(), SCHOOL, today=TODAY, census_date=CENSUS, ages={Grade.P1: (7, 7)})
    assert [finding.field for finding in findings] == ["birth_date"]


def test_an_empty_record_is_only_told_what_is_missing() -> None:
    findings = validate_student({}, SCHOOL, today=TODAY, census_date=CENSUS)
    assert len(findings) == 8 and all("is missing" in finding.en for finding in findings)


@given(st.dictionaries(st.sampled_from(sorted(a_student())), st.none() | st.text() | st.dates() | st.integers()))
def test_no_record_is_too_odd_to_be_checked(changes: dict[str, Any]) -> None:
    for finding in found(a_student(**changes)):
        assert finding.th and finding.en and finding.field


def test_ages_follow_the_calendar() -> None:
    assert [usual_age(grade) for grade in (Grade.C2, Grade.K1, Grade.P1, Grade.M6, Grade.V1, Grade.D2)] == [
        2,
        3,
        6,
        17,
        15,
        19,
    ]
    assert set(USUAL_AGES) == set(Grade)
    assert [age_on(date(2016, 2, 29), day) for day in (date(2024, 2, 28), date(2023, 2, 28), date(2023, 3, 1))] == [
        7,
        6,
        7,
    ]

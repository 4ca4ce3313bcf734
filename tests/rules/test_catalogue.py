"""The catalogue of validation rules: its table, and each rule beyond one student's record."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.enums import Grade, Severity
from app.rules import national_id
from app.rules.catalogue import ACROSS, CATALOGUE, DEFAULTS, THRESHOLDS, Setting
from app.rules.catalogue.across import Stay, across, same_time
from app.rules.catalogue.counts import counts
from app.rules.catalogue.placement import ages_of
from app.rules.catalogue.roster import Checker, Found
from app.rules.catalogue.school import duplicates, empty_grades
from app.rules.students import validate_student
from tests.factories.people import CENSUS, SCHOOL, IdNumbers, a_student, some_students

TODAY = date(2024, 11, 10)
DAYS = st.dates(date(2023, 1, 1), date(2025, 12, 31))
PLACE = ("จังหวัดทดสอบ", "Test")


def checker(settings: Any = DEFAULTS) -> Checker:
    return Checker(settings, TODAY, CENSUS)


def found(
    students: list[Any], *, now: Any = None, before: Any = None, settings: Any = DEFAULTS, **school: Any
) -> list[Found]:
    whole = SCHOOL | {"kind": "school", "grades": ["P1"]} | school
    return list(checker(settings).school(whole, students, now, before))


def rules_of(*args: Any, **kwargs: Any) -> list[str]:
    return [each.finding.rule for each in found(*args, **kwargs)]


def test_every_rule_is_declared_in_both_languages_and_its_code_suits_a_page() -> None:
    for code, rule in CATALOGUE.items():
        assert rule.code == code and rule.th and rule.en and rule.th != rule.en
        assert code.replace("-", "").isalpha() and code.islower(), "an underscore would look like a stored code"
        for one in rule.thresholds:
            assert one.low <= one.default <= one.high and one.th and one.en
    assert len(THRESHOLDS) == sum(len(rule.thresholds) for rule in CATALOGUE.values()), "a name serves one rule"
    assert set(DEFAULTS) == set(CATALOGUE)


RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "national_id": st.none() | st.text(max_size=15) | st.from_regex(r"[0G]\d{12}", fullmatch=True),
        "title": st.sampled_from(["เด็กชาย", "ด.ญ.", "นาง", "ม.ล.", ""]),
        "sex": st.sampled_from(["male", "female", "x", None]),
        "grade": st.sampled_from([*Grade, "P9", None]),
        "status": st.sampled_from(["studying", "moved", "graduated", "absent_long", None]),
        "birth_date": st.none() | DAYS.map(lambda day: datetime(day.year, day.month, day.day)),
        "admitted_on": st.none() | DAYS.map(lambda day: datetime(day.year, day.month, day.day)),
        "left_on": st.none() | DAYS.map(lambda day: datetime(day.year, day.month, day.day)),
    },
)


@settings(deadline=None)
@given(RECORDS, st.sampled_from(["open", "closed", "merged"]))
def test_a_save_and_a_check_find_the_same_in_a_record(changes: dict[str, Any], status: str) -> None:
    school = SCHOOL | {"kind": "school", "status": status}
    student = a_student(**changes)
    saved = {
        (one.rule, one.field) for one in validate_student(student, school, today=TODAY, census_date=CENSUS)
        if not CATALOGUE[one.rule].together
    }  # fmt: skip
    checked = checker().school(school, [student], None, None)
    assert {(each.finding.rule, each.finding.field) for each in checked if each.student} == saved


@settings(deadline=None)
@given(RECORDS)
def test_no_text_holds_the_number_and_every_finding_is_of_a_declared_rule(changes: dict[str, Any]) -> None:
    student = a_student(**changes)
    for each in found([student, dict(student, first_name="อีกคน")]):
        number = str(student.get("national_id") or "")
        assert each.finding.rule in CATALOGUE and each.finding.severity is CATALOGUE[each.finding.rule].severity
        assert each.finding.th and each.finding.en
        assert len(number) < 10 or number not in each.finding.th + each.finding.en


@pytest.mark.parametrize("number", ["G123456789012", "G000000000000"])
def test_g_codes_and_numbers_led_by_zero_are_legal(number: str) -> None:
    zero = "0" + "12345678901"
    for legal in (number, zero + national_id.check_digit(zero)):
        assert found([a_student(national_id=legal)]) == []


def test_settings_change_the_weight_and_switch_a_rule_off() -> None:
    odd = a_student(birth_date=datetime(2010, 1, 1))
    assert rules_of([odd]) == ["age-for-grade"]
    heavy = {"age-for-grade": Setting(Severity.ERROR)}
    assert found([odd], settings=heavy)[0].finding.severity is Severity.ERROR
    assert found([odd], settings={"age-for-grade": Setting(Severity.WARNING, active=False)}) == []
    assert found([odd], settings={"age-for-grade": Setting(Severity.WARNING, True, {"late_primary": 8})}) == []


@settings(deadline=None)
@given(st.integers(0, 5), st.integers(0, 20), st.sampled_from(list(Grade)))
def test_thresholds_of_age_widen_the_range(early: int, late: int, grade: Grade) -> None:
    names = [one.name for one in CATALOGUE["age-for-grade"].thresholds if one.name != "early"]
    setting = Setting(Severity.WARNING, True, {"early": early, **dict.fromkeys(names, late)})
    youngest, oldest = ages_of({"age-for-grade": setting})[grade]
    assert oldest - youngest == early + late


def test_one_number_and_one_name_twice_in_a_school_are_told_of_each_row() -> None:
    ids = IdNumbers(Random(4))
    same = a_student(national_id=ids.thai())
    twin = dict(same, first_name="คนอื่น", _id=2)
    namesake = dict(same, national_id=ids.thai(), _id=3)
    assert [one.rule for _, one in duplicates([same, twin])] == ["duplicate-in-school"] * 2
    assert [one.rule for _, one in duplicates([same, namesake])] == ["same-person-in-school"] * 2
    assert list(duplicates([dict(same, birth_date=None), dict(namesake, birth_date=None)])) == []
    assert list(duplicates([same])) == []


def test_nobody_of_a_generated_roster_is_recorded_twice() -> None:
    names = [one.rule for _, one in duplicates(some_students(500))]
    assert "duplicate-in-school" not in names


@settings(deadline=None)
@given(st.sets(st.sampled_from(["P1", "P2", "P3"])), st.sets(st.sampled_from(["P1", "P2", "P3", "K1"])))
def test_a_grade_that_is_taught_is_told_exactly_when_nobody_is_in_it(taught: set[str], present: set[str]) -> None:
    told = [one.about for one in empty_grades({"grades": list(taught)}, present)]
    assert sorted(told) == (sorted(taught - present) if present else ["all"])
    assert list(empty_grades({"grades": list(taught), "status": "closed"}, present)) == []


def test_empty_grades_follow_the_census_and_an_explicit_zero_says_it_all() -> None:
    late = a_student(admitted_on=datetime(2024, 7, 1))
    assert rules_of([late]) == ["admitted-after-census", "empty-grade"]
    assert rules_of([], now={"total": 0, "source": "proclamation"}) == []
    assert rules_of([], now={"total": 0, "source": "reason"}) == ["zero-without-proclamation"]
    assert rules_of([], kind="other") == [], "missing is not zero"
    counted = {"total": 3, "male": 1, "female": 2, "counts": [{"grade": "P1", "male": 1, "female": 2}]}
    assert rules_of([], kind="other", now=counted) == []
    assert rules_of([], kind="other", now=counted, grades=["P1", "P2"]) == ["empty-grade"]


@settings(deadline=None)
@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 200), st.integers(1, 100))
def test_a_change_is_large_by_percent_and_by_persons_together(old: int, new: int, percent: int, persons: int) -> None:
    settings = {"large-change": Setting(Severity.WARNING, True, {"percent": percent, "persons": persons})}
    now = {"total": new, "male": new, "female": 0, "source": "roster" if new else "reason"}
    told = any(one.rule == "large-change" for one in counts(now, {"total": old, "round_code": "2567-1"}, settings))
    change = abs(new - old)
    assert told == (new > 0 and change >= persons and change * 100 >= percent * old)


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(0, 50), st.none() | st.integers(0, 50), st.none() | st.integers(0, 50))
def test_a_count_is_compared_with_its_list_by_boys_and_girls(
    boys: int, girls: int, listed_m: Any, listed_f: Any
) -> None:
    now = {"total": boys + girls, "male": boys, "female": girls, "list_male": listed_m, "list_female": listed_f}
    told = any(one.rule == "count-against-list" for one in counts(now, None, DEFAULTS))
    without = listed_m is None and listed_f is None
    assert told == (not without and (listed_m or 0, listed_f or 0) != (boys, girls))


def test_what_is_missing_is_not_compared() -> None:
    assert list(counts({"list_male": 3}, {"total": 9, "round_code": "2567-1"}, DEFAULTS)) == []
    assert list(counts({"total": 9, "male": 9, "female": 0}, {"round_code": "2567-1"}, DEFAULTS)) == []


STAYS = st.builds(
    lambda school, since, days: Stay(school, PLACE, since, since + timedelta(days) if days is not None else None),
    st.sampled_from("ABC"), DAYS, st.none() | st.integers(-5, 400),
)  # fmt: skip


@settings(deadline=None)
@given(STAYS, STAYS)
def test_two_stays_share_a_day_or_they_do_not(one: Stay, other: Stay) -> None:
    def days(stay: Stay) -> set[int]:
        return set(range(stay.since.toordinal(), (stay.until or date(2027, 1, 1)).toordinal()))

    assert same_time(one, other) == same_time(other, one) == bool(days(one) & days(other))


@settings(deadline=None)
@given(STAYS, st.lists(STAYS, max_size=5))
def test_a_shared_person_is_told_with_the_other_schools_and_no_code_in_the_text(own: Stay, stays: list[Stay]) -> None:
    told = across(own, [own, *stays])
    others = {stay.school for stay in stays if stay.school != own.school and same_time(own, stay)}
    assert (told is None) == (not others)
    if told is not None:
        finding, schools = told
        assert set(schools) == others and finding.rule == ACROSS.code and PLACE[0] in finding.th
        again = across(own, [*reversed(stays), own])
        assert again is not None and again[0].about == finding.about, "the order of reading does not matter"

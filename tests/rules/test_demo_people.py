"""The made-up students obey the rules that real ones are checked by."""

import random
from collections import Counter

from stdnum.th import pin

from app.demo.people import IdNumbers
from app.enums import Grade
from app.rules import national_id
from app.rules.census import counts_at
from app.rules.students import validate_student
from tests.factories.people import CENSUS, SCHOOL, some_students

EVERY_GRADE = [grade.value for grade in Grade]


def test_no_rule_finds_an_error_in_them() -> None:
    school = SCHOOL | {"grades": EVERY_GRADE}
    for record in some_students(2400, grades=EVERY_GRADE):
        findings = validate_student(record, school, today=CENSUS.replace(month=12), census_date=CENSUS)
        assert {finding.field for finding in findings} <= {"admitted_on"}, [finding.en for finding in findings]
        assert not [finding for finding in findings if finding.severity == "error"]


def test_the_same_seed_gives_the_same_people() -> None:
    assert some_students(seed=1) == some_students(seed=1) != some_students(seed=2)


def test_numbers_are_valid_and_given_once() -> None:
    ids = IdNumbers(random.Random(5))
    numbers = [ids.thai() for _ in range(5000)] + [ids.g_code() for _ in range(500)]
    assert len(set(numbers)) == 5500
    assert all(map(national_id.is_valid_thai_id, numbers[:5000])) and all(map(national_id.is_g_code, numbers[5000:]))
    assert all(pin.is_valid(number) or number[0] == "0" for number in numbers[:5000])


def test_grades_are_filled_evenly_and_rooms_do_not_burst() -> None:
    records = some_students(301)
    assert set(Counter(record["grade"] for record in records).values()) == {50, 51}
    assert max(Counter((record["grade"], record["room"]) for record in records).values()) <= 32
    assert [record["student_no"] for record in records] == [f"{number:05}" for number in range(1, 302)]


def test_some_do_not_count_on_the_census_date() -> None:
    records = some_students(3000)
    late = sum(record["admitted_on"].date() > CENSUS for record in records)
    gone = sum(record["left_on"] is not None for record in records)
    counting = sum(counts_at(record["admitted_on"], record["left_on"], CENSUS) for record in records)
    assert late and gone and 2800 < counting < 3000
    assert any(record["nationality"] != "ไทย" for record in records)

"""Fingerprints of rosters and of an LAO's submissions."""

import random
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.digests import ROSTER_FIELDS, roster_digest, submissions_digest
from tests.factories.people import a_student, some_students

ROSTER = [{**row, "_id": number} for number, row in enumerate(some_students(30))]


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_students_means_nothing(chance: random.Random) -> None:
    mixed = list(ROSTER)
    chance.shuffle(mixed)
    assert roster_digest(mixed) == roster_digest(ROSTER)


@pytest.mark.parametrize("field", ROSTER_FIELDS)
def test_every_field_that_is_vouched_for_shows(field: str) -> None:
    other = datetime(2011, 1, 1) if field == "birth_date" else "อื่น"
    assert roster_digest([*ROSTER[1:], {**ROSTER[0], field: other}]) != roster_digest(ROSTER)


@pytest.mark.parametrize("field", ["weight_kg", "changed_on", "status", "_v", "religion"])
def test_what_is_not_vouched_for_does_not_show(field: str) -> None:
    assert roster_digest([*ROSTER[1:], {**ROSTER[0], field: "x"}]) == roster_digest(ROSTER)


def test_adding_and_removing_a_student_shows_and_undoing_it_restores() -> None:
    assert roster_digest(ROSTER[1:]) != roster_digest(ROSTER)
    assert roster_digest([*ROSTER[1:], ROSTER[0]]) == roster_digest(ROSTER)
    assert roster_digest([]) == roster_digest(iter(())) and len(roster_digest([])) == 64


def test_values_do_not_run_into_each_other() -> None:
    one = a_student(_id=1, first_name="กข", last_name="ค")
    two = a_student(_id=1, first_name="ก", last_name="ขค")
    assert roster_digest([one]) != roster_digest([two])
    assert roster_digest([a_student(_id=1, birth_date=date(2017, 9, 1))]) == roster_digest([a_student(_id=1)])


def test_an_laos_digest_shows_each_count() -> None:
    row: dict[str, Any] = {
        "_id": "2567-2:1", "digest": "d", "source": "roster", "male": 1, "female": 2, "total": 3,
        "counts": [{"grade": "P1", "male": 1, "female": 2}],
    }  # fmt: skip
    other = {**row, "counts": [{"grade": "P2", "male": 1, "female": 2}]}
    digests = {submissions_digest(rows) for rows in ([row], [other], [row, {**other, "_id": "2567-2:2"}], [])}
    assert len(digests) == 4
    assert submissions_digest([row, other]) == submissions_digest([other, row])

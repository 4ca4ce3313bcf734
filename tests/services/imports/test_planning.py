"""From an uploaded file to a stored preview: what would be done with each row."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.fabmongo.security.models import User
from tests.factories.places import Places, make_places
from tests.services.imports.planned import (
    person,
    planned,
    roster,
    rows_of,
    table,
)

Raw = dict[str, Any]


@pytest.fixture
def places(db: Database[Raw], app: Flask) -> Iterator[Places]:
    with app.app_context():
        yield make_places(db)


@pytest.fixture
def clerk(db: Database[Raw], places: Places) -> User:
    """Keeps the rosters of ทต.ตะขบ."""
    return person(db, "clerk", places.takhop_tambon.area())


@pytest.fixture
def students(places: Places) -> list[Raw]:
    """Twelve students of ทต.ตะขบ's own school, not stored."""
    return roster(places.takhop_tambon, places.takhop_tambon.own, 12)


def own(places: Places) -> str:
    return places.takhop_tambon.own


def test_everybody_is_new_to_an_empty_roster(
    db: Database[Raw], places: Places, clerk: User, students: list[Raw]
) -> None:
    run = planned(clerk, table(students), school=own(places))
    assert (run.error_th, run.state.value, run.numbers, run.rows) == (None, "preview", {"new": 12}, 12)
    row = rows_of(db, run)[0]
    assert row["values"]["birth_date"] == students[0]["birth_date"]
    assert row["student"] is not None
    assert (row["n"], row["row"], row["school_code"]) == (1, 2, own(places))
    school = db.import_schools.find_one({"run": run.pk})
    assert school is not None
    assert (school["before"], school["numbers"]) == ({}, {"new": 12})
    assert sum(n for grade in school["after"].values() for n in grade.values()) == 12

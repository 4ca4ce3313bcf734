"""The ground of tests of imports: areas and who keeps their rosters; a roster of twelve at two schools of one LAO."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.documents.imports import ImportRun
from app.enums import ImportState
from app.fabmongo.security.models import User
from app.services.accounts import SYSTEM
from app.services.imports import work
from app.services.submissions import open_round
from tests.factories.imports import Plan
from tests.factories.people import some_students
from tests.factories.places import LaoPlaces, Places, make_places
from tests.people import People
from tests.services.imports.planned import person

Raw = dict[str, Any]
GRADES = ["K2", "K3", "P1"]


@dataclass
class Ground:
    """The database with two rosters, and who imports."""

    db: Database[Raw]
    people: People
    home: LaoPlaces

    @property
    def officer(self) -> User:
        return self.people["lao"]

    def roster(self, school: str) -> list[Raw]:
        return list(self.db.students.find({"school_code": school}).sort("national_id", 1))

    def fresh(self, size: int, seed: int = 1, school: str | None = None) -> list[Raw]:
        """Raw students whom nobody has stored yet."""
        code = school or self.home.own
        return [
            row | {"left_on": None, "status": "studying"}
            for row in some_students(size, seed, _id=code, grades=GRADES, **self.home.path)
        ]

    def plan(self) -> Plan:
        return Plan(self.db, self.home)

    def run(self, run: Any) -> Raw:
        found = self.db.import_runs.find_one({"_id": run.pk})
        assert found is not None
        return found

    def total(self, school: str, round_: str = "2567-2") -> Any:
        row = self.db.submissions.find_one({"_id": f"{round_}:{school}"}) or {}
        return row.get("total")


@pytest.fixture
def places(db: Database[Raw], app: Flask) -> Iterator[Places]:
    with app.app_context():
        yield make_places(db)


@pytest.fixture
def clerk(db: Database[Raw], places: Places) -> User:
    """Keeps the rosters of ทต.ตะขบ."""
    return person(db, "clerk", places.takhop_tambon.area())


@pytest.fixture
def own(places: Places) -> str:
    return places.takhop_tambon.own


def work_out(run: Any) -> ImportState | None:
    """What the worker does, when a rest after trouble is over."""
    ImportRun._get_collection().update_one({"_id": run.pk}, {"$unset": {"rests_until": ""}})
    return work(str(run.pk))


@pytest.fixture
def ground(db: Database[Raw], app: Flask, people: People) -> Iterator[Ground]:
    home = people.places.takhop_tambon
    db.schools.update_many({"_id": {"$in": [home.own, home.centre]}}, {"$set": {"grades": GRADES, "kind": "school"}})
    ground = Ground(db, people, home)
    db.students.insert_many(ground.fresh(8, 2) + ground.fresh(4, 3, home.centre))
    with app.app_context():
        open_round(SYSTEM, "2567-2")
        yield ground

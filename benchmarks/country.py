"""What is measured in the seeded country: the two officers, their schools, records and search words."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import Flask
from mongoengine.connection import get_db

from app import db
from app.services.accounts import renew_account
from app.services.roles import sync_roles
from benchmarks.seed import is_seeded, seed

PREFIX_LENGTH = {"lao": 1, "dla": 4}
"""Letters of a last name that an officer types: enough for more than a page in the whole country."""


@dataclass(frozen=True)
class Person:
    """An officer, what that officer looks for, and how many students that is."""

    role: str
    username: str
    password: str
    rows: int
    prefix: str
    prefix_rows: int
    school: str
    school_name: str
    school_rows: int
    pks: tuple[str, ...]
    """One record for each system: they do not write into each other's."""


@dataclass(frozen=True)
class Country:
    """Both officers, the city whose roster is exported, and the seconds that seeding took (0: it was there)."""

    people: tuple[Person, ...]
    big_lao: str
    big_rows: int
    seeded_in: float


def prepare(app: Flask) -> Country:
    """Seed the country where it is not there, renew indexes, roles and accounts, and choose what is measured."""
    start = time.perf_counter()
    fresh = not is_seeded()
    if fresh:
        seed()
    db.ensure_indexes()
    seconds = time.perf_counter() - start if fresh else 0.0
    laos = sorted(get_db().students.aggregate([{"$sortByCount": "$lao_code"}]), key=_largest_first)
    typical = laos[len(laos) // 2]["_id"]
    with app.app_context():
        manager = app.extensions["appbuilder"].sm
        manager.sync_permissions()
        sync_roles(manager)
        people = (
            _person(manager, "lao", typical, {"lao_code": typical}, {"lao_code": typical}),
            _person(manager, "dla", "", {}, {"lao_code": laos[len(laos) // 3]["_id"]}),
        )
    return Country(people, laos[0]["_id"], laos[0]["count"], seconds)


def _person(manager: Any, role: str, area: str, scope: dict[str, str], where: dict[str, str]) -> Person:
    """The officer of an area, who looks at a school and at students of the LAO `where`."""
    students = get_db().students
    account = renew_account(manager, role, f"bench-{role}-{area}", area)
    school = _commonest(where, "$school_code")
    prefix = _commonest(where, {"$substrCP": ["$last_name", 0, PREFIX_LENGTH[role]]})["_id"]
    rows = students.find({**where, "left_on": None}, {"_id": 1}).sort("_id", 1).limit(3)
    return Person(
        role, account.username, account.password,
        rows=students.count_documents(scope),
        prefix=prefix, prefix_rows=students.count_documents({**scope, "last_name": {"$regex": f"^{prefix}"}}),
        school=school["_id"], school_rows=school["count"],
        school_name=get_db().schools.find_one({"_id": school["_id"]})["name_th"],
        pks=tuple(str(row["_id"]) for row in rows),
    )  # fmt: skip


def _commonest(where: dict[str, str], value: Any) -> dict[str, Any]:
    """The value that most students have, and their count; of equals the first."""
    found = get_db().students.aggregate([{"$match": where}, {"$sortByCount": value}])
    return sorted(found, key=_largest_first)[0]


def _largest_first(row: dict[str, Any]) -> tuple[int, str]:
    return -row["count"], row["_id"]

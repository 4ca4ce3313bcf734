"""The places, people and rosters of a chaos run: each writer has a school of its own, so what is lost has an owner."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import mongoengine
from flask import Flask
from pymongo.database import Database

from app.demo.people import IdNumbers
from app.services.accounts import SYSTEM, renew_account
from app.services.submissions import open_round
from tests.factories.people import a_roster
from tests.factories.places import SCHOOL_GRADES, LaoPlaces, Places, make_places
from tests.load.chaos.shape import Shape

Raw = dict[str, Any]
ROSTER = 12
"""Students of each school: few rows, many writes."""
RELIGION = "พุทธ"
"""Of everybody at the start; the field that the writers write."""


@dataclass
class Ground:
    """A writer's own school, with its account and its students."""

    school: str
    username: str
    password: str
    rows: list[Raw]
    ids: IdNumbers


@dataclass
class World:
    places: Places
    form_writers: list[Ground]
    api_writers: list[Ground]
    importers: list[Ground]
    officer: tuple[str, str]
    """Of the province: name and password; asks for reports and writes letters."""
    recipients: int
    before: dict[str, int] = field(default_factory=dict)
    """Version of each student at the start."""


def make_world(app: Flask, shape: Shape, seed: int) -> World:
    """Fill the empty database."""
    db: Database[Raw] = mongoengine.get_db()
    places = make_places(db)
    db.laos.insert_many([_recipient(number) for number in range(1, shape.laos + 1)])
    rng = random.Random(seed)
    sizes = (("form", shape.form_writers), ("api", shape.api_writers), ("import", shape.importers))
    with app.app_context():
        manager = app.extensions["appbuilder"].sm
        grounds = {
            kind: [_ground(db, manager, places.takhop_tambon, kind, number, rng) for number in range(size)]
            for kind, size in sizes
        }
        open_round(SYSTEM, places.round_2)
        officer = renew_account(manager, "province", "chaos-province", places.korat)
    recipients = db.laos.count_documents({"province_code": places.korat, "active": True})
    before = {str(row["_id"]): row.get("_v", 0) for row in db.students.find({}, {"_v": 1})}
    return World(
        places, grounds["form"], grounds["api"], grounds["import"], (officer.username, officer.password), recipients,
        before,
    )  # fmt: skip


def _recipient(number: int) -> Raw:
    return {
        "_id": f"69{number:05}", "name_th": f"ทดสอบ {number}", "type": "sao", "active": True,
        "district_code": "3014", "province_code": "30", "email": f"saraban@{number}.lec.example",
    }  # fmt: skip


def _ground(
    db: Database[Raw], manager: Any, home: LaoPlaces, kind: str, number: int, rng: random.Random
) -> Ground:  # fmt: skip
    code = f"{home.code[1:5]}9{('form', 'api', 'import').index(kind)}{number:02}"
    school = {
        "_id": code, "name_th": f"โรงเรียน {kind} {number}", "kind": "school", "status": "open",
        "grades": SCHOOL_GRADES, **home.path,
    }  # fmt: skip
    db.schools.insert_one(school)
    rows = a_roster(ROSTER, rng.randrange(10**6), **school)
    for row in rows:
        row |= {"religion": RELIGION, "nationality": "ไทย", "room": "1", "weight_kg": 30.0, "height_cm": 120.0}
    if kind != "import":
        db.students.insert_many(rows)
    account = renew_account(manager, "lao", f"chaos-{kind}-{number}", home.code)
    return Ground(code, account.username, account.password, rows, IdNumbers(random.Random(rng.randrange(10**9))))



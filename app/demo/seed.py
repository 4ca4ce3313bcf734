"""The demo installation: the 18 LAOs of Pak Thong Chai with made-up schools, students, rounds and accounts."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from bson import ObjectId
from mongoengine.connection import get_db

from app.clock import stored_now
from app.demo.accounts import make_accounts
from app.demo.pak_thong_chai import agency_rows, lao_rows
from app.demo.papers import send_papers
from app.demo.people import IdNumbers, students
from app.demo.schools import grades_of, proclamation_rows, school_rows
from app.demo.submissions import FIRST, SECOND, record_rounds
from app.documents.agencies import Agency
from app.documents.base import LecDocument
from app.documents.lao import Lao
from app.documents.proclamations import Proclamation
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.students import Student
from app.enums import RoundKind, SchoolKind
from app.services.accounts import SYSTEM, AccountStore
from app.services.areas import load_areas
from app.services.proclamations import apply
from app.services.submissions import open_round

Raw = dict[str, Any]

SEED = 2567
YEAR = 2567
CENSUS = date(2024, 6, 10)
MARK = "demo_seeds"
"""Collection of one row: when seeding began, and when it was done."""

_SIZES = {SchoolKind.SCHOOL.value: (110, 260), SchoolKind.CENTRE.value: (20, 60)}


class Installation(Protocol):
    """What is needed of the installation's settings."""

    @property
    def data_dir(self) -> Path: ...


def seed(settings: Installation, store: AccountStore) -> bool:
    """Fill an empty database with the demo, or complete one that was left half filled; False where nothing was to do.

    A database that holds schools, students or rounds of somebody else's is left alone. store: the security manager.
    """
    marks = get_db()[MARK]
    mark = marks.find_one({"_id": "demo"})
    if mark is None:
        if any(document._get_collection().find_one({}, {"_id": 1}) for document in (School, Student, Round)):
            return False
        marks.insert_one({"_id": "demo", "started_on": stored_now()})
    elif mark.get("finished_on"):
        return False
    _fill()
    make_accounts(store, settings.data_dir)
    marks.update_one({"_id": "demo"}, {"$set": {"finished_on": stored_now()}})
    return True


def _fill() -> None:
    """All rows have keys that do not change from run to run, so a second run adds only what the first did not reach."""
    load_areas()
    _add(Lao, lao_rows())
    _add(Agency, agency_rows())
    _add(School, school_rows())
    _add(Student, student_rows())
    _add(Round, _round_rows())
    _add(Proclamation, proclamation_rows())
    for row in proclamation_rows():
        apply(row)
    for code in (FIRST, SECOND):
        open_round(SYSTEM, code)
    record_rounds(random.Random(SEED))  # noqa: S311 (made-up counts, not secrets)
    send_papers(SECOND, YEAR, CENSUS)


def student_rows() -> list[Raw]:
    """The rosters of all own schools that teach, as raw documents; the same on every call."""
    rng = random.Random(SEED)  # noqa: S311 (made-up people, not secrets)
    ids = IdNumbers(rng)
    merged = {code for row in proclamation_rows() for code in row["schools"]}
    rows: list[Raw] = []
    for school in school_rows():
        if school["kind"] in _SIZES and school["_id"] not in merged:
            size = rng.randint(*_SIZES[school["kind"]])
            rows += students(rng, school, grades_of(school), size, YEAR, CENSUS, ids)
    for number, row in enumerate(rows, start=1):
        row["_id"] = ObjectId(f"{number:024x}")
    return rows


def _add(document: type[LecDocument], rows: Iterable[Raw]) -> None:
    collection = document._get_collection()
    stored = set(collection.distinct("_id"))
    missing = [row for row in rows if row["_id"] not in stored]
    if missing:
        collection.insert_many(missing, ordered=False)


def _round_rows() -> list[Raw]:
    census = datetime(CENSUS.year, CENSUS.month, CENSUS.day)
    common = {
        "academic_year": YEAR, "census_date": census, "may_add": True, "may_change": True, "may_remove": True,
    }  # fmt: skip
    return [
        {
            "_id": FIRST, "number": 1, "kind": RoundKind.CENSUS.value,
            "opens_on": census, "closes_on": datetime(2024, 7, 31), **common,
        },
        {"_id": SECOND, "number": 2, "kind": RoundKind.CORRECTION.value, "opens_on": datetime(2024, 11, 5),
         "needs_reason": True, **common},
    ]  # fmt: skip

"""The countries that are measured, the same on every machine: one for the panel, a larger one for the census."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from bson import ObjectId
from mongoengine.connection import get_db

from app import db
from app.demo.people import IdNumbers, students
from app.documents.areas import District
from app.enums import Grade, LaoType, RoundKind, SchoolKind, SchoolStatus
from app.services.accounts import SYSTEM
from app.services.areas import load_areas
from app.services.submissions import open_round

Raw = dict[str, Any]

VERSION = 1
SEED = 2567
LAOS = 7_800


@dataclass(frozen=True)
class Size:
    """Students and schools of a country."""

    students: int
    schools: int

    @property
    def mark(self) -> dict[str, int]:
        """What a data folder says of itself."""
        return {"seed": SEED, "version": VERSION, "students": self.students, "schools": self.schools, "laos": LAOS}


PANEL = Size(500_000, 30_000)
CENSUS_COUNTRY = Size(1_000_000, 50_000)
BIG_LAO_STUDENTS, BIG_LAO_SCHOOLS = 20_000, 60
"""One city is so large that its roster is the export of 20,000 rows."""
YEAR, CENSUS = 2567, date(2024, 6, 10)
ROUND = "2567-1"
MARK = "bench_seeds"
BATCH = 5_000

_PRIMARY = [Grade(code) for code in "K1 K2 K3 P1 P2 P3 P4 P5 P6".split()]
_CENTRE = [Grade(code) for code in "C2 C3 C4 C5".split()]
_PATH = ("lao_code", "district_code", "province_code")
_ROOM_SIZE = 32
_KINDS = (SchoolKind.SCHOOL, SchoolKind.CENTRE, SchoolKind.CENTRE, SchoolKind.OTHER)
_WEIGHTS = {SchoolKind.SCHOOL: 1.0, SchoolKind.CENTRE: 0.3, SchoolKind.OTHER: 0.0}


def is_seeded(size: Size = PANEL) -> bool:
    """Whether this data folder holds the whole country of this version."""
    mark = get_db()[MARK].find_one({"_id": "bench"}) or {}
    return bool(mark.pop("done", False)) and {k: mark.get(k) for k in size.mark} == size.mark


def seed(size: Size = PANEL) -> None:
    """Empty the database and fill it by raw bulk inserts; indexes are built after the rows, which is faster."""
    database = get_db()
    database.client.drop_database(database.name)
    database[MARK].insert_one({"_id": "bench", **size.mark, "done": False})
    load_areas()
    rng = random.Random(SEED)
    laos = list(lao_rows())
    schools = list(school_rows(rng, laos, size))
    _insert("laos", laos)
    _insert("schools", [row for row, _ in schools])
    _insert("students", student_rows(rng, schools, size))
    database.rounds.insert_one(_round_row())
    db.ensure_indexes()
    if size == PANEL:  # the census benchmark opens its round itself, by the clock
        open_round(SYSTEM, ROUND)
    database[MARK].update_one({"_id": "bench"}, {"$set": {"done": True}})


def lao_rows() -> Iterator[Raw]:
    """Raw LAOs, dealt out to the districts in turn; the first is the big city."""
    districts = list(District._get_collection().find().sort("_id", 1))
    for number in range(LAOS):
        turn, place = divmod(number, len(districts))
        district = districts[place]
        kind = LaoType.CITY if number == 0 else (LaoType.SAO, LaoType.TAMBON)[turn % 2]
        yield {
            "_id": f"{5 + turn % 2}{district['_id']}{turn:02}", "name_th": f"{district['name_th']} {turn + 1}",
            "type": kind.value, "district_code": district["_id"], "province_code": district["province_code"],
            "active": True,
        }  # fmt: skip


def school_rows(rng: random.Random, laos: list[Raw], size: Size) -> Iterator[tuple[Raw, int]]:
    """(raw school, students on its roster): three or four an LAO, sizes as uneven as those of the country."""
    counts = [BIG_LAO_SCHOOLS, *_shares([1.0] * (LAOS - 1), size.schools - BIG_LAO_SCHOOLS)]
    rows = [_school(lao, number) for lao, count in zip(laos, counts, strict=True) for number in range(count)]
    weights = [_WEIGHTS[SchoolKind(row["kind"])] * rng.lognormvariate(0, 0.8) for row in rows]
    big = _shares(weights[:BIG_LAO_SCHOOLS], BIG_LAO_STUDENTS)
    rest = _shares(weights[BIG_LAO_SCHOOLS:], size.students - BIG_LAO_STUDENTS)
    return zip(rows, [*big, *rest], strict=True)


def student_rows(rng: random.Random, schools: list[tuple[Raw, int]], size: Size) -> Iterator[Raw]:
    """All rosters as raw documents, spread over each school's grades, with keys counted from 1.

    Each grade of the country is drawn as one cohort: a cohort for every grade of every school takes ten times as long.
    """
    ids, number = IdNumbers(rng), 0
    cohorts = {
        grade.value: students(rng, {"_id": ""}, [grade], size.students, YEAR, CENSUS, ids)
        for grade in _PRIMARY + _CENTRE
    }
    for school, size in schools:
        path = {"school_code": school["_id"], **{name: school[name] for name in _PATH}}
        grades = school["grades"]
        for place in range(size):
            number += 1
            row = next(cohorts[grades[place % len(grades)]])
            row |= {"_id": ObjectId(f"{number:024x}"), "student_no": f"{place + 1:05}", **path}
            row["room"] = str(place // len(grades) // _ROOM_SIZE + 1)
            yield row


def _school(lao: Raw, number: int) -> Raw:
    kind = _KINDS[number % len(_KINDS)]
    grades = _CENTRE if kind is SchoolKind.CENTRE else _PRIMARY
    return {
        "_id": f"{lao['_id'][1:]}{number + 1:02}", "name_th": f"{kind.th}{lao['name_th']} {number + 1}",
        "kind": kind.value, "status": SchoolStatus.OPEN.value, "grades": [grade.value for grade in grades],
        "lao_code": lao["_id"], "district_code": lao["district_code"], "province_code": lao["province_code"],
    }  # fmt: skip


def _shares(weights: list[float], total: int) -> list[int]:
    """`total` split by weights into whole numbers that add up to it exactly."""
    unit, given, passed, shares = total / sum(weights), 0, 0.0, []
    for weight in weights:
        passed += weight
        share = round(passed * unit) - given
        given += share
        shares.append(share)
    return shares


def _round_row() -> Raw:
    """A round that is open for ever: a save recounts, as it does in the weeks when everybody saves."""
    return {
        "_id": ROUND, "academic_year": YEAR, "number": 1, "kind": RoundKind.CENSUS.value,
        "census_date": datetime(CENSUS.year, CENSUS.month, CENSUS.day), "opens_on": datetime(2024, 6, 10),
        "may_add": True, "may_change": True, "may_remove": True,
    }  # fmt: skip


def _insert(name: str, rows: Iterable[Raw]) -> None:
    collection, rest = get_db()[name], iter(rows)
    while batch := list(islice(rest, BATCH)):
        collection.insert_many(batch, ordered=False)

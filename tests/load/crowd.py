"""Eight people of different areas, and rows each of which says in its own text where it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from flask import Flask
from pymongo.database import Database

from app.fabmongo.scope import Area
from tests.factories.people import some_students
from tests.factories.places import Places
from tests.people import People, make_person

LETTERS = "กขคงจฉชซฌญ"
"""A digit each: names hold no digits. ฃ and ฅ, which no Thai word uses today, and ฆ and ฐ stand around a mark."""
A_PLACE, A_FILTER, A_SAVE = (
    re.compile(f"{begin}([{LETTERS}]{{{size}}}){end}")
    for begin, end, size in (("ฃ", "ฅ", 8), ("ฆ", "ฆ", 5), ("ฐ", "ฐ", 5))
)
WORDS = ("กมล", "ขวัญ", "คงคา", "จันทร์")
SCHOOL_SIZE = 12
NAMES = ("dla", "province", "district", "lao", "neighbour", "school", "school2", "province2")


def spelled(number: int | str, size: int) -> str:
    return "".join(LETTERS[int(digit)] for digit in str(number).rjust(size, "0"))


def place_mark(school: str) -> str:
    return f"ฃ{spelled(school, 8)}ฅ"


@dataclass
class Person:
    """Whoever signs in: what lies in the own area, and the one record that nobody else changes."""

    name: str
    number: int
    may_write: bool
    schools: frozenset[str]
    students: dict[str, dict[str, Any]]
    own: str
    others: list[str]
    """Students outside the area."""

    def filter_mark(self, count: int) -> str:
        return f"ฆ{spelled(f'{self.number}{count % 10_000:04}', 5)}ฆ"

    def save_mark(self, count: int) -> str:
        return f"ฐ{spelled(f'{self.number}{count % 10_000:04}', 5)}ฐ"

    def strange(self, text: str, writers: dict[str, str]) -> list[str]:
        """Marks of an answer that are not this person's. writers: letter of a writer -> school of the own record."""
        text = unquote(text)
        places = {place_mark(school)[1:-1] for school in self.schools}
        wrong = [mark for mark in A_PLACE.findall(text) if mark not in places]
        wrong += [mark for mark in A_FILTER.findall(text) if mark[0] != LETTERS[self.number]]
        wrong += [mark for mark in A_SAVE.findall(text) if writers.get(mark[0]) not in self.schools]
        return sorted(set(wrong))


def make_rows(db: Database[dict[str, Any]], places: Places) -> dict[str, dict[str, Any]]:
    """Students in every own school and centre, and the names of all schools, marked; {id: row}."""
    rows: list[dict[str, Any]] = []
    for number, school in enumerate(db.schools.find().sort("_id", 1)):
        mark = place_mark(school["_id"])
        db.schools.update_one({"_id": school["_id"]}, {"$set": {"name_th": f"โรงเรียน{mark}"}})
        if school["kind"] == "other":
            continue
        for place, row in enumerate(some_students(SCHOOL_SIZE, seed=number, **school)):
            row |= {"first_name": f"{WORDS[place % len(WORDS)]}{mark}", "last_name": f"{LETTERS[place % 10]}{mark}"}
            rows.append(row | {"religion": None, "nationality": "ไทย"})
    keys = db.students.insert_many(rows).inserted_ids
    return {str(key): row for key, row in zip(keys, rows, strict=True)}


def crowd(app: Flask, people: People, db: Database[dict[str, Any]]) -> list[Person]:
    """The eight, each with a password."""
    places = people.places
    people.users["school2"] = make_person("school2", "school", places.korat_city.area("school"))
    people.users["province2"] = make_person("province2", "province", places.buriram_sao.area("province"))
    rows = make_rows(db, places)
    schools = {row["_id"]: row for row in db.schools.find()}
    taken: set[str] = set()
    found = []
    for number, name in enumerate(NAMES):
        people.with_password(name)
        area: Area = people[name].area  # type: ignore[assignment]
        code = area.codes.get(area.level)
        field = "_id" if area.level == "school" else f"{area.level}_code"
        inside = frozenset(key for key, row in schools.items() if code is None or row[field] == code)
        mine = {key: row for key, row in rows.items() if row["school_code"] in inside}
        own = next(key for key in mine if key not in taken)
        taken.add(own)
        others = [key for key in rows if key not in mine]
        found.append(Person(name, number, area.level in ("country", "lao", "school"), inside, mine, own, others))
    return found


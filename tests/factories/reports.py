"""A census worth counting: rosters, certified lists, a proclaimed zero, schools that never answered."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pymongo.database import Database

from app.enums import Grade
from app.fabmongo.scope import Area
from tests.factories.places import LaoPlaces, Places

Raw = dict[str, Any]


@dataclass(frozen=True)
class Officer:
    """Whoever asks for a report in a test."""

    area: Area
    username: str = "officer"


def fill_rosters(db: Database[Raw], places: Places, size: int = 40, seed: int = 7) -> None:
    """Students of every LAO's own school and centre around the census date: some left, some came late."""
    rng = random.Random(seed)
    for lao in places.laos:
        for school, grades in ((lao.own, ("K2", "P1", "P6")), (lao.centre, ("C2", "C3"))):
            db.students.insert_many([_student(rng, lao, school, grades, number) for number in range(size)])


def _student(rng: random.Random, lao: LaoPlaces, school: str, grades: tuple[str, ...], number: int) -> Raw:
    census = datetime.combine(Places().census, datetime.min.time())
    admitted = census + timedelta(days=rng.choice([-800, -400, -25, -1, 0, 1, 30]))
    left = rng.choice([None, None, None, -20, -1, 0, 1, 90])
    return {
        "national_id": f"G{school}{number:04}", "title": "เด็กชาย", "first_name": "ก", "last_name": "ข",
        "sex": rng.choice(["male", "female"]), "grade": rng.choice(grades), "room": "1", "status": "studying",
        "birth_date": datetime(2015, 1, 1), "school_code": school, "admitted_on": admitted,
        "left_on": None if left is None else max(admitted, census + timedelta(days=left)), **lao.path,
    }  # fmt: skip


def report(db: Database[Raw], lao: LaoPlaces, school: str, round_code: str, **fields: Any) -> None:
    """A submission of a school; without `counts` and `total` nothing is known."""
    code = f"{round_code}:{school}"
    db.submissions.insert_one(
        {"_id": code, "round_code": round_code, "school_code": school, "state": "in_progress", **lao.path, **fields}
    )


def certify(
    db: Database[Raw], lao: LaoPlaces, round_code: str, counts: dict[str, tuple[int, int]], **fields: Any
) -> None:
    """Counts of the LAO's school of other affiliation, from its certified list; not verified but for its `state`."""
    listed = [{"grade": grade, "male": male, "female": female} for grade, (male, female) in counts.items()]
    total = sum(male + female for male, female in counts.values())
    report(db, lao, lao.other, round_code, source="certified_list", counts=listed, total=total, **fields)


def close(db: Database[Raw], school: str, closed_on: date, status: str = "closed") -> None:
    """Close or merge a school."""
    moment = datetime.combine(closed_on, datetime.min.time())
    db.schools.update_one({"_id": school}, {"$set": {"status": status, "closed_on": moment}})


def count_by_hand(db: Database[Raw], round_code: str, **area: str) -> Counter[tuple[str, str, str]]:
    """Students by (school, grade, sex) counted one by one in Python, and the counts reported by others."""
    census = db.rounds.find_one({"_id": round_code})["census_date"]
    others = {school["_id"] for school in db.schools.find({"kind": "other"})}
    found: Counter[tuple[str, str, str]] = Counter()
    for student in db.students.find(area):
        left = student.get("left_on")
        if student["admitted_on"] <= census and (left is None or left > census):
            found[student["school_code"], student["grade"], student["sex"]] += 1
    for submission in db.submissions.find({"round_code": round_code, **area}):
        if submission["school_code"] in others:
            for count in submission.get("counts", []):
                for sex in ("male", "female"):
                    found[submission["school_code"], count["grade"], sex] += count[sex]
    return +found


def many_schools(db: Database[Raw], lao: LaoPlaces, schools: int, each: int) -> None:
    """`schools` further own schools of an LAO with `each` students, for runs that take a while."""
    codes = [f"90{number:06}" for number in range(schools)]
    grades = [grade.value for grade in Grade if grade.value.startswith("P")]
    db.schools.insert_many(
        [{"_id": code, "name_th": f"โรงเรียน {code}", "kind": "school", "status": "open", **lao.path} for code in codes]
    )
    db.students.insert_many(
        [
            {
                "national_id": f"G{code}{number:04}", "sex": ("male", "female")[number % 2], "school_code": code,
                "grade": grades[number % 6], "admitted_on": datetime(2024, 5, 16), "left_on": None, **lao.path,
            }
            for code in codes
            for number in range(each)
        ]
    )  # fmt: skip

"""What the rules need of some schools, read in a few commands however many students they have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.areas import Province
from app.documents.evidence import ListedStudent
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.students import Student
from app.documents.submissions import Submission
from app.enums import Level, SchoolKind
from app.rules.catalogue import Settings
from app.rules.catalogue.roster import Checker
from app.services.areas.places import name_of
from app.services.findings.settings import load_settings
from app.services.rounds import current_round
from app.services.submissions.rosters import submission_code

Raw = dict[str, Any]

NUMBERS = 10_000
"""ID numbers looked for with one command."""

_SCHOOL = dict.fromkeys(
    ("name_th", "kind", "status", "closed_on", "grades", "lao_code", "district_code", "province_code"), 1
)
_STUDENT = dict.fromkeys(
    (
        "national_id", "title", "first_name", "last_name", "sex", "birth_date", "grade", "status", "admitted_on",
        "left_on", "school_code", "province_code",
    ), 1,
)  # fmt: skip
_LISTED = dict.fromkeys(("national_id", "title", "first_name", "last_name", "school_code", "province_code"), 1)
_COUNTS = dict.fromkeys(
    (
        "round_code", "school_code", "state", "source", "total", "male", "female", "counts", "list_male", "list_female",
    ), 1,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Now:
    """The day, the round that is on (raw, or None), the round before it, and the rules as they are set."""

    checker: Checker
    round_code: str | None
    before: str | None
    since: datetime
    """Who left on or before this midnight is not looked at: the census date, or today where there is no round."""
    provinces: dict[str, tuple[str, str]]

    @property
    def settings(self) -> Settings:
        return self.checker.settings


def read_now(session: ClientSession | None = None) -> Now:
    """The state of things that is the same for every school."""
    today, now = thai_today(), current_round()
    census = now.census_date if now is not None else None
    rows = [Province._from_son(row) for row in Province._get_collection().find({}, session=session)]
    return Now(
        Checker(load_settings(session), today, census),
        now.code if now is not None else None,
        _round_before(now, session) if now is not None else None,
        datetime.combine(census or today, time()),
        {row.pk: (name_of(Level.PROVINCE, row), row.name_en or row.name_th) for row in rows},
    )


def _round_before(now: Round, session: ClientSession | None) -> str | None:
    earlier = [
        {"academic_year": {"$lt": now.academic_year}},
        {"academic_year": now.academic_year, "number": {"$lt": now.number}},
    ]
    row = Round._get_collection().find_one(
        {"$or": earlier}, {"_id": 1}, sort=[("academic_year", -1), ("number", -1)], session=session
    )
    return row["_id"] if row else None


@dataclass(slots=True)
class Rosters:
    """Raw rows of some schools by school code; `listed` are the names on certified lists of the round."""

    schools: dict[str, Raw]
    students: dict[str, list[Raw]] = field(default_factory=lambda: defaultdict(list))
    listed: dict[str, list[Raw]] = field(default_factory=lambda: defaultdict(list))
    submissions: dict[str, Raw] = field(default_factory=dict)
    before: dict[str, Raw] = field(default_factory=dict)


def read_rosters(now: Now, codes: Sequence[str], session: ClientSession | None = None) -> Rosters:
    """Schools with all that the rules look at; a code without a school is absent."""
    found = School._get_collection().find({"_id": {"$in": list(codes)}}, _SCHOOL, session=session)
    rosters = Rosters({row["_id"]: row for row in found})
    own = [code for code, row in rosters.schools.items() if row["kind"] != SchoolKind.OTHER.value]
    for row in Student._get_collection().find({"school_code": {"$in": own}, **_here(now)}, _STUDENT, session=session):
        rosters.students[row["school_code"]].append(row)
    _read_submissions(now, rosters, session)
    others = [code for code in rosters.schools if code not in set(own)]
    if others and now.round_code:
        keys = [submission_code(now.round_code, code) for code in others]
        for row in ListedStudent._get_collection().find({"submission_code": {"$in": keys}}, _LISTED, session=session):
            rosters.listed[row["school_code"]].append(row)
    return rosters


def _here(now: Now) -> Raw:
    """Who has not left; and who left before being admitted, a mistake that hides the student from every count."""
    return {
        "$or": [
            {"left_on": None},
            {"left_on": {"$gt": now.since}},
            {"$expr": {"$lt": ["$left_on", "$admitted_on"]}},
        ]
    }


def _read_submissions(now: Now, rosters: Rosters, session: ClientSession | None) -> None:
    rounds = [code for code in (now.round_code, now.before) if code]
    keys = [submission_code(round_code, code) for round_code in rounds for code in rosters.schools]
    if not keys:
        return
    for row in Submission._get_collection().find({"_id": {"$in": keys}}, _COUNTS, session=session):
        side = rosters.submissions if row["round_code"] == now.round_code else rosters.before
        side[row["school_code"]] = row


def read_elsewhere(
    now: Now, numbers: Iterable[str], codes: Sequence[str], session: ClientSession | None = None
) -> tuple[list[Raw], list[Raw]]:
    """(students, names on lists) of all other schools than `codes` that have one of the numbers."""
    wanted, students, listed = list(numbers), list[Raw](), list[Raw]()
    students_of, listed_of = Student._get_collection(), ListedStudent._get_collection()
    here = {"left_on": {"$not": {"$lte": now.since}}}
    for start in range(0, len(wanted), NUMBERS):
        same = {"national_id": {"$in": wanted[start : start + NUMBERS]}, "school_code": {"$nin": list(codes)}}
        students += students_of.find({**same, **here}, _STUDENT, session=session)
        if now.round_code:
            # ";" follows ":", so this is the range of the round's submissions.
            of_round = {"submission_code": {"$gte": f"{now.round_code}:", "$lt": f"{now.round_code};"}}
            listed += listed_of.find({**same, **of_round}, _LISTED, session=session)
    return students, listed

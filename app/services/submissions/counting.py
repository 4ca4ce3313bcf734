"""Counting rosters into submissions: grade × sex as at the round's census date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.students import Student
from app.documents.submissions import Submission
from app.enums import CountSource, Grade, SchoolKind, Sex, SubmissionState
from app.errors import Problem
from app.rules.census import census_match
from app.services.rounds import unclosed_rounds

Raw = dict[str, Any]

CHANGEABLE = [
    state.value
    for state in (SubmissionState.NOT_STARTED, SubmissionState.IN_PROGRESS, SubmissionState.RETURNED)
]
"""States in which a count may still change; in the others somebody has vouched for it."""

_NOT_STARTED, _IN_PROGRESS = SubmissionState.NOT_STARTED.value, SubmissionState.IN_PROGRESS.value

_FROM_ROSTER = {"kind": {"$ne": SchoolKind.OTHER.value}, "source": {"$ne": CountSource.PROCLAMATION.value}}
"""Submissions that a roster is counted into."""

COUNT_FIELDS = ("counts", "male", "female", "total", "source", "counted_on")


def submission_code(round_code: str, school_code: str) -> str:
    """The key of a submission."""
    return f"{round_code}:{school_code}"


def recount(
    school_codes: Iterable[str],
    session: ClientSession | None = None,
    *,
    rounds: Sequence[Raw] | None = None,
    by_person: bool = True,
) -> None:
    """Count the rosters of own schools into their submissions of `rounds` (raw; default: all that are not closed).

    by_person: a person's write caused it, so a submission that was not started is in progress once there is a count.
    An empty roster leaves no count, for missing is not zero. Zeros by proclamation and schools of other affiliation are
    left alone. Raises Problem "conflict" where the count of a certified or handed-in submission would change.
    """
    codes = sorted(set(school_codes))
    same_day: dict[datetime, list[str]] = {}
    for round_ in unclosed_rounds(session=session) if rounds is None else rounds:
        same_day.setdefault(round_["census_date"], []).append(round_["_id"])
    counted: dict[str, list[Raw]] = {}
    for census_date, round_codes in same_day.items() if codes else ():
        rosters = roster_counts(codes, census_date, session)
        counted |= {submission_code(round_, code): rosters.get(code, []) for round_ in round_codes for code in codes}
    if counted:
        _store(counted, session, by_person)


def roster_counts(school_codes: Sequence[str], census_date: datetime, session: ClientSession | None = None) -> Raw:
    """School code -> raw counts by grade, youngest first; a school without counting students is absent.

    Any index that begins with the school serves; no hint is given, since 500,000 students in 5,000 schools took the
    same 3 s with each of them, and with one made of exactly these fields (its null test still fetches documents).
    """
    groups = Student._get_collection().aggregate(
        [
            {"$match": {"school_code": {"$in": list(school_codes)}, **census_match(census_date)}},
            {"$group": {"_id": {"school": "$school_code", "grade": "$grade", "sex": "$sex"}, "n": {"$sum": 1}}},
        ],
        session=session,
    )
    numbers: dict[str, dict[str, dict[str, int]]] = {}
    for group in groups:
        key = group["_id"]
        numbers.setdefault(key["school"], {}).setdefault(key["grade"], {})[key["sex"]] = group["n"]
    return {school: _as_list(by_grade) for school, by_grade in numbers.items()}


def count_fields(counts: list[Raw], source: CountSource) -> Raw:
    """The stored fields of a count, with its sums; empty `counts` give sums of 0."""
    male, female = (sum(count[sex] for count in counts) for sex in (Sex.MALE.value, Sex.FEMALE.value))
    return {
        "counts": counts, "male": male, "female": female, "total": male + female,
        "source": source.value, "counted_on": stored_now(),
    }  # fmt: skip


def _store(counted: dict[str, list[Raw]], session: ClientSession | None, by_person: bool) -> None:
    """Put counts, by submission, where they may go, by one command; a second one only where not all were taken."""
    submissions = Submission._get_collection()
    updates = [_update(key, counts, by_person) for key, counts in counted.items()]
    done = submissions.bulk_write(updates, ordered=False, session=session)
    if done.matched_count == len(updates):
        return
    vouched = {"_id": {"$in": list(counted)}, **_FROM_ROSTER, "state": {"$nin": CHANGEABLE}}
    for row in submissions.find(vouched, session=session):
        if _cells(counted[row["_id"]]) != _cells(row.get("counts") or []):
            raise locked(row)


def _update(key: str, counts: list[Raw], by_person: bool) -> UpdateOne:
    where = {"_id": key, **_FROM_ROSTER, "state": {"$in": CHANGEABLE}}
    if not counts:
        return UpdateOne(where, {"$unset": dict.fromkeys(COUNT_FIELDS, "")})
    stages: list[Raw] = [
        {"$set": {name: {"$literal": value} for name, value in count_fields(counts, CountSource.ROSTER).items()}}
    ]
    if by_person:
        begun = {"if": {"$eq": ["$state", _NOT_STARTED]}, "then": _IN_PROGRESS, "else": "$state"}
        stages.append({"$set": {"state": {"$cond": begun}}})
    return UpdateOne(where, stages)


def _as_list(by_grade: dict[str, dict[str, int]]) -> list[Raw]:
    return [
        {"grade": grade.value, **{sex.value: by_grade[grade.value].get(sex.value, 0) for sex in Sex}}
        for grade in Grade
        if grade.value in by_grade
    ]


def _cells(counts: list[Raw]) -> dict[tuple[str, str], int]:
    return {(count["grade"], sex.value): count[sex.value] for count in counts for sex in Sex if count[sex.value]}


def locked(row: Raw) -> Problem:
    """Why the count of a raw submission that somebody has vouched for does not change."""
    state = SubmissionState(row["state"])
    return Problem(
        f"จำนวนนักเรียนของสถานศึกษารหัส {row['school_code']} ในรอบ {row['round_code']} “{state.th}” จึงเปลี่ยนไม่ได้ "
        "หากต้องแก้ไข โปรดขอให้ส่งกลับก่อน",
        f"School {row['school_code']} has the state “{state.en}” in round {row['round_code']}, so its count cannot "
        "change. Ask for it to be returned first.",
        kind="conflict",
    )

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
from app.enums import CountSource, Grade, Level, Sex, SubmissionState
from app.errors import Problem
from app.rules.census import census_match
from app.rules.locks import ACCEPTED, vouched
from app.services.locks import problem_with, rounds_taking_entries
from app.services.submissions.rosters import OF_ROSTERS, entered_in, note_change

Raw = dict[str, Any]

CHANGEABLE = [
    state.value
    for state in (SubmissionState.NOT_STARTED, SubmissionState.IN_PROGRESS, SubmissionState.RETURNED)
]
"""States in which a count may still change; in the others somebody has vouched for it."""

_NOT_STARTED, _IN_PROGRESS = SubmissionState.NOT_STARTED.value, SubmissionState.IN_PROGRESS.value

_WITHOUT_REASON = {"source": {"$nin": [CountSource.PROCLAMATION.value, CountSource.REASON.value]}}
"""Where an empty roster takes the count away: not where somebody gave the reason of a zero, even at this moment."""

COUNT_FIELDS = ("counts", "male", "female", "total", "source", "counted_on")


def recount(
    school_codes: Iterable[str],
    session: ClientSession | None = None,
    *,
    rounds: Sequence[Raw] | None = None,
    by_person: bool = True,
) -> None:
    """Count the rosters of own schools into their submissions of `rounds` (raw; default: all that take entries).

    by_person: a person's write caused it, so a submission that was not started is in progress once there is a count.
    An empty roster leaves no count, for missing is not zero; a zero with a recorded reason stays while the roster is
    empty. Zeros by proclamation and schools of other affiliation are left alone. Where somebody has vouched for the
    count it stays and the change of the roster is marked. Raises Problem "conflict" where the data were accepted.
    """
    codes = sorted(set(school_codes))
    if not codes:
        return
    taking = rounds_taking_entries(session) if rounds is None else rounds
    rosters = {day: roster_counts(codes, day, session) for day in {round_["census_date"] for round_ in taking}}
    updates = [
        _update(entered_in(round_, [code]), rosters[round_["census_date"]].get(code, []), by_person)
        for round_ in taking
        for code in codes
    ]
    if not updates:
        return
    done = Submission._get_collection().bulk_write(updates, ordered=False, session=session)
    if done.matched_count < len(updates):  # not all were taken: perhaps somebody has vouched for the others
        note_change(taking, codes, session)


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


def refuse_vouched(where: Raw, session: ClientSession | None = None) -> None:
    """Raise Problem "conflict" where somebody has vouched for one of the submissions of a MongoDB filter."""
    row = Submission._get_collection().find_one({"$and": [where, {"state": {"$nin": CHANGEABLE}}]}, session=session)
    if row is not None:
        raise locked(row)


def _update(mine: Raw, counts: list[Raw], by_person: bool) -> UpdateOne:
    where = {**mine, **OF_ROSTERS, "state": {"$in": CHANGEABLE}}
    if not counts:
        return UpdateOne(where | _WITHOUT_REASON, {"$unset": dict.fromkeys(COUNT_FIELDS, "")})
    stages: list[Raw] = [
        {"$set": {name: {"$literal": value} for name, value in count_fields(counts, CountSource.ROSTER).items()}},
        {"$unset": "zero_reason"},
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


def locked(row: Raw) -> Problem:
    """Why the count of a raw submission that somebody has vouched for does not change, and who can lift it."""
    state = SubmissionState(row["state"])
    return problem_with(row, ACCEPTED if state is SubmissionState.ACCEPTED else vouched(state, Level.SCHOOL))

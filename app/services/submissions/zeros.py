"""The explicit zero of schools that a proclamation closed or merged, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import CountSource, Grade, SubmissionState
from app.rules.census import as_day
from app.rules.deadlines import phase
from app.services.submissions.counting import COUNT_FIELDS, count_fields, recount, refuse_vouched
from app.services.submissions.rosters import submission_code

Raw = dict[str, Any]


def zero_applies(round_: Raw, effective_on: date, today: date) -> bool:
    """Whether a proclamation in force makes a count zero in a raw round.

    Where it was in force on the census date, and where the round still takes entries (the DLA's order: enter zero).
    Not before it is in force.
    """
    if as_day(effective_on) > today:
        return False
    if as_day(round_["census_date"]) >= as_day(effective_on):
        return True
    return phase(round_["opens_on"], round_.get("closes_on"), today) != "closed"


def zero_fields(school: Raw, proclamation: ObjectId) -> Raw:
    """The stored fields of a zero: 0 boys and 0 girls in every grade the raw school taught."""
    taught = set(school.get("grades") or ())
    counts = [{"grade": grade.value, "male": 0, "female": 0} for grade in Grade if grade.value in taught]
    return {**count_fields(counts, CountSource.PROCLAMATION), "proclamation": proclamation}


def set_zeros(
    proclamation: ObjectId, school_codes: Iterable[str], effective_on: date, session: ClientSession | None = None
) -> None:
    """Store the zero of a proclamation in every submission of its schools that it applies to.

    Raises Problem "conflict" where that would wipe out students whom somebody has vouched for.
    """
    today = thai_today()
    rounds = [row for row in Round._get_collection().find(session=session) if zero_applies(row, effective_on, today)]
    schools = list(School._get_collection().find({"_id": {"$in": list(school_codes)}}, {"grades": 1}, session=session))
    zeros = {
        submission_code(round_["_id"], school["_id"]): zero_fields(school, proclamation)
        for school in schools
        for round_ in rounds
    }
    if not zeros:
        return
    submissions = Submission._get_collection()
    refuse_vouched({"_id": {"$in": list(zeros)}, "total": {"$gt": 0}}, session)
    submissions.bulk_write([UpdateOne({"_id": key}, {"$set": zero}) for key, zero in zeros.items()], session=session)
    submissions.update_many(
        {"_id": {"$in": list(zeros)}, "state": SubmissionState.NOT_STARTED.value},
        {"$set": {"state": SubmissionState.IN_PROGRESS.value}},
        session=session,
    )


def clear_zeros(
    proclamation: ObjectId, school_codes: Iterable[str] | None = None, session: ClientSession | None = None
) -> None:
    """Take the zeros of a proclamation back, of all its schools or of some: not started, own rosters counted anew.

    Raises Problem "conflict" where somebody has vouched for one of them.
    """
    where: Raw = {"proclamation": proclamation}
    if school_codes is not None:
        where["school_code"] = {"$in": list(school_codes)}
    submissions = Submission._get_collection()
    rows = list(submissions.find(where, {"round_code": 1, "school_code": 1}, session=session))
    if not rows:
        return
    refuse_vouched(where, session)
    submissions.update_many(
        {"_id": {"$in": [row["_id"] for row in rows]}},
        {
            "$set": {"state": SubmissionState.NOT_STARTED.value},
            "$unset": dict.fromkeys((*COUNT_FIELDS, "proclamation"), ""),
        },
        session=session,
    )
    codes = {row["round_code"] for row in rows}
    rounds = list(Round._get_collection().find({"_id": {"$in": sorted(codes)}}, session=session))
    recount([row["school_code"] for row in rows], session, rounds=rounds, by_person=False)

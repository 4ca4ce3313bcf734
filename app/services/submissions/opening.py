"""Opening a round: one submission for every school that must report in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError

from app.clock import stored_now, thai_today
from app.documents.proclamations import Proclamation
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import CountSource, SchoolKind, SchoolStatus, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.rules.deadlines import phase
from app.services.areas import require_country
from app.services.rounds import unclosed_rounds
from app.services.submissions.counting import count_fields, roster_counts
from app.services.submissions.rosters import submission_code
from app.services.submissions.zeros import zero_applies, zero_fields

Raw = dict[str, Any]

BATCH = 2000
DUPLICATE_KEY = 11000
"""MongoDB's code of a refusal by a unique index."""
A_YEAR = timedelta(days=366)
"""A school closed longer than this before the census date has been reported as zero before and is not asked again."""

_PATH = ("lao_code", "district_code", "province_code")
_SCHOOL_FIELDS = dict.fromkeys(("kind", "status", "grades", *_PATH), 1)


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening did: submissions created, and how many of these are a zero by proclamation."""

    created: int
    zeros: int


def open_round(actor: Actor, round_code: str, tell: Callable[[int], None] | None = None) -> Opened:
    """Give every school that must report a submission; those that have one keep it, so opening twice changes nothing.

    Rosters of own schools are counted, which starts nothing: people begin. Schools of other affiliation begin without a
    count in every round, a correction included: each count rests on the list that was certified for that round.
    tell: called after each batch with the number of schools that are done. Raises Problem: "forbidden" unless the actor
    is of the whole country, "not_found" on round without such a round.
    """
    require_country(actor)
    round_ = find_round(round_code)
    created = zeros = done = 0
    for batch in _batches(round_["census_date"]):
        rows = _new_rows(round_, batch, getattr(actor, "username", None))
        if rows:
            created += _insert(rows)
            zeros += sum(row.get("source") == CountSource.PROCLAMATION.value for row in rows)
        done += len(batch)
        if tell is not None:
            tell(done)
    return Opened(created, zeros)


def find_round(round_code: str) -> Raw:
    """The raw round of a code; raises Problem "not_found" on round."""
    round_: Raw | None = Round._get_collection().find_one({"_id": round_code})
    if round_ is None:
        raise Problem(
            f"ไม่พบรอบ “{round_code[:20]}” โปรดใช้รหัสรอบ เช่น 2567-2",
            f"There is no round “{round_code[:20]}”. Use a round's code, such as 2567-2.",
            "round",
            "not_found",
        )
    return round_


def add_school(actor: Actor, school: Raw, session: ClientSession | None = None) -> None:
    """Give a new raw school its submissions in the rounds that have been opened and are not closed."""
    for round_ in unclosed_rounds(session=session):
        if phase(round_["opens_on"], round_.get("closes_on"), thai_today()) == "open" or _is_opened(round_, session):
            rows = [_row(round_, school, getattr(actor, "username", None))]
            _upsert(rows, session)


def _is_opened(round_: Raw, session: ClientSession | None) -> bool:
    found = Submission._get_collection().find_one({"round_code": round_["_id"]}, {"_id": 1}, session=session)
    return found is not None


def must_report(census_date: datetime) -> Raw:
    """The filter of schools that must report: the open ones, and those closed or merged since the last census."""
    return {
        "$or": [
            {"status": {"$in": [None, SchoolStatus.OPEN.value]}},
            {"closed_on": None},
            {"closed_on": {"$gt": census_date - A_YEAR}},
        ]
    }


def _batches(census_date: datetime) -> Iterator[list[Raw]]:
    """Raw schools that must report, by code."""
    rows = School._get_collection().find(must_report(census_date), _SCHOOL_FIELDS, batch_size=BATCH).sort("_id", 1)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _new_rows(round_: Raw, schools: list[Raw], username: str | None) -> list[Raw]:
    codes = {submission_code(round_["_id"], school["_id"]): school for school in schools}
    known = Submission._get_collection().find({"_id": {"$in": list(codes)}}, {"_id": 1})
    for row in known:
        del codes[row["_id"]]
    new = list(codes.values())
    zeros = _proclaimed(round_, new)
    own = [school["_id"] for school in new if school["kind"] != SchoolKind.OTHER.value and school["_id"] not in zeros]
    rosters = roster_counts(own, round_["census_date"]) if own else {}
    rows = []
    for school in new:
        row = _row(round_, school, username)
        if school["_id"] in zeros:
            row |= zero_fields(school, zeros[school["_id"]]) | {"state": SubmissionState.IN_PROGRESS.value}
        elif school["_id"] in rosters:
            row |= count_fields(rosters[school["_id"]], CountSource.ROSTER)
        rows.append(row)
    return rows


def _proclaimed(round_: Raw, schools: list[Raw]) -> Raw:
    """School code -> id of the proclamation that makes its count zero in the round."""
    gone = [school["_id"] for school in schools if school.get("status") not in (None, SchoolStatus.OPEN.value)]
    if not gone:
        return {}
    found: Raw = {}
    for row in Proclamation._get_collection().find({"schools": {"$in": gone}}).sort("effective_on", 1):
        if zero_applies(round_, row["effective_on"], thai_today()):
            found |= {code: row["_id"] for code in row["schools"] if code in gone}
    return found


def _row(round_: Raw, school: Raw, username: str | None) -> Raw:
    row = {
        "_id": submission_code(round_["_id"], school["_id"]),
        "round_code": round_["_id"],
        "school_code": school["_id"],
        "kind": school["kind"],
        "state": SubmissionState.NOT_STARTED.value,
        **{name: school.get(name) for name in _PATH},
        "created_on": stored_now(),
    }
    return row | ({"created_by": username} if username else {})


def _insert(rows: list[Raw]) -> int:
    """Store new rows, faster than by upserts; one that somebody else stored meanwhile is left alone."""
    try:
        Submission._get_collection().insert_many(rows, ordered=False)
    except BulkWriteError as error:
        details: Any = error.details
        if any(fault["code"] != DUPLICATE_KEY for fault in details["writeErrors"]):
            raise
        return int(details["nInserted"])
    return len(rows)


def _upsert(rows: list[Raw], session: ClientSession | None) -> int:
    """Store the rows that nobody else has stored meanwhile; returns how many."""
    done = Submission._get_collection().bulk_write(
        [UpdateOne({"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True) for row in rows],
        ordered=False, session=session,
    )  # fmt: skip
    return int(done.upserted_count)

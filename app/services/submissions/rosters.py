"""Rosters behind vouched-for counts: their fingerprint, and what a later change of the roster means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from app.documents.students import Student
from app.documents.submissions import Submission
from app.enums import CountSource, SchoolKind, Sex, SubmissionState
from app.errors import Problem
from app.rules.census import census_match
from app.rules.digests import ROSTER_FIELDS, roster_digest
from app.rules.locks import ACCEPTED
from app.rules.transitions import FROZEN
from app.services.locks import entry_filter, problem_with, rounds_taking_entries

Raw = dict[str, Any]

VOUCHED = [state.value for state in FROZEN]

OF_ROSTERS = {"kind": {"$ne": SchoolKind.OTHER.value}, "source": {"$ne": CountSource.PROCLAMATION.value}}
"""Submissions whose count rests on a roster: a zero by proclamation stands whatever the roster still holds."""


def digest_of(school_code: str, round_: Raw, session: ClientSession | None = None) -> str:
    """The fingerprint of the students of a school who count in a raw round."""
    return next(roster_digest(students) for _, students in _rosters([school_code], round_, session))


def submission_code(round_code: str, school_code: str) -> str:
    """The key of a submission."""
    return f"{round_code}:{school_code}"


def entered_in(round_: Raw, school_codes: Iterable[str]) -> Raw:
    """A MongoDB filter of the submissions of schools in a raw round that may be entered now."""
    keys = [submission_code(round_["_id"], code) for code in school_codes]
    return {"_id": keys[0] if len(keys) == 1 else {"$in": keys}, **entry_filter(round_)}


def note_roster_change(
    school_codes: Iterable[str], session: ClientSession | None = None, *, rounds: Sequence[Raw] | None = None
) -> None:
    """Mark the certified submissions of schools whose roster changed, and unmark those where the change was undone.

    For changes that leave the count as it is; `recount` does this besides counting. rounds: raw; default: all that take
    entries. Raises Problem "conflict" where the round's data have been accepted.
    """
    codes = sorted(set(school_codes))
    if rounds is None:
        vouched = {"school_code": {"$in": codes}, "state": {"$in": VOUCHED}, **OF_ROSTERS}
        if not Submission._get_collection().find_one(vouched, {"_id": 1}, session=session):
            return  # most often so, and one command is enough to know it
        rounds = rounds_taking_entries(session)
    note_change(rounds, codes, session)


def note_change(rounds: Sequence[Raw], codes: Sequence[str], session: ClientSession | None = None) -> None:
    """`note_roster_change` for raw rounds; one command where nobody has vouched for anything."""
    if not rounds:
        return
    where = {"$or": [entered_in(round_, codes) for round_ in rounds], "state": {"$in": VOUCHED}, **OF_ROSTERS}
    rows = list(Submission._get_collection().find(where, session=session))
    marks: list[UpdateOne] = []
    for round_ in rounds:
        mine = {row["school_code"]: row for row in rows if row["round_code"] == round_["_id"]}
        for code, students in _rosters(list(mine), round_, session):
            marks += _marks(mine[code], _differs(mine[code], students))
    if marks:
        Submission._get_collection().bulk_write(marks, ordered=False, session=session)


def changed_since(row: Raw) -> Problem:
    """Why a raw submission goes no further: its roster is not the one that was certified."""
    th, en = AGAIN[SubmissionState(row["state"])]
    return Problem(
        f"ทะเบียนนักเรียนเปลี่ยนหลังรับรอง จึงต้องรับรองใหม่ก่อน {th}",
        f"The roster changed since it was certified, so it must be certified again first. {en}",
        "state",
        "conflict",
    )


AGAIN: dict[SubmissionState, tuple[str, str]] = {
    SubmissionState.CERTIFIED: (
        "ให้สถานศึกษาหรือ อปท. ถอนการรับรอง แล้วรับรองใหม่",
        "The school or its LAO withdraws the certification and certifies again.",
    ),
    SubmissionState.VERIFIED: (
        "ให้ อปท. ส่งกลับให้แก้ไข สถานศึกษารับรองใหม่ แล้ว อปท. ตรวจสอบอีกครั้ง",
        "The LAO returns it, the school certifies again, the LAO verifies again.",
    ),
    SubmissionState.SUBMITTED: (
        "ให้ อปท. เรียกคืนแล้วส่งกลับให้แก้ไข เมื่อรับรองและตรวจสอบใหม่แล้ว อปท. รับรองส่งอีกครั้ง",
        "The LAO takes it back and returns it; certified and verified again, the LAO certifies and submits again.",
    ),
}
"""The way to a new certification from each state in which the roster may still change."""


def _rosters(codes: list[str], round_: Raw, session: ClientSession | None) -> Iterator[tuple[str, Iterable[Raw]]]:
    """(school code, its counting students) of every school, in one command; those of a school are read as they come."""
    if not codes:
        return
    fields = dict.fromkeys((*ROSTER_FIELDS, "school_code"), 1)
    where = {"school_code": {"$in": codes}, **census_match(round_["census_date"])}
    found = Student._get_collection().find(where, fields, session=session).sort("school_code", 1)
    empty = set(codes)
    for code, students in groupby(found, key=lambda row: row["school_code"]):
        empty.discard(code)
        yield code, students
    yield from ((code, ()) for code in sorted(empty))


def _differs(row: Raw, students: Iterable[Raw]) -> bool:
    """Whether the students are others than those certified; where no fingerprint was taken, whether the count is."""
    if row.get("digest"):
        return roster_digest(students) != row["digest"]
    now = Counter((student["grade"], student["sex"]) for student in students)
    stored = {(count["grade"], sex.value): count[sex.value] for count in row.get("counts") or () for sex in Sex}
    return now != Counter(stored)


def _marks(row: Raw, differs: bool) -> list[UpdateOne]:
    if differs and row["state"] == SubmissionState.ACCEPTED.value:
        raise problem_with(row, ACCEPTED)
    if differs == bool(row.get("roster_changed")):
        return []
    change = {"$set": {"roster_changed": True}} if differs else {"$unset": {"roster_changed": ""}}
    return [UpdateOne({"_id": row["_id"]}, change)]

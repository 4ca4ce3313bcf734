"""Recording the counts of a school of other affiliation from its certified list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.clock import stored_now
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import CountSource, Grade, Level, SchoolKind, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.services.locks import level_of, lock_of, refuse
from app.services.submissions.counting import CHANGEABLE, count_fields, locked

_ZERO = CountSource.PROCLAMATION.value

Counts = Mapping[Grade, tuple[int, int]]
"""Grade -> (boys, girls), in persons."""


def record_counts(actor: Actor, submission: Submission, counts: Counts) -> Submission:
    """Store the counts of a certified list, and return the submission as it is now.

    Raises Problem: "forbidden" outside the actor's area; on counts where they cannot be; "conflict" where something
    locks the count (see `services.locks.lock_of`), or a proclamation made it zero.
    """
    raw = submission.to_mongo()
    granted = Submission.scope.writes(actor.area) if actor.area is not None else None
    if granted is None:
        raise _out_of_area()
    _check_submission(raw, level_of(actor) or Level.SCHOOL)
    rows = _checked(counts, raw["school_code"])
    fields = count_fields(rows, CountSource.CERTIFIED_LIST)
    done = Submission._get_collection().update_one(
        {"$and": [{"_id": raw["_id"], "state": {"$in": CHANGEABLE}, "source": {"$ne": _ZERO}}, granted]},
        {
            "$set": {
                **fields,
                "state": SubmissionState.IN_PROGRESS.value,
                "changed_by": getattr(actor, "username", None),
                "changed_on": stored_now(),
            },
            "$unset": {"zero_reason": ""},
        },
    )
    if not done.matched_count:
        raise _not_stored(raw["_id"], granted)
    submission.reload()
    return submission


def _check_submission(raw: Any, level: Level) -> None:
    if raw.get("kind") != SchoolKind.OTHER.value:
        raise Problem(
            "จำนวนนักเรียนของสถานศึกษาสังกัด อปท. นับจากทะเบียนนักเรียน โปรดแก้ไขที่ทะเบียนนักเรียน",
            "The count of an LAO's own school comes from its roster. Correct the roster instead.",
            "counts",
        )
    if raw.get("source") == _ZERO:
        raise Problem(
            "จำนวนนี้เป็นศูนย์ตามประกาศยุบ รวม เลิก หากประกาศผิด โปรดแก้ไขที่ประกาศ",
            "This count is zero by a proclamation. If that is wrong, correct the proclamation.",
            "counts",
            "conflict",
        )
    round_ = Round._get_collection().find_one({"_id": raw["round_code"]}) or {}
    refuse(lock_of(round_, raw, SubmissionState(raw["state"]), level=level))


def _checked(counts: Counts, school_code: str) -> list[dict[str, Any]]:
    school = School._get_collection().find_one({"_id": school_code}, {"grades": 1}) or {}
    taught = {Grade(code) for code in school.get("grades") or ()}
    for grade, (male, female) in counts.items():
        if taught and grade not in taught:
            raise Problem(
                f"สถานศึกษานี้ไม่ได้เปิดสอนชั้น {grade.th}", f"This school does not teach {grade.en}.", "counts"
            )
        if male < 0 or female < 0:
            raise Problem(
                f"จำนวนนักเรียนชั้น {grade.th} ติดลบไม่ได้", f"The count of {grade.en} cannot be negative.", "counts"
            )
    if not sum(male + female for male, female in counts.values()):
        raise Problem(
            "จำนวนรวมเป็นศูนย์ได้เฉพาะเมื่อมีประกาศยุบ รวม เลิก หากยังไม่ได้รับข้อมูล โปรดเว้นว่างไว้",
            "A total of zero needs a proclamation. Leave the counts empty while nothing is known.",
            "counts",
        )
    order = sorted(counts, key=lambda grade: grade.order)
    return [{"grade": grade.value, "male": counts[grade][0], "female": counts[grade][1]} for grade in order]


def _not_stored(key: str, granted: dict[str, Any]) -> Problem:
    """Why nothing matched: the row is not in the actor's area, or its count was vouched for."""
    row = Submission._get_collection().find_one({"$and": [{"_id": key}, granted]})
    return _out_of_area() if row is None else locked(row)


def _out_of_area() -> Problem:
    return Problem(
        "สถานศึกษานี้อยู่นอกพื้นที่ที่ท่านดูแล จึงบันทึกไม่ได้",
        "This school lies outside your area, so nothing was saved.",
        kind="forbidden",
    )

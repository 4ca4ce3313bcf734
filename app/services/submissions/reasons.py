"""A zero without a proclamation: recorded with its reason, flagged as such, and taken back."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.evidence import ListedStudent
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.steps import SubmissionStep
from app.documents.submissions import Submission
from app.enums import CountSource, Grade, Level, SchoolKind, Step, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.services.locks import level_of, lock_of, refuse
from app.services.submissions.counting import COUNT_FIELDS, count_fields, recount, roster_counts
from app.services.submissions.steps import find_reachable, history_row
from app.services.transactions import in_transaction

Raw = dict[str, Any]

_REASON = CountSource.REASON.value
LONGEST = 500


def record_zero(actor: Actor, code: str, reason: str) -> Submission:
    """Store 0 in every grade of a school that has no students though no proclamation says so, with the reason.

    Raises Problem: "not_found" or "forbidden" outside what the actor may write, "conflict" where something locks the
    count or there is one already, on reason where none is given.
    """
    words = reason.strip()
    if not words or len(words) > LONGEST:
        raise Problem(
            f"โปรดเขียนเหตุผลที่ไม่มีนักเรียน ไม่เกิน {LONGEST} ตัวอักษร",
            f"Give the reason why there are no students, in at most {LONGEST} characters.",
            "reason",
        )

    def work(session: ClientSession) -> Raw:
        row, round_ = _writable(actor, code, session)
        if row.get("total"):
            raise _counted(row["total"])
        _refuse_students(row, round_, session)
        fields = {**_zero(row["school_code"], session), "zero_reason": words}
        return _stored(actor, row, {"$set": fields}, f"บันทึกจำนวนเป็นศูนย์: {words}", session)

    return Submission._from_son(in_transaction(work))


def clear_zero(actor: Actor, code: str) -> Submission:
    """Take a zero with a reason back: the count is missing again, or that of the roster."""

    def work(session: ClientSession) -> Raw:
        row, round_ = _writable(actor, code, session)
        if row.get("source") != _REASON:
            raise Problem(
                "จำนวนนี้ไม่ใช่ศูนย์ที่บันทึกเหตุผลไว้", "This count is not a zero with a recorded reason.", "counts", "conflict"
            )
        unset = dict.fromkeys((*COUNT_FIELDS, "zero_reason"), "")
        _stored(actor, row, {"$unset": unset}, "ยกเลิกจำนวนศูนย์ที่บันทึกไว้", session)
        if row.get("kind") != SchoolKind.OTHER.value:
            recount([row["school_code"]], session, rounds=[round_])
        return find_reachable(actor, code, session)[0]

    return Submission._from_son(in_transaction(work))


def _writable(actor: Actor, code: str, session: ClientSession) -> tuple[Raw, Raw]:
    """(raw submission, raw round) that the actor may write now."""
    row, _ = find_reachable(actor, code, session)
    if actor.area is None or Submission.scope.writes(actor.area) is None:
        raise Problem(
            "จำนวนนักเรียนเป็นของสถานศึกษาและ อปท. บันทึก", "Counts are recorded by the school or its LAO.", kind="forbidden"
        )
    if row.get("source") == CountSource.PROCLAMATION.value:
        raise Problem(
            "จำนวนนี้เป็นศูนย์ตามประกาศยุบ รวม เลิก อยู่แล้ว หากประกาศผิด โปรดแก้ไขที่ประกาศ",
            "This count is zero by a proclamation already. If that is wrong, correct the proclamation.",
            "counts",
            "conflict",
        )
    round_ = Round._get_collection().find_one({"_id": row["round_code"]}, session=session) or {}
    level = level_of(actor) or Level.SCHOOL
    refuse(lock_of(round_, row, SubmissionState(row["state"]), level=level, session=session))
    return row, round_


def _zero(school_code: str, session: ClientSession) -> Raw:
    school = School._get_collection().find_one({"_id": school_code}, {"grades": 1}, session=session) or {}
    taught = set(school.get("grades") or ())
    counts = [{"grade": grade.value, "male": 0, "female": 0} for grade in Grade if grade.value in taught]
    return count_fields(counts, CountSource.REASON)


def _refuse_students(row: Raw, round_: Raw, session: ClientSession) -> None:
    """Raise Problem where the roster, or the certified list of a school of other affiliation, has somebody."""
    if row.get("kind") == SchoolKind.OTHER.value:
        number = ListedStudent._get_collection().count_documents({"submission_code": row["_id"]}, session=session)
    else:
        school = row["school_code"]
        counts = roster_counts([school], round_["census_date"], session).get(school, [])
        number = sum(count["male"] + count["female"] for count in counts)
    if number:
        raise _counted(number)


def _counted(number: int) -> Problem:
    return Problem(
        f"มีนักเรียนที่นับได้ {number:,} คน จึงบันทึกเป็นศูนย์ไม่ได้ หากไม่ถูกต้อง โปรดแก้ไขทะเบียน รายชื่อ หรือจำนวนนั้นก่อน",
        f"There are {number:,} students, so zero cannot be recorded. If that is wrong, correct roster, list or count.",
        "counts",
        "conflict",
    )


def _stored(actor: Actor, row: Raw, change: Raw, text: str, session: ClientSession) -> Raw:
    """Store the change with a line of history; who records something has started."""
    begins = row["state"] == SubmissionState.NOT_STARTED.value
    after = SubmissionState.IN_PROGRESS if begins else SubmissionState(row["state"])
    who = {"state": after.value, "changed_by": getattr(actor, "username", None), "changed_on": stored_now()}
    change["$set"] = {**change.get("$set", {}), **who}
    Submission._get_collection().update_one({"_id": row["_id"]}, change, session=session)
    note = history_row(actor, row, Step.START if begins else Step.COMMENT, after, text)
    SubmissionStep._get_collection().insert_one(note, session=session)
    return find_reachable(actor, row["_id"], session)[0]

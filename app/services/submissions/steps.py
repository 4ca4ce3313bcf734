"""Taking a step: certify, verify, return, accept and the others, each in one transaction with its history.

A new certification after the roster changed goes the same way back as any correction: the school or the LAO withdraws
the certification, the LAO returns what it verified, takes back what it submitted; then it is certified again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mongoengine.connection import get_connection
from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.certifications import Certification
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.steps import SubmissionStep
from app.documents.submissions import Submission
from app.enums import CountSource, Level, SchoolKind, Step, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.rules.transitions import Move, check_step
from app.services.areas import scope_filter
from app.services.locks import date_lock_of, level_of, refuse
from app.services.submissions import checks
from app.services.submissions.counting import recount
from app.services.submissions.rosters import digest_of, note_roster_change
from app.thai import normalise_name

Raw = dict[str, Any]

LONGEST_TEXT = 1000
LONGEST_NAME = 200
HEAD_TH = "ผู้บริหารสถานศึกษา"
"""Position of whoever certifies, where none is given."""

CERTIFIED_FIELDS = ("certified_name", "certified_position", "certified_on", "digest", "roster_changed", "submitted_on")
_BACK = (Step.UNCERTIFY, Step.RETURN)
"""Steps after which nobody vouches for the count any more."""

_UNSETTLING = (*_BACK, Step.UNVERIFY, Step.RECALL)
"""Steps after which the LAO's certification no longer says how things are."""

_PATH = ("school_code", "lao_code", "district_code", "province_code")


def take_step(
    actor: Actor, code: str, step: Step, text: str = "", *, name: str = "", position: str = "", seen: int | None = None
) -> Submission:
    """Take a step with the submission `code`, and return it as it is now.

    text: reason or comment. name, position: who certifies, the school's head where none is given. seen: the total that
    the person saw when certifying. Raises Problem: "not_found" outside the actor's area; "forbidden" where the step is
    another level's; "conflict" where the state, the roster or a lock does not let it be, also when somebody else was
    faster; on text, name or counts where these are wanting.
    """
    words = _short(text.strip(), LONGEST_TEXT, "text")
    signed = tuple(_short(normalise_name(one), LONGEST_NAME, "name") for one in (name, position))
    with get_connection().start_session() as session:
        row = session.with_transaction(lambda active: _take(actor, code, step, words, signed, seen, active))
    if step is Step.CERTIFY and row.get("digest"):
        # A change of a name that was stored at this very moment did not see the certification: look once more.
        note_roster_change([row["school_code"]])
    found: Submission = Submission._from_son(row)
    return found


def find_reachable(actor: Actor, code: str, session: ClientSession | None = None) -> tuple[Raw, Raw]:
    """(raw submission, filter of the actor's area); raises Problem "not_found" where the actor does not see it."""
    granted = scope_filter(actor, Submission)
    row = None
    if granted is not None:
        row = Submission._get_collection().find_one({"$and": [{"_id": code}, granted]}, session=session)
    if row is None or granted is None:
        raise Problem(
            "ไม่พบการรายงานข้อมูลนี้ในพื้นที่ที่ท่านดูแล", "There is no such submission in your area.", kind="not_found"
        )
    return row, granted


def history_of(code: str, limit: int = 100) -> list[Raw]:
    """The raw steps of a submission that was reached already, newest first."""
    found = SubmissionStep._get_collection().find({"submission_code": code})
    return list(found.sort([("taken_on", -1), ("_id", -1)]).limit(limit))


def history_row(actor: Actor, row: Raw, step: Step, after: SubmissionState | None, text: str = "") -> Raw:
    """The raw step to store for a raw submission as it was before the step."""
    return {
        "submission_code": row["_id"], "step": step.value, "before": row["state"],
        "after": (after or SubmissionState(row["state"])).value, "total": row.get("total"), "text": text or None,
        "taken_by": getattr(actor, "username", None), "taken_on": stored_now(), "level": level_of(actor),
        **{name: row.get(name) for name in _PATH},
    }  # fmt: skip


def mark_stale(keys: Iterable[str], session: ClientSession | None = None) -> None:
    """Note on certifications of LAOs ("<round>:<lao>"), where there are any, that something changed since."""
    where = {"_id": {"$in": sorted(set(keys))}, "stale": {"$ne": True}}
    Certification._get_collection().update_many(where, {"$set": {"stale": True}}, session=session)


def _take(
    actor: Actor, code: str, step: Step, text: str, signed: tuple[str, ...], seen: int | None, session: ClientSession
) -> Raw:
    row, granted = find_reachable(actor, code, session)
    level = level_of(actor) or Level.SCHOOL
    move = check_step(step, SubmissionState(row["state"]), level, text)
    round_ = Round._get_collection().find_one({"_id": row["round_code"]}, session=session) or {}
    if move.in_time:
        refuse(date_lock_of(round_, row, level=level, session=session))
    if move.together:
        raise _together()
    change, row = _prepared(row, round_, move, signed, seen, session)
    if step is Step.CERTIFY:
        text = f"{change['$set']['certified_name']} ({change['$set']['certified_position']})"
    if move.after is not None:
        _store(actor, row, granted, move, change, text, session)
    note = history_row(actor, row, step, move.after, text)
    SubmissionStep._get_collection().insert_one(note, session=session)
    _follow(step, row, round_, session)
    return find_reachable(actor, code, session)[0]


def _prepared(
    row: Raw, round_: Raw, move: Move, signed: tuple[str, ...], seen: int | None, session: ClientSession
) -> tuple[Raw, Raw]:
    """(what the step stores besides the state, the row it is about); raises Problem where a check does not let it."""
    if move.step is Step.CERTIFY:
        return _certified(row, round_, signed, seen, session)
    if move.step is Step.VERIFY:
        checks.run(checks.VERIFY_CHECKS, row, session)
    elif move.step is Step.ACCEPT:
        checks.run(checks.SUBMIT_CHECKS, row, session)
    elif move.step in _BACK:
        return {"$set": {}, "$unset": dict.fromkeys(CERTIFIED_FIELDS, "")}, row
    return {"$set": {}, "$unset": {}}, row


def _certified(
    row: Raw, round_: Raw, signed: tuple[str, ...], seen: int | None, session: ClientSession
) -> tuple[Raw, Raw]:
    """Count an own roster once more, check the count, take the fingerprint of who was counted."""
    own = row.get("kind") != SchoolKind.OTHER.value
    if own:
        recount([row["school_code"]], session, rounds=[round_], by_person=False)
        row = Submission._get_collection().find_one({"_id": row["_id"]}, session=session) or row
    checks.run(checks.CERTIFY_CHECKS, row, session)
    if seen is not None and seen != row["total"]:
        raise _recounted(seen, row["total"])
    name, position = signed
    fields: Raw = {
        "certified_name": name or _head(row["school_code"], session),
        "certified_position": position or HEAD_TH,
        "certified_on": stored_now(),
    }
    if own and row["source"] != CountSource.PROCLAMATION.value:
        fields["digest"] = digest_of(row["school_code"], round_, session)
    unset = {name: "" for name in CERTIFIED_FIELDS if name not in fields}
    return {"$set": fields, "$unset": unset}, row


def _store(
    actor: Actor, row: Raw, granted: Raw, move: Move, change: Raw, text: str, session: ClientSession
) -> None:
    """Move on, on condition that nobody was faster and that the row is still in the actor's area."""
    now = stored_now()
    by = getattr(actor, "username", None)
    change["$set"] |= {
        "state": str(move.after), "state_by": by, "state_on": now, "changed_by": by, "changed_on": now,
    }  # fmt: skip
    if move.needs_text:
        change["$set"]["state_note"] = text
    elif move.step is not Step.START:  # who starts again still has to read why it came back
        change["$unset"]["state_note"] = ""
    where = {"$and": [{"_id": row["_id"], "state": row["state"]}, granted]}
    update = {verb: part for verb, part in change.items() if part}
    done = Submission._get_collection().update_one(where, update, session=session)
    if not done.matched_count:
        raise Problem(
            "มีผู้อื่นเปลี่ยนสถานะไปก่อนแล้ว โปรดเปิดหน้านี้ใหม่เพื่อดูสถานะล่าสุด",
            "Somebody else changed the state first. Reload the page to see the present state.",
            "state",
            "conflict",
        )


def _follow(step: Step, row: Raw, round_: Raw, session: ClientSession) -> None:
    """What else changes: a count that nobody vouches for follows its roster again; the LAO's certification is stale."""
    if step in _BACK and row.get("kind") != SchoolKind.OTHER.value:
        recount([row["school_code"]], session, rounds=[round_], by_person=False)
    if step in _UNSETTLING:
        mark_stale([f"{row['round_code']}:{row['lao_code']}"], session)


def _head(school_code: str, session: ClientSession) -> str:
    school = School._get_collection().find_one({"_id": school_code}, {"head_name": 1}, session=session) or {}
    if not school.get("head_name"):
        raise Problem("โปรดระบุชื่อผู้รับรองข้อมูล", "Name the person who certifies.", "name")
    return str(school["head_name"])


def _short(text: str, longest: int, field: str) -> str:
    if len(text) > longest:
        th, en = f"ยาวเกิน {longest} ตัวอักษร โปรดเขียนให้สั้นลง", f"Longer than {longest} characters. Shorten it."
        raise Problem(th, en, field)
    return text


def _together() -> Problem:
    return Problem(
        "อปท. ส่งข้อมูลของทุกสถานศึกษาพร้อมกัน โปรดรับรองที่หน้า “การรับรองของ อปท.”",
        "An LAO submits all its schools at once. Certify on the page “Certification of the LAO”.",
        "state",
        "conflict",
    )


def _recounted(seen: int, now: int) -> Problem:
    return Problem(
        f"จำนวนนักเรียนเปลี่ยนจาก {seen:,} เป็น {now:,} คน ระหว่างที่ท่านเปิดหน้านี้ โปรดตรวจสอบแล้วรับรองอีกครั้ง",
        f"The count changed from {seen:,} to {now:,} while you had this page open. Look at it, then certify again.",
        "counts",
        "conflict",
    )

"""Moving the students of a merged school to the school that takes them, in one step, and back.

Census arithmetic: a student counts at the school whose roster holds the document when the count is made, and keeps the
day of admission. So whoever counted at the merged school on a census date counts at the successor after the move,
while the merged school is zero by the proclamation: nobody is lost or counted twice, whether the merger came before or
after that date. For the same reason those go along who left between the census date and the merger: on that date they
were there. Whoever left before every census date that is still counted stays on the old roster as its history.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mongoengine.connection import get_connection
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from app.clock import stored_now, thai_today
from app.documents.corrections import Correction
from app.documents.proclamations import StudentMove
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.students import Student
from app.documents.submissions import Submission
from app.enums import ProclamationKind
from app.errors import Problem
from app.fabmongo import audit
from app.rules.census import as_day
from app.services.corrections import correcting, correction_rows, school_names
from app.services.proclamations.access import check_gives_back, check_takes, own_proclamation
from app.services.rounds import unclosed_rounds
from app.services.submissions import recount
from app.services.submissions.counting import CHANGEABLE, refuse_vouched
from app.services.submissions.rosters import OF_ROSTERS, submission_code

Raw = dict[str, Any]

_PATH = ("lao_code", "district_code", "province_code")


@dataclass(frozen=True, slots=True)
class Moved:
    """How many students were moved, and the names of those who stay where they are for a person to look at."""

    number: int
    stay: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """Students of a proclamation's schools: still to be moved, and moved by it."""

    waiting: int
    moved: int


def roster_of(proclamation: Raw) -> Roster:
    """How far the moving is; both are 0 where the raw proclamation is no merger in force."""
    if not _merges(proclamation):
        return Roster(0, 0)
    waiting = Student._get_collection().count_documents(_to_move(proclamation, unclosed_rounds()))
    return Roster(waiting, StudentMove._get_collection().count_documents({"proclamation": proclamation["_id"]}))


def move_students(actor: Any, proclamation_id: Any) -> Moved:
    """Move the rosters of a merger's schools to its successor, in one transaction. Moving again moves who is left.

    Each student keeps the document; each has an entry in the history and, while a round corrects, in the register.
    Whoever is on the successor's roster already stays. Raises Problem: "not_found" out of the actor's area, "conflict"
    where it is no merger in force, the successor takes no students, or somebody vouched for a count.
    """
    proclamation = own_proclamation(actor, proclamation_id)
    if not _merges(proclamation):
        raise Problem(
            "ย้ายนักเรียนได้เมื่อประกาศรวมมีผลแล้วเท่านั้น โปรดตรวจสอบเรื่องและวันที่มีผลของประกาศ",
            "Students are moved by a merger that is in force. Check the kind and the date of the proclamation.",
            kind="conflict",
        )
    with get_connection().start_session() as session:
        found: Moved = session.with_transaction(lambda active: _move(actor, proclamation, active))
    return found


def move_back(actor: Any, proclamation_id: Any) -> Moved:
    """Undo `move_students`; the proclamation and its zeros stay. Raises Problem as that does."""
    proclamation = own_proclamation(actor, proclamation_id)
    with get_connection().start_session() as session:
        found: Moved = session.with_transaction(lambda active: bring_back(actor, proclamation, active))
    return found


def bring_back(actor: Any, proclamation: Raw, session: ClientSession | None) -> Moved:
    """Put the students a raw proclamation moved on their old rosters; who was changed since stays, and is named.

    Raises Problem "forbidden" where they are on a roster that the actor may not write.
    """
    moves = {row["student"]: row for row in StudentMove._get_collection().find(
        {"proclamation": proclamation["_id"]}, session=session
    )}  # fmt: skip
    if not moves:
        return Moved(0, ())
    there = list(Student._get_collection().find({"_id": {"$in": list(moves)}}, session=session))
    untouched = [
        row for row in there
        if row.get(audit.VERSION) == moves[row["_id"]]["version"] and row["school_code"] == moves[row["_id"]]["target"]
    ]  # fmt: skip
    check_gives_back(actor, untouched)
    schools = _schools({move["source"] for move in moves.values()}, session)
    pairs = [(row, _at(row, schools[moves[row["_id"]]["source"]])) for row in untouched]
    reason = f"ยกเลิกการย้ายตามประกาศ {proclamation['number']}"
    _store(actor, pairs, reason, session)
    StudentMove._get_collection().delete_many({"proclamation": proclamation["_id"]}, session=session)
    _recount(proclamation, pairs, session)
    return Moved(len(pairs), _names(row for row in there if row not in untouched))


def _move(actor: Any, proclamation: Raw, session: ClientSession) -> Moved:
    successor = _schools([proclamation["successor_code"]], session).get(proclamation["successor_code"])
    wanted = _to_move(proclamation, unclosed_rounds(session=session))
    rows = list(Student._get_collection().find(wanted, session=session))
    successor = check_takes(actor, successor, rows)
    numbers = [row["national_id"] for row in rows]
    known = {"school_code": successor["_id"], "national_id": {"$in": numbers}}
    taken = {row["national_id"] for row in Student._get_collection().find(known, {"national_id": 1}, session=session)}
    pairs, stay = [], []
    for row in rows:
        if row["national_id"] in taken:
            stay.append(row)
        else:
            taken.add(row["national_id"])
            pairs.append((row, _at(row, successor)))
    kind = ProclamationKind(proclamation["kind"])
    _store(actor, pairs, f"ย้ายตามประกาศ{kind.th} เลขที่ {proclamation['number']}", session)
    moves = [
        {"proclamation": proclamation["_id"], "student": new["_id"], "source": old["school_code"],
         "target": new["school_code"], "version": new[audit.VERSION]}
        for old, new in pairs
    ]  # fmt: skip
    if moves:
        StudentMove._get_collection().insert_many(moves, session=session)
    _recount(proclamation, pairs, session)
    return Moved(len(pairs), _names(stay))


def _store(actor: Any, pairs: list[tuple[Raw, Raw]], reason: str, session: ClientSession | None) -> None:
    """Store raw students (as they were, as they are now) with their history and, in a correction, the register."""
    if not pairs:
        return
    by = {"changed_by": getattr(actor, "username", None), "changed_on": stored_now()}
    updates, entries = [], []
    corrections: list[Raw] = []
    rounds = correcting(unclosed_rounds(session=session))
    names = school_names({row["school_code"] for pair in pairs for row in pair}, session)
    for old, new in pairs:
        fields = {name: new.get(name) for name in ("school_code", *_PATH, audit.VERSION)} | by
        updates.append(UpdateOne({"_id": old["_id"]}, {"$set": fields}))
        changed = {name: (old.get(name), new.get(name)) for name in ("school_code", *_PATH)}
        changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
        version = new[audit.VERSION]
        entries.append(audit.entry(Student, old["_id"], "change", actor, version, changed, reason=reason))
        corrections += correction_rows(rounds, actor, old, new, reason, names)
    Student._get_collection().bulk_write(updates, ordered=False, session=session)
    audit.AuditEntry._get_collection().insert_many(entries, session=session)
    if corrections:
        Correction._get_collection().insert_many(corrections, session=session)


def _recount(proclamation: Raw, pairs: list[tuple[Raw, Raw]], session: ClientSession | None) -> None:
    """Count both schools in the rounds that are not closed, and where a closed one holds this proclamation's zero.

    In a closed round only what nobody vouched for follows; in an unclosed one a vouched count refuses the move.
    """
    codes = {row["school_code"] for pair in pairs for row in pair}
    unclosed = unclosed_rounds(session=session)
    keys = [submission_code(round_["_id"], code) for round_ in unclosed for code in codes]
    refuse_vouched({"_id": {"$in": keys}, **OF_ROSTERS}, session)
    recount(codes, session, rounds=unclosed)
    mine = {"proclamation": proclamation["_id"]}
    closed = set(Submission._get_collection().distinct("round_code", mine, session=session))
    closed -= {round_["_id"] for round_ in unclosed}
    for round_ in Round._get_collection().find({"_id": {"$in": sorted(closed)}}, session=session):
        where = {"round_code": round_["_id"], "school_code": {"$in": sorted(codes)}, "state": {"$in": CHANGEABLE}}
        follow = Submission._get_collection().distinct("school_code", where, session=session)
        recount(follow, session, rounds=[round_], by_person=False)


def _to_move(proclamation: Raw, rounds: Iterable[Raw]) -> Raw:
    """The filter of students who go along: who was there at the merger, or on a census date that is still counted."""
    since = min([proclamation["effective_on"], *(round_["census_date"] for round_ in rounds)])
    next_day = datetime(since.year, since.month, since.day, 23, 59, 59)
    return {
        "school_code": {"$in": list(proclamation["schools"])},
        "$or": [{"left_on": None}, {"left_on": {"$gt": next_day}}],
    }


def _merges(proclamation: Raw) -> bool:
    merger = proclamation["kind"] == ProclamationKind.MERGER.value and bool(proclamation.get("successor_code"))
    return merger and as_day(proclamation["effective_on"]) <= thai_today()


def _at(row: Raw, school: Raw) -> Raw:
    """A raw student on another school's roster."""
    place = {"school_code": school["_id"], **{name: school.get(name) for name in _PATH}}
    return row | place | {audit.VERSION: (row.get(audit.VERSION) or 0) + 1}


def _schools(codes: Iterable[str], session: ClientSession | None) -> dict[str, Raw]:
    rows = School._get_collection().find({"_id": {"$in": sorted(codes)}}, session=session)
    return {row["_id"]: row for row in rows}


def _names(rows: Iterable[Raw]) -> tuple[str, ...]:
    return tuple(f"{row['title']}{row['first_name']} {row['last_name']}" for row in rows)

"""Writing many students at once as a form writes one: scope, policy, versions, traces, history, register and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError

from app.clock import stored_now
from app.documents.corrections import Correction
from app.documents.students import Student
from app.enums import Level
from app.errors import Problem
from app.fabmongo import audit
from app.fabmongo.scope import matches
from app.rules import rosters
from app.rules.digests import ROSTER_FIELDS
from app.services.corrections import COLUMNS, correcting, correction_rows, school_names
from app.services.locks import rounds_taking_entries
from app.services.rounds import open_of
from app.services.students import COUNTED
from app.services.submissions import note_roster_change, recount
from app.services.transactions import in_transaction

Raw = dict[str, Any]
Pair = tuple[Any, Any]

DUPLICATE = 11000


class Differs(Exception):
    """The database is not any more what the preview was made of."""


@dataclass(frozen=True, slots=True)
class Change:
    """A raw student before and after, None where there is none; `fields`: raw field -> (old, new) of what differs."""

    old: Raw | None
    new: Raw | None
    fields: Mapping[str, Pair] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, str]:
        """The schools before and after; of a new or a removed student twice the same."""
        old, new = self.old or self.new or {}, self.new or self.old or {}
        return old["school_code"], new["school_code"]


@dataclass(frozen=True)
class Writer:
    """For whom an import writes, why, and what each entry of the history names as its origin."""

    actor: Any
    reason: str | None
    via: str

    def write(self, changes: Sequence[Change], session: ClientSession) -> list[Raw]:
        """Store changes with their history and, in a correction, the register; counting is left to `count`.

        Returns the raw rounds that take entries.
        Raises Problem where one lies outside the actor's area, or a round does not let its people do it.
        """
        rounds = rounds_taking_entries(session)
        if not changes:
            return rounds
        self._check(changes, rounds)
        self._store(changes, session)
        self._keep_history(changes, session)
        self._register(changes, rounds, session)
        return rounds

    def _check(self, changes: Sequence[Change], rounds: list[Raw]) -> None:
        granted = Student.scope.writes(self.actor.area)
        limits: dict[tuple[str, str], list[Raw]] = {}
        for change in changes:
            if not all(matches(row, granted) for row in (change.old, change.new) if row is not None):
                raise _outside()
            if change.codes not in limits:
                limits[change.codes] = self._limits(change, rounds)
            for round_ in limits[change.codes]:
                columns = {name: COLUMNS[name][0] for name in change.fields if name in COLUMNS}
                rosters.check_policy(round_, change.old, change.new, columns)

    def _limits(self, change: Change, rounds: list[Raw]) -> list[Raw]:
        """The open rounds whose policy binds the actor at the schools of a change."""
        open_ = open_of(rounds, [row for row in (change.old, change.new) if row is not None])
        if not self.reason:
            refuse_without_reason(open_)
        return [] if self.actor.area.level == Level.COUNTRY else open_

    def _store(self, changes: Sequence[Change], session: ClientSession) -> None:
        students, by = Student._get_collection(), self._traces()
        new = [change.new for change in changes if change.old is None and change.new is not None]
        gone = [change.old["_id"] for change in changes if change.new is None and change.old is not None]
        updates = [_update(change, by) for change in changes if change.old is not None and change.new is not None]
        if gone and students.delete_many({"_id": {"$in": gone}}, session=session).deleted_count < len(gone):
            raise Differs
        if updates:
            students.bulk_write(updates, ordered=False, session=session)
        if new:
            made = {"created_by": by["changed_by"], "created_on": by["changed_on"]}
            students.insert_many([row | made for row in new], ordered=False, session=session)

    def _traces(self) -> Raw:
        return {"changed_by": self.actor.username, "changed_on": stored_now().replace(microsecond=0)}

    def _keep_history(self, changes: Sequence[Change], session: ClientSession) -> None:
        """One entry each. What they share is made once: making it anew took as long as storing the students."""
        shared = audit.entry(Student, None, "", self.actor, 0, reason=self.reason) | {"via": self.via}
        shared.pop("origin")
        entries = [shared | _told(change) for change in changes]
        audit.AuditEntry._get_collection().insert_many(entries, ordered=False, session=session)

    def _register(self, changes: Sequence[Change], rounds: list[Raw], session: ClientSession) -> None:
        places = {row["school_code"]: row for each in changes for row in (each.old, each.new) if row is not None}
        mine = correcting(rounds, places.values())
        if not mine:
            return
        moved = any(change.codes[0] != change.codes[1] for change in changes)
        names = school_names(places, session) if moved else {}
        rows = [
            row for each in changes for row in correction_rows(mine, self.actor, each.old, each.new, self.reason, names)
        ]
        if rows:
            Correction._get_collection().insert_many(rows, ordered=False, session=session)


def refuse_without_reason(rounds: Iterable[Raw]) -> None:
    """Raise Problem on field reason where one of some raw rounds wants a reason for every change."""
    asking = next((round_["_id"] for round_ in rounds if rosters.needs_reason(round_)), None)
    if asking is not None:
        raise Problem(
            f"รอบ {asking} ให้ระบุเหตุผลของการแก้ไขทุกครั้ง โปรดกรอกเหตุผลของการนำเข้านี้",
            f"Round {asking} wants a reason for every change. Give the reason of this import.",
            "reason",
        )


def count(
    changes: Sequence[Change], session: ClientSession, also: Iterable[str] = (), rounds: Sequence[Raw] | None = None
) -> None:
    """Let counts follow written changes, once a school; `also`: schools whose changes were stored before.

    rounds: raw, those that take entries, where they are known.
    Raises Problem "conflict" where the data of a round were accepted.
    """
    counted, noted = set(also), set[str]()
    for change in changes:
        whole = change.old is None or change.new is None
        if whole or any(name in change.fields for name in COUNTED):
            counted.update(change.codes)
        elif any(name in change.fields for name in ROSTER_FIELDS):
            noted.update(change.codes)
    if counted:
        recount(counted, session, rounds=rounds)
    if noted - counted:
        note_roster_change(noted - counted, session, rounds=rounds)


def write_in_transaction(work: Callable[[ClientSession], None]) -> None:
    """Do `work` in one transaction, again where another write came between. Raises Differs on a number that is taken.

    The transaction that took it had not ended when this one began, so no reading could show it.
    """
    try:
        in_transaction(work)
    except BulkWriteError as error:
        if any(each.get("code") == DUPLICATE for each in error.details.get("writeErrors", ())):
            raise Differs from error
        raise


def _update(change: Change, by: Raw) -> UpdateOne:
    sets: Raw = {name: new for name, (_, new) in change.fields.items() if new is not None}
    unsets = {name: "" for name, (_, new) in change.fields.items() if new is None}
    sets |= by | {audit.VERSION: version_after(change.old)}
    return UpdateOne({"_id": (change.old or {})["_id"]}, {"$set": sets} | ({"$unset": unsets} if unsets else {}))


def version_after(row: Raw | None) -> int:
    """The version that the next write gives a raw student."""
    return int((row or {}).get(audit.VERSION) or 0) + 1


def _told(change: Change) -> Raw:
    """What an entry of the history says of this student alone."""
    row = change.old or change.new or {}
    own = {"key": row["_id"], "version": version_after(change.old)}
    if change.old is None:
        return own | {"verb": "add"}
    if change.new is None:
        return own | {"verb": "delete", "stored": change.old}
    return own | {"verb": "change", "changes": {name: list(pair) for name, pair in change.fields.items()}}


def _outside() -> Problem:
    return Problem(
        "มีนักเรียนที่อยู่นอกพื้นที่ที่ผู้นำเข้าดูแล จึงไม่ได้บันทึกสถานศึกษานี้ โปรดให้ผู้ที่ดูแลทั้งสองสถานศึกษานำเข้า",
        "A student lies outside the area of whoever imports, so nothing of this school was written. "
        "Somebody who keeps both rosters can import it.",
        kind="forbidden",
    )

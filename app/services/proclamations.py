"""Proclamations of merger, dissolution and closure: they close schools and make their counts an explicit zero."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.proclamations import Proclamation
from app.documents.schools import School
from app.enums import ProclamationKind, SchoolStatus
from app.errors import Problem
from app.fabmongo.writes import WriteRules
from app.rules.census import as_day
from app.services.submissions import clear_zeros, set_zeros

log = logging.getLogger(__name__)

Raw = dict[str, Any]

_EFFECTS = ("kind", "effective_on", "lao_code", "schools", "successor_code")
"""Raw fields on which status and counts of schools depend."""


class ProclamationRules(WriteRules):
    """What must hold of a proclamation; its schools follow it in the same transaction."""

    def before_write(self, actor: Any, document: Proclamation, before: Raw | None) -> None:
        raw = document.to_mongo()
        codes = list(raw.get("schools") or ())
        _check_schools(raw, codes)
        _check_successor(raw, codes)

    def after_write(
        self, actor: Any, document: Proclamation, before: Raw | None, session: ClientSession | None
    ) -> None:
        raw = {**document.to_mongo(), "_id": document.pk}
        if before is not None and all(raw.get(name) == before.get(name) for name in _EFFECTS):
            return  # a note or a number was corrected: what the schools report stays as it is
        if before is not None:
            take_back(before, session)
        apply(raw, session)

    def after_delete(self, actor: Any, document: Proclamation, session: ClientSession | None) -> None:
        take_back({**document.to_mongo(), "_id": document.pk}, session)


def apply(proclamation: Raw, session: ClientSession | None = None) -> None:
    """Close or merge the schools of a raw proclamation and store their zeros. Before it is in force: nothing."""
    if as_day(proclamation["effective_on"]) > thai_today():
        return
    merged = proclamation["kind"] == ProclamationKind.MERGER.value
    fields = {
        "status": (SchoolStatus.MERGED if merged else SchoolStatus.CLOSED).value,
        "closed_on": proclamation["effective_on"],
    }
    change: Raw = {"$set": fields}
    if merged:
        fields["successor_code"] = proclamation["successor_code"]
    else:
        change["$unset"] = {"successor_code": ""}
    # The zeros first: where they are refused, the schools stay as they are.
    set_zeros(proclamation["_id"], proclamation["schools"], proclamation["effective_on"], session)
    School._get_collection().update_many({"_id": {"$in": proclamation["schools"]}}, change, session=session)


def take_back(proclamation: Raw, session: ClientSession | None = None) -> None:
    """Undo what a raw proclamation did: its schools are open again, their counts as if it had never been."""
    School._get_collection().update_many(
        {
            "_id": {"$in": proclamation["schools"]},
            "closed_on": proclamation["effective_on"],
            "lao_code": proclamation["lao_code"],  # a school that has moved to another LAO since is that one's
        },
        {"$set": {"status": SchoolStatus.OPEN.value}, "$unset": {"closed_on": "", "successor_code": ""}},
        session=session,
    )
    clear_zeros(proclamation["_id"], session=session)


def apply_due(today: date | None = None) -> int:
    """Apply the proclamations that have come into force since they were recorded; returns how many. Safe to repeat."""
    done = 0
    for row in Proclamation._get_collection().find().sort("effective_on", 1):
        if as_day(row["effective_on"]) > (today or thai_today()):
            break
        waiting = {"_id": {"$in": row["schools"]}, "status": SchoolStatus.OPEN.value}
        if School._get_collection().find_one(waiting, {"_id": 1}):
            try:
                apply(row)
            except Problem as problem:
                log.warning("proclamation %s is not applied: %s", row["_id"], problem.en)
                continue
            done += 1
    return done


def _check_schools(raw: Raw, codes: list[str]) -> None:
    rows = School._get_collection().find({"_id": {"$in": codes}}, {"lao_code": 1, "name_th": 1})
    outside = [row["name_th"] for row in rows if row["lao_code"] != raw.get("lao_code")]
    if outside:
        raise Problem(
            f"{outside[0]} ไม่ได้อยู่ใน อปท. ที่เลือก โปรดเลือกเฉพาะสถานศึกษาของ อปท. นี้",
            f"{outside[0]} does not belong to the chosen LAO. Choose schools of this LAO only.",
            "schools",
        )
    other = Proclamation._get_collection().find_one({"schools": {"$in": codes}, "_id": {"$ne": raw.get("_id")}})
    if other is not None:
        raise Problem(
            f"สถานศึกษาที่เลือกมีประกาศ {other['number']} อยู่แล้ว โปรดแก้ไขประกาศนั้นแทน",
            f"Proclamation {other['number']} covers a chosen school already. Correct that one instead.",
            "schools",
        )


def _check_successor(raw: Raw, codes: list[str]) -> None:
    successor = raw.get("successor_code")
    if raw.get("kind") != ProclamationKind.MERGER.value:
        if successor:
            raise Problem(
                "ระบุสถานศึกษาที่รวมเข้าไปได้เฉพาะประกาศรวม โปรดเว้นว่าง หรือเลือกเรื่องเป็น “รวม”",
                "Only a merger has a school merged into. Leave it empty, or choose the kind “merger”.",
                "successor",
            )
        return
    found = School._get_collection().find_one({"_id": successor}, {"status": 1}) if successor else None
    if found is None or successor in codes or found.get("status") != SchoolStatus.OPEN.value:
        raise Problem(
            "ประกาศรวมต้องระบุสถานศึกษาอื่นที่ยังเปิดสอนเป็นผู้รับนักเรียน",
            "A merger names another school, still open, that takes the students.",
            "successor",
        )

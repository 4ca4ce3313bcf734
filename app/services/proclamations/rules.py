"""What must hold of a proclamation, and what follows from recording, correcting and undoing one."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.proclamations import Proclamation
from app.documents.schools import School
from app.enums import ProclamationKind, SchoolStatus
from app.errors import Problem
from app.fabmongo.writes import WriteRules
from app.rules.census import as_day
from app.services.proclamations.effects import apply, take_back
from app.services.proclamations.moving import bring_back
from app.services.proclamations.telling import tell

Raw = dict[str, Any]

_EFFECTS = ("kind", "effective_on", "lao_code", "schools", "successor_code")
"""Raw fields on which status and counts of schools depend."""
_MOVES = ("kind", "lao_code", "schools", "successor_code")
"""Raw fields on which it depends who was moved where."""


class ProclamationRules(WriteRules):
    """What must hold of one; schools, counts, students and the LAO's letter follow in the same transaction."""

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
            later = as_day(raw["effective_on"]) > thai_today()
            if later or any(raw.get(name) != before.get(name) for name in _MOVES):
                bring_back(actor, before, session)
            take_back(before, session)
        apply(raw, session)
        tell(actor, raw, "recorded" if before is None else "corrected", session)

    def after_delete(self, actor: Any, document: Proclamation, session: ClientSession | None) -> None:
        raw = {**document.to_mongo(), "_id": document.pk}
        bring_back(actor, raw, session)
        take_back(raw, session)
        tell(actor, raw, "undone", session)


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

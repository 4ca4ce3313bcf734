"""Extensions of a round for an LAO or one school: what must hold of one."""

from __future__ import annotations

from typing import Any

from app.clock import thai_today
from app.documents.extensions import Extension
from app.documents.rounds import Round
from app.documents.schools import School
from app.errors import Problem
from app.fabmongo.writes import WriteRules
from app.rules.census import as_day
from app.thai import format_date

Raw = dict[str, Any]


class ExtensionRules(WriteRules):
    """An extension adds days to a round that has a last one, for an LAO or a school of that LAO."""

    def before_write(self, actor: Any, document: Extension, before: Raw | None) -> None:
        raw = document.to_mongo()
        _check_until(raw, before)
        if raw.get("school_code"):
            _check_school(raw)


def _check_until(raw: Raw, before: Raw | None) -> None:
    round_ = Round._get_collection().find_one({"_id": raw.get("round_code")}) or {}
    until = raw.get("until")
    if not round_ or until is None:
        return  # the form says itself that they are required
    last = round_.get("closes_on")
    if last is None:
        raise Problem(
            f"รอบ {round_['_id']} ยังไม่กำหนดวันปิดระบบ จึงไม่ต้องขยายเวลา",
            f"Round {round_['_id']} has no closing date yet, so there is nothing to extend.",
            "round",
        )
    if as_day(until) <= as_day(last):
        raise Problem(
            f"รอบนี้ปิดระบบวันที่ {format_date(last)} อยู่แล้ว โปรดเลือกวันหลังจากนั้น",
            f"The round closes on {format_date(last, 'en')} anyway. Choose a later day.",
            "until",
        )
    if before is None and as_day(until) < thai_today():
        raise Problem("วันนี้ผ่านไปแล้ว โปรดเลือกวันนี้หรือหลังจากนี้", "That day has passed. Choose today or later.", "until")


def _check_school(raw: Raw) -> None:
    found = School._get_collection().find_one({"_id": raw["school_code"]}, {"lao_code": 1}) or {}
    if found.get("lao_code") != raw.get("lao_code"):
        raise Problem(
            "สถานศึกษานี้ไม่ได้อยู่ใน อปท. ที่เลือก โปรดเลือกให้ตรงกัน",
            "This school does not belong to the chosen LAO. Choose ones that fit.",
            "school",
        )

"""What a change of a student is, what it does to a count, and whether the policy of a round lets people do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.enums import CorrectionDeed, RoundKind, StudentStatus
from app.errors import Problem
from app.rules.census import counts_at

Raw = Mapping[str, Any]

GONE = {status.value for status in (StudentStatus.MOVED, StudentStatus.GRADUATED, StudentStatus.DISCHARGED)}
"""States of a student who is no longer at the school."""

_LABELS = {
    "may_add": ("เพิ่มนักเรียนได้", "Students may be added"),
    "may_change": ("แก้ไขนักเรียนได้", "Students may be changed"),
    "may_discharge": ("จำหน่ายหรือย้ายนักเรียนได้", "Students may be discharged or moved"),
    "may_remove": ("ลบนักเรียนได้", "Students may be removed"),
    "open_fields": ("ช่องที่แก้ไขได้", "Fields that may be changed"),
}
_WHOLE = {CorrectionDeed.ADD: "may_add", CorrectionDeed.REMOVE: "may_remove"}


def deed_of(before: Raw | None, after: Raw | None) -> CorrectionDeed:
    """What turned a raw student `before` (None: there was none) into `after` (None: there is none any more)."""
    if before is None or after is None:
        return CorrectionDeed.ADD if before is None else CorrectionDeed.REMOVE
    if before.get("school_code") != after.get("school_code"):
        return CorrectionDeed.MOVE
    left = before.get("left_on") is None and after.get("left_on") is not None
    gone = before.get("status") not in GONE and after.get("status") in GONE
    return CorrectionDeed.DISCHARGE if left or gone else CorrectionDeed.CHANGE


def effects_of(before: Raw | None, after: Raw | None, census_date: Any) -> dict[str, int]:
    """School code -> by how much its count on the census date changes: +1, 0 or -1; both schools where one moves."""
    found: dict[str, int] = {}
    for row, sign in ((after, 1), (before, -1)):
        if row is not None:
            counts = counts_at(row.get("admitted_on"), row.get("left_on"), census_date)
            found[row["school_code"]] = found.get(row["school_code"], 0) + sign * counts
    return found


def is_leaving(field: str, before: Raw, after: Raw) -> bool:
    """Whether a change of a raw field is part of discharging, moving or taking back a student."""
    if field == "status":
        return before.get("status") in GONE or after.get("status") in GONE
    return field in ("left_on", "school_code")


def needs_reason(round_: Raw) -> bool:
    """Whether every change of a roster wants a reason in a raw round: always where it corrects."""
    return bool(round_.get("needs_reason")) or round_.get("kind") == RoundKind.CORRECTION.value


def check_policy(round_: Raw, before: Raw | None, after: Raw | None, changed: Mapping[str, str]) -> None:
    """Raise Problem "forbidden" where a raw round does not let people do this to a student.

    changed: raw field -> column of forms, of each field that people fill in and that differs. A rule that the round
    does not state is open.
    """
    if before is None or after is None:
        _refuse_unless(round_, _WHOLE[deed_of(before, after)])
        return
    allowed = set(round_.get("open_fields") or ())
    for field, column in changed.items():
        if is_leaving(field, before, after):
            _refuse_unless(round_, "may_discharge", column)
        else:
            _refuse_unless(round_, "may_change", column)
            if allowed and column not in allowed:
                raise _refusal(round_, "open_fields", column, " ไม่รวมช่องนี้", " leave this one out")


def _refuse_unless(round_: Raw, rule: str, column: str | None = None) -> None:
    if round_.get(rule, True) is False:
        raise _refusal(round_, rule, column, " ปิดอยู่", " is off")


def _refusal(round_: Raw, rule: str, column: str | None, th: str, en: str) -> Problem:
    label_th, label_en = _LABELS[rule]
    return Problem(
        f"รอบ {round_['_id']} ไม่เปิดให้ทำสิ่งนี้: เงื่อนไขของรอบ “{label_th}”{th} จึงยังไม่ได้บันทึก "
        "หากจำเป็น โปรดติดต่อกรมส่งเสริมการปกครองท้องถิ่น ซึ่งเป็นผู้กำหนดเงื่อนไขของรอบ",
        f"Round {round_['_id']} does not let you do this: its rule “{label_en}”{en}, so nothing was saved. "
        "If it is needed, ask the Department of Local Administration, which sets the rules of the round.",
        column,
        "forbidden",
    )

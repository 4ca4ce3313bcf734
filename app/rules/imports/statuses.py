"""Statuses of students as schools and other systems write them."""

from __future__ import annotations

import re
from functools import lru_cache

from app.enums import StudentStatus
from app.rules.imports.seen import Seen, blank, mended, refused, tidied

_USUAL: dict[str, StudentStatus] = {
    "กำลังศึกษา": StudentStatus.STUDYING, "ปกติ": StudentStatus.STUDYING, "ย้าย": StudentStatus.MOVED,
    "จบ": StudentStatus.GRADUATED, "จำหน่าย": StudentStatus.DISCHARGED, "ขาดเรียนนาน": StudentStatus.ABSENT_LONG,
    **{status.value: status for status in StudentStatus}, **{status.en.lower(): status for status in StudentStatus},
}  # fmt: skip
_OTHERWISE: dict[str, StudentStatus] = {
    "กำลังเรียน": StudentStatus.STUDYING, "เรียนอยู่": StudentStatus.STUDYING, "กำลังศึกษาอยู่": StudentStatus.STUDYING,
    "active": StudentStatus.STUDYING, "มาเรียนปกติ": StudentStatus.STUDYING, "เรียนปกติ": StudentStatus.STUDYING,
    "นักเรียนปกติ": StudentStatus.STUDYING, "ศึกษาอยู่": StudentStatus.STUDYING,
    "ย้ายออก": StudentStatus.MOVED, "ย้ายสถานศึกษา": StudentStatus.MOVED, "ย้ายโรงเรียน": StudentStatus.MOVED,
    "ย้ายที่เรียน": StudentStatus.MOVED,
    "จบการศึกษา": StudentStatus.GRADUATED, "สำเร็จการศึกษา": StudentStatus.GRADUATED, "จบหลักสูตร": StudentStatus.GRADUATED,
    "จำหน่ายออก": StudentStatus.DISCHARGED, "จำหน่ายนักเรียน": StudentStatus.DISCHARGED,
    "ขาดเรียนเป็นเวลานาน": StudentStatus.ABSENT_LONG, "ขาดเรียนนานๆ": StudentStatus.ABSENT_LONG,
    "แขวนลอย": StudentStatus.ABSENT_LONG,
    "นักเรียนแขวนลอย": StudentStatus.ABSENT_LONG,
}  # fmt: skip


@lru_cache(maxsize=1024)
def read_status(text: str) -> Seen:
    """The stored status that a text means; unknown ones are refused, for a status decides who counts."""
    if nothing := blank("status", text):
        return nothing
    clean, kinds = tidied(text)
    tight = re.sub(r"\s+", "", clean.lower())
    if usual := _USUAL.get(clean.lower()):
        return Seen(usual.value, mended("status", text, usual.th, kinds))
    if other := _OTHERWISE.get(tight) or _USUAL.get(tight):
        return Seen(other.value, mended("status", text, other.th, [*kinds, "status-form"]))
    known = " ".join(status.th for status in StudentStatus)
    return refused(
        "status", text,
        f"ไม่รู้จักสถานภาพนี้ โปรดใช้คำใดคำหนึ่ง: {known}",
        f"The status is unknown. Use one of: {known}.",
    )  # fmt: skip

"""Rules about what a school reports in a round: against the last round, against its certified list, and zero."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.enums import CountSource, Severity
from app.rules.catalogue.terms import Rule, Scope, Settings, Threshold, threshold
from app.rules.findings import Finding

Raw = Mapping[str, Any]

LARGE_CHANGE = Rule(
    "large-change", "จำนวนเปลี่ยนมากจากรอบก่อน", "A large change against the last round",
    Severity.WARNING, Scope.SUBMISSION,
    thresholds=(
        Threshold("percent", "เปลี่ยนตั้งแต่ (ร้อยละ)", "Changed by at least (percent)", 20, low=1, high=1000),
        Threshold("persons", "และตั้งแต่ (คน)", "and by at least (persons)", 10, low=1, high=10_000),
    ),
)  # fmt: skip
AGAINST_LIST = Rule(
    "count-against-list", "จำนวนไม่ตรงกับแบบรับรองรายชื่อ", "Count and certified list differ",
    Severity.ERROR, Scope.SUBMISSION,
)  # fmt: skip
ZERO = Rule(
    "zero-without-proclamation", "เป็นศูนย์โดยไม่มีประกาศ", "Zero without a proclamation", Severity.NOTICE, Scope.SUBMISSION
)

RULES = (LARGE_CHANGE, AGAINST_LIST, ZERO)


def counts(now: Raw, before: Raw | None, settings: Settings) -> Iterator[Finding]:
    """What stands out in a raw submission; `before`: the same school's in the round before. No count: nothing."""
    if now.get("total") is None:
        return
    yield from _against_list(now)
    yield from _zero(now)
    # A zero by proclamation or for a reason is no change that needs words: it has them.
    if before is not None and now.get("source") not in (CountSource.PROCLAMATION, CountSource.REASON):
        yield from _change(now["total"], before, settings)


def _change(total: int, before: Raw, settings: Settings) -> Iterator[Finding]:
    old = before.get("total")
    if old is None:
        return
    persons = abs(total - old)
    percent = threshold(LARGE_CHANGE, "percent", settings)
    if persons < threshold(LARGE_CHANGE, "persons", settings) or persons * 100 < percent * old:
        return
    share_th = f" (ร้อยละ {persons * 100 / old:.0f})" if old else ""
    share_en = f" ({persons * 100 / old:.0f}%)" if old else ""
    more_th, more_en = ("เพิ่มขึ้น", "more") if total > old else ("ลดลง", "fewer")
    yield LARGE_CHANGE.finding(
        f"มีนักเรียน {total:,} คน {more_th} {persons:,} คน{share_th} จากรอบ {before['round_code']} ซึ่งมี {old:,} คน"
        " โปรดตรวจสอบ แล้วแก้ไขหรือชี้แจงสาเหตุ",
        f"{total:,} students, {persons:,} {more_en}{share_en} than the {old:,} of round {before['round_code']}. "
        "Check, then correct or explain.",
        "total",
    )


def _against_list(now: Raw) -> Iterator[Finding]:
    listed = (now.get("list_male"), now.get("list_female"))
    counted = (now.get("male") or 0, now.get("female") or 0)
    if listed == (None, None) or (listed[0] or 0, listed[1] or 0) == counted:
        return
    boys, girls = listed[0] or 0, listed[1] or 0
    yield AGAINST_LIST.finding(
        f"จำนวนที่บันทึก ชาย {counted[0]:,} หญิง {counted[1]:,} ไม่ตรงกับแบบรับรองรายชื่อ ชาย {boys:,} หญิง {girls:,}"
        " โปรดแก้ไขจำนวนหรือรายชื่อให้ตรงกัน",
        f"Recorded {counted[0]:,} boys and {counted[1]:,} girls, but the certified list has {boys:,} and {girls:,}. "
        "Correct the count or the list.",
        "total",
    )


def _zero(now: Raw) -> Iterator[Finding]:
    if now["total"] == 0 and now.get("source") != CountSource.PROCLAMATION:
        yield ZERO.finding(
            "บันทึกจำนวนเป็น 0 โดยไม่มีประกาศยุบ รวม หรือเลิก หากมีประกาศ โปรดบันทึกประกาศ",
            "The count is 0 without a proclamation of merger or closure. If there is one, record it.",
            "total",
        )

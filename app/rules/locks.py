"""What keeps a submission from being changed now: which rule, and who can lift it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from app.enums import Level, SubmissionState
from app.rules.census import as_day
from app.rules.deadlines import phase
from app.rules.transitions import FROZEN
from app.thai import format_date

Raw = Mapping[str, Any]
Code = Literal["before", "closed", "accepted", "vouched"]

_S = SubmissionState


@dataclass(frozen=True, slots=True)
class Lock:
    """th, en: the rule as a sentence. who_th, who_en: who can lift it and how."""

    code: Code
    th: str
    en: str
    who_th: str
    who_en: str


ACCEPTED = Lock(
    "accepted",
    "กรมส่งเสริมการปกครองท้องถิ่นรับข้อมูลแล้ว จำนวนนักเรียนของรอบนี้จึงแก้ไขไม่ได้",
    "The Department of Local Administration has accepted the data, so the count of this round cannot change.",
    "กรมส่งเสริมการปกครองท้องถิ่นเท่านั้นที่ปลดล็อกได้",
    "Only the Department of Local Administration can unlock it.",
)


def lock(
    round_: Raw, extensions: Iterable[Raw], state: SubmissionState, level: Level, today: date, codes: Raw
) -> Lock | None:
    """The lock on the count of a school for a person of `level`, or None; the strongest where several hold.

    round_: raw, with opens_on and closes_on. extensions: raw, of this round. codes: lao_code and school_code. The
    dates do not bind the country, which sets them.
    """
    if state is _S.ACCEPTED:
        return ACCEPTED
    return date_lock(round_, extensions, level, today, codes) or (vouched(state, level) if state in FROZEN else None)


def date_lock(round_: Raw, extensions: Iterable[Raw], level: Level, today: date, codes: Raw) -> Lock | None:
    """The lock by the round's dates alone, whatever the state is."""
    if level is Level.COUNTRY:
        return None
    now = phase(round_["opens_on"], round_.get("closes_on"), today)
    if now == "before":
        return _before(round_["opens_on"])
    if now == "closed":
        until = extended_until(extensions, codes)
        last = round_["closes_on"] if until is None else max(as_day(until), as_day(round_["closes_on"]))
        if as_day(last) < as_day(today):
            return _closed(last)
    return None


def extended_until(extensions: Iterable[Raw], codes: Raw) -> date | None:
    """The latest last day that raw extensions give a school: those of its LAO, and those of the school itself."""
    days = [
        as_day(row["until"])
        for row in extensions
        if row["lao_code"] == codes.get("lao_code") and row.get("school_code") in (None, codes.get("school_code"))
    ]
    return max(days, default=None)


def _before(opens_on: date) -> Lock:
    return Lock(
        "before",
        f"ยังไม่เปิดระบบ รอบนี้เปิดวันที่ {format_date(opens_on)}",
        f"The round is not open yet: it opens on {format_date(opens_on, 'en')}.",
        "กรมส่งเสริมการปกครองท้องถิ่นเป็นผู้กำหนดวันเปิดระบบ",
        "The Department of Local Administration sets that day.",
    )


def _closed(last: date) -> Lock:
    return Lock(
        "closed",
        f"ปิดระบบแล้วตั้งแต่สิ้นวันที่ {format_date(last)}",
        f"The round closed at the end of {format_date(last, 'en')}.",
        "กรมส่งเสริมการปกครองท้องถิ่นขยายเวลาให้ อปท. หรือสถานศึกษาได้ โปรดติดต่อผ่านอำเภอหรือจังหวัด",
        "The Department of Local Administration can extend it for an LAO or a school; ask through your district.",
    )


_WHO: dict[SubmissionState, tuple[str, str]] = {
    _S.CERTIFIED: (
        "สถานศึกษาหรือ อปท. ถอนการรับรอง หรือ อปท. ส่งกลับให้แก้ไขได้",
        "The school or its LAO can withdraw the certification, or the LAO can return it.",
    ),
    _S.VERIFIED: (
        "อปท. ส่งกลับให้แก้ไข หรือยกเลิกการตรวจสอบได้",
        "The LAO can return it, or undo its verification.",
    ),
    _S.SUBMITTED: (
        "อปท. เรียกคืนได้ หรืออำเภอ จังหวัด กรมส่งเสริมการปกครองท้องถิ่น ส่งกลับให้แก้ไขได้",
        "The LAO can take it back, or the district, the province or the Department can return it.",
    ),
}


def vouched(state: SubmissionState, level: Level) -> Lock:
    """The lock of a state of `FROZEN` other than accepted."""
    th, en = f"มีผู้รับรองจำนวนนี้แล้ว (สถานะ “{state.th}”)", f"Somebody has vouched for this count (“{state.en}”)."
    if level is Level.SCHOOL and state is not _S.CERTIFIED:
        return Lock("vouched", th, en, "โปรดขอให้ อปท. ส่งกลับให้แก้ไข", "Ask your LAO to return it.")
    return Lock("vouched", th, en, *_WHO[state])

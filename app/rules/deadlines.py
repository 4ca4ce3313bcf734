"""When a round takes entries: from its first to its last day, both included; without a last day, without an end."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.rules.census import as_day
from app.thai import format_date

Phase = Literal["before", "open", "closed"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a round stands today. days_left: days from today to the last day, None where none is set."""

    phase: Phase
    days_left: int | None
    th: str
    en: str


def phase(opens_on: date, closes_on: date | None, today: date) -> Phase:
    """Whether a round is not yet open, open or closed on `today`."""
    if as_day(today) < as_day(opens_on):
        return "before"
    return "closed" if closes_on is not None and as_day(today) > as_day(closes_on) else "open"


def days_left(closes_on: date | None, today: date) -> int | None:
    """Days from `today` to the last day: 0 on the last day, negative after it, None where none is set."""
    return None if closes_on is None else (as_day(closes_on) - as_day(today)).days


def standing(opens_on: date, closes_on: date | None, today: date) -> Standing:
    """The phase with the sentence that people see."""
    now, left = phase(opens_on, closes_on, today), days_left(closes_on, today)
    return Standing(now, left, *_sentence(now, left, opens_on, closes_on))


def _sentence(now: Phase, left: int | None, opens_on: date, closes_on: date | None) -> tuple[str, str]:
    if now == "before":
        return f"จะเปิดระบบวันที่ {format_date(opens_on)}", f"Opens on {format_date(opens_on, 'en')}"
    if closes_on is None or left is None:
        return "เปิดให้บันทึก ยังไม่กำหนดวันปิดระบบ", "Open; no closing date is set yet"
    last_th, last_en = format_date(closes_on), format_date(closes_on, "en")
    if now == "closed":
        return f"ปิดระบบแล้วเมื่อ {last_th}", f"Closed since {last_en}"
    if left == 0:
        return f"วันสุดท้าย ปิดระบบวันนี้ ({last_th})", f"Last day: closes today ({last_en})"
    return f"เหลือ {left} วัน (ถึง {last_th})", f"{left} day{'s' * (left != 1)} left (until {last_en})"

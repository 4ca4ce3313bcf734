"""The rule about one person at two schools at the same time, certified lists of other affiliations included."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2s

from app.enums import Severity
from app.rules.catalogue.terms import Rule, Scope
from app.rules.census import as_day
from app.rules.findings import Finding

ACROSS = Rule(
    "duplicate-across-schools", "คนเดียวกันอยู่ในสถานศึกษามากกว่าหนึ่งแห่ง", "One person at two schools",
    Severity.WARNING, Scope.COUNTRY,
)  # fmt: skip

RULES = (ACROSS,)


@dataclass(frozen=True, slots=True)
class Stay:
    """A person's time at a school, to the day of leaving (None: still there). province: its Thai and English name."""

    school: str
    province: tuple[str, str]
    since: date
    until: date | None


def same_time(one: Stay, other: Stay) -> bool:
    """Whether two stays overlap by at least a day; who leaves on the day the other begins has moved."""
    begins = max(as_day(one.since), as_day(other.since))
    ends = [as_day(stay.until) for stay in (one, other) if stay.until is not None]
    return all(begins < end for end in ends)


def across(own: Stay, stays: Iterable[Stay]) -> tuple[Finding, tuple[str, ...]] | None:
    """The finding about `own` and the codes of the other schools; None where nobody else has the person.

    The text names provinces only: who may not see the other school must not learn more from it.
    """
    others = sorted(
        {stay for stay in stays if stay.school != own.school and same_time(own, stay)}, key=lambda stay: stay.school
    )
    if not others:
        return None
    schools = tuple(dict.fromkeys(stay.school for stay in others))
    th = ", ".join(dict.fromkeys(stay.province[0] for stay in others))
    en = ", ".join(dict.fromkeys(stay.province[1] for stay in others))
    finding = ACROSS.finding(
        f"เลขประจำตัวประชาชนเดียวกันอยู่ในสถานศึกษาอื่นอีก {len(schools)} แห่งในช่วงเวลาเดียวกัน ({th})"
        " โปรดตรวจสอบว่าเรียนอยู่จริงหรือไม่ หากไม่ได้เรียน โปรดกรอกวันที่ออก หากเรียนอยู่ โปรดเลือกผลการตรวจสอบ",
        f"The same ID number is at {len(schools)} more schools at the same time ({en}). Find out whether the student "
        "is really here: if not, enter the leaving date; if so, choose what was found.",
        "national_id",
        # Other schools make it another finding: what was explained about one says nothing about the next.
        blake2s("+".join(schools).encode(), digest_size=5).hexdigest(),
    )
    return finding, schools

"""What must hold of a submission before somebody vouches for it, the findings and lists of other features included.

A check takes the raw submission and the session of the transaction, and raises Problem where the step must wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession

from app.enums import CountSource, SchoolKind
from app.errors import Problem
from app.services.submissions.rosters import changed_since

NAMED = 3
"""Findings that a refusal quotes."""

Raw = dict[str, Any]
Check = Callable[[Raw, ClientSession | None], None]


def has_count(row: Raw, session: ClientSession | None = None) -> None:
    """Missing is not zero: nobody vouches for a count that is not there."""
    if row.get("total") is None:
        raise Problem(
            "ยังไม่มีจำนวนนักเรียน จึงรับรองไม่ได้ โปรดบันทึกทะเบียนนักเรียนหรือจำนวนตามแบบรับรองก่อน "
            "หากไม่มีนักเรียนจริง โปรดบันทึกจำนวนเป็นศูนย์พร้อมเหตุผล",
            "There is no count yet, so it cannot be certified. Record the roster or the certified list first. "
            "Where there really are no students, record a zero with its reason.",
            "counts",
        )


def zero_is_explained(row: Raw, session: ClientSession | None = None) -> None:
    """A zero rests on a proclamation or on a recorded reason."""
    if row["total"] == 0 and row.get("source") not in (CountSource.PROCLAMATION.value, CountSource.REASON.value):
        raise Problem(
            "จำนวนรวมเป็นศูนย์ได้เมื่อมีประกาศยุบ รวม เลิก หรือบันทึกเหตุผลไว้ โปรดบันทึกอย่างใดอย่างหนึ่งก่อน",
            "A total of zero needs a proclamation or a recorded reason. Record one of them first.",
            "counts",
        )


def roster_is_certified(row: Raw, session: ClientSession | None = None) -> None:
    """The roster is still the one that was certified."""
    if row.get("roster_changed"):
        raise changed_since(row)


def list_came(row: Raw, session: ClientSession | None = None) -> None:
    """A count of a school of other affiliation comes from a certified list, or is a zero that somebody explained."""
    if row.get("kind") == SchoolKind.OTHER.value and row.get("source") in (None, CountSource.ROSTER.value):
        raise Problem(
            "จำนวนของสถานศึกษาสังกัดอื่นต้องมาจากแบบรับรองรายชื่อนักเรียน โปรดบันทึกจากแบบรับรองก่อน",
            "The count of a school of other affiliation comes from its certified list. Record it from there first.",
            "counts",
        )


def nothing_found(row: Raw, session: ClientSession | None = None) -> None:
    """No error and no unexplained warning of the validation rules is open for the school.

    The school is checked outside the transaction: what is found stays on the findings page when the step is refused.
    """
    from app.services.findings import blocking  # it reads submissions itself

    open_ones = blocking(row["school_code"])
    if open_ones:
        named_th = " · ".join(one.text_th for one in open_ones[:NAMED])
        named_en = " · ".join(one.text_en for one in open_ones[:NAMED])
        raise Problem(
            f"ยังรับรองไม่ได้ มี {len(open_ones)} เรื่องที่ต้องแก้ไขหรือชี้แจงก่อน ดูทั้งหมดที่หน้า “สิ่งที่ตรวจพบ”: {named_th}",
            f"Not certified: {len(open_ones)} findings must be put right or explained first; see Findings: {named_en}",
            "findings",
            "conflict",
        )


def list_agrees(row: Raw, session: ClientSession | None = None) -> None:
    """The count of a school of other affiliation agrees with its certified list, and a signed paper is there."""
    from app.services.evidence import check_verifiable  # it changes submissions itself

    check_verifiable(row, session)


CERTIFY_CHECKS: list[Check] = [has_count, zero_is_explained, list_came, nothing_found]
"""Before a count is certified; of an own school it has just been counted anew."""

VERIFY_CHECKS: list[Check] = [roster_is_certified, list_agrees]
"""Before the LAO says that it has looked at a certified count."""

SUBMIT_CHECKS: list[Check] = [roster_is_certified, list_agrees]
"""Before it goes to the offices above, and before these accept it."""


def run(checks: list[Check], row: Raw, session: ClientSession | None) -> None:
    """Raise the first Problem that a check finds."""
    for check in checks:
        check(row, session)

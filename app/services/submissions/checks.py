"""What must hold of a submission before somebody vouches for it: lists that other features add to.

A check takes the raw submission and the session of the transaction, and raises Problem where the step must wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession

from app.enums import CountSource, SchoolKind
from app.errors import Problem
from app.services.submissions.rosters import changed_since

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


CERTIFY_CHECKS: list[Check] = [has_count, zero_is_explained, list_came]
"""Before a count is certified; of an own school it has just been counted anew."""

VERIFY_CHECKS: list[Check] = [roster_is_certified]
"""Before the LAO says that it has looked at a certified count."""

SUBMIT_CHECKS: list[Check] = [roster_is_certified]
"""Before it goes to the offices above, and before these accept it."""


def run(checks: list[Check], row: Raw, session: ClientSession | None) -> None:
    """Raise the first Problem that a check finds."""
    for check in checks:
        check(row, session)

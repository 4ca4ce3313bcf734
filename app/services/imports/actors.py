"""Who acts on an import, and why: the person at the page, and later the same person for a worker, read anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.documents.imports import ImportRun
from app.errors import Problem
from app.fabmongo.scope import Actor, matches
from app.fabmongo.security.models import User
from app.services.accounts import SYSTEM

Raw = dict[str, Any]

LONGEST_REASON = 500


def keeps(actor: Actor, run: Mapping[str, Any]) -> bool:
    """Whether a raw run lies in the actor's area and that area keeps rosters, whatever the actor's roles say."""
    return actor.area is not None and matches(run, ImportRun.scope.writes(actor.area))


def check_keeps(actor: Actor, run: Mapping[str, Any]) -> None:
    """Raise Problem "forbidden" unless the actor `keeps` a raw run."""
    if not keeps(actor, run):
        raise Problem(
            "การนำเข้านี้อยู่นอกพื้นที่ที่ท่านดูแลทะเบียนนักเรียน จึงทำรายการไม่ได้",
            "This import lies outside the rosters that you keep.",
            kind="forbidden",
        )


def acting(username: str | None, run: Raw) -> Any:
    """The person of this user name as of now. Raises Problem where that person may not work on the raw run any more."""
    person = User.objects(username=username).first()
    if person is None and username == SYSTEM.username:
        return SYSTEM
    if person is None or not person.is_active:
        raise Problem(
            f"บัญชี {username} ถูกลบหรือปิดใช้งานแล้ว จึงหยุดการนำเข้า โปรดให้ผู้ที่ยังดูแลพื้นที่นี้ทำต่อ",
            f"The account {username} is gone or no longer active, so the import stopped. "
            "Somebody who still keeps these rosters can go on.",
            kind="forbidden",
        )
    check_keeps(person, run)
    return person


def checked_reason(reason: str | None) -> str:
    """Why somebody imports, as it is kept; "" where nothing is said. Raises Problem on field reason if it is long."""
    text = (reason or "").strip()
    if len(text) > LONGEST_REASON:
        raise Problem(
            f"เหตุผลยาวเกิน {LONGEST_REASON} ตัวอักษร โปรดเขียนให้สั้นลง",
            f"The reason is longer than {LONGEST_REASON} characters.",
            "reason",
        )
    return text

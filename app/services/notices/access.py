"""Who may read and write which notices and deliveries, asked of the documents' own scopes."""

from __future__ import annotations

from typing import Any, NoReturn, Protocol

from bson import ObjectId
from bson.errors import InvalidId

from app.documents.notices import AUTHORS, Delivery, Notice
from app.errors import Problem
from app.fabmongo.scope import Area

Raw = dict[str, Any]


class Officer(Protocol):
    """The acting person, as far as notices need one."""

    @property
    def username(self) -> str: ...

    @property
    def area(self) -> Area | None: ...


def authors_area(actor: Officer) -> Area:
    """The area of a person who may write notices; raises Problem for anybody else."""
    area = actor.area
    if area is None or area.level not in AUTHORS:
        raise Problem(
            "บัญชีของท่านไม่มีสิทธิ์เขียนหรือส่งหนังสือแจ้ง ผู้ส่งได้คือ สถ. จังหวัด และอำเภอ",
            "Your account may not write or send notices. The DLA, provinces and districts may.",
            kind="forbidden",
        )
    return area


def own_notice(actor: Officer, notice_id: Any) -> Raw:
    """The raw notice that `actor`'s office wrote; raises Problem where there is none."""
    area = authors_area(actor)
    found = _notice(notice_id, Notice.scope.writes(area))
    if found is None:
        not_found()
    if found["author_level"] != area.level:
        raise Problem(
            "หนังสือนี้เป็นของหน่วยงานอื่นในพื้นที่ของท่าน ท่านดูได้ แต่แก้ไขหรือส่งแทนไม่ได้",
            "This notice belongs to another office in your area. You may read it, not change or send it.",
            kind="forbidden",
        )
    return found


def readable_notice(actor: Officer, notice_id: Any) -> Raw:
    """The raw notice if `actor` may read it; raises Problem where there is none."""
    found = _notice(notice_id, Notice.scope.reads(actor.area) if actor.area else None)
    return found if found is not None else not_found()


def readable_delivery(actor: Officer, delivery_id: str) -> Raw:
    """The raw delivery if `actor` may read it; raises Problem where there is none."""
    granted = Delivery.scope.reads(actor.area) if actor.area else None
    if granted is None:
        not_found()
    found: Raw | None = Delivery._get_collection().find_one({"$and": [{"_id": str(delivery_id)}, granted]})
    return found if found is not None else not_found()


def _notice(notice_id: Any, granted: Raw | None) -> Raw | None:
    try:
        key = ObjectId(notice_id)
    except (InvalidId, TypeError):
        return None
    if granted is None:
        return None
    found: Raw | None = Notice._get_collection().find_one({"$and": [{"_id": key}, granted]})
    return found


def not_found() -> NoReturn:
    """Refuse with the same words whether it does not exist or is out of reach."""
    raise Problem(
        "ไม่พบหนังสือนี้ในพื้นที่ของท่าน อาจถูกลบไปแล้ว โปรดเลือกจากรายการหนังสือแจ้ง",
        "This notice is not in your area. It may have been deleted; choose from the list of notices.",
        kind="not_found",
    )

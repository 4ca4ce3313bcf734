"""There is always an account that can administer: the last active one is not taken away, by whatever door."""

from __future__ import annotations

from typing import Any

from mongoengine.connection import get_db
from pymongo.client_session import ClientSession

from app.enums import Level
from app.errors import Problem
from app.fabmongo.security.models import User

ROLE = "dla"
"""The role that manages accounts, in the whole country."""
GUARD = {"_id": "administrators"}
ADMINISTRATORS = {"active": True, "roles": ROLE, "area_level": Level.COUNTRY.value}


def is_administrator(raw: Any) -> bool:
    """Whether a user, as stored, may manage accounts."""
    roles = raw.get("roles") or ()
    whole_country = raw.get("area_level") == Level.COUNTRY.value
    return bool(raw.get("active")) and ROLE in map(_key, roles) and whole_country


def keep_an_administrator(session: ClientSession) -> None:
    """To be called in the transaction that takes an administrator away. Raises Problem "conflict" for the last one.

    One row is written by each of these transactions, so that two administrators who deactivate each other at the same
    moment meet there: the second sees what the first did.
    """
    get_db()["installation"].update_one(GUARD, {"$inc": {"changes": 1}}, upsert=True, session=session)
    if User._get_collection().count_documents(ADMINISTRATORS, limit=1, session=session) == 0:
        raise Problem(
            "ทำไม่ได้ เพราะนี่คือบัญชีผู้ดูแลระบบบัญชีสุดท้ายที่ยังใช้งานอยู่ โปรดเพิ่มหรือเปิดใช้บัญชีผู้ดูแลระบบ (บทบาท dla) อีกบัญชีก่อน",
            "This is the last active administrator. First add, or activate, another account with the role dla.",
            kind="conflict",
        )


def _key(role: Any) -> str:
    return str(getattr(role, "id", role))

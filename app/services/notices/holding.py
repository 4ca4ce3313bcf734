"""Deliveries of a restored database: those that were open may have gone out after the backup, so people decide."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.notices import Delivery, Notice
from app.enums import DeliveryState, NoticeState
from app.notices.errors import UncertainFailure
from app.services.notices.outcomes import OPEN
from app.services.notices.sending import wake_up
from app.services.transactions import in_transaction

RESTORED = "restored"
"""The outcome in a delivery's history that says it was open in the backup."""
HELD = {
    "state": str(DeliveryState.FAILED),
    "error.kind": UncertainFailure.kind,
    "$expr": {"$eq": [{"$last": "$history.outcome"}, RESTORED]},
}


def hold_open_deliveries(backup_of: datetime) -> int:
    """Make every open delivery uncertain, so that nothing is sent by itself; gives their number.

    backup_of: the moment of the backup, UTC. Their notices are closed by the next sweep, with these as not sent.
    """
    day = f"{backup_of:%Y-%m-%d %H:%M} UTC"
    reason = UncertainFailure(
        f"กู้คืนจากข้อมูลสำรองของ {day} ซึ่งหนังสือนี้ยังไม่ได้ส่ง แต่อาจส่งไปแล้วหลังจากนั้น ระบบจึงไม่ส่งซ้ำเอง",
        f"Restored from the backup of {day}, in which it was not sent yet; it may have been sent since, so it is not "
        "repeated by itself.",
    )
    gone = dict.fromkeys(("lease", "lease_until", "handed_on", "next_attempt_on", "queued_until"), "")
    changed = Delivery._get_collection().update_many(
        {"state": {"$in": OPEN}},
        {
            "$set": {"state": str(DeliveryState.FAILED), "error": {"kind": reason.kind, "text": reason.text}},
            "$unset": gone,
            "$push": {"history": {"at": stored_now(), "outcome": RESTORED, "text": reason.text}},
        },
    )
    return int(changed.modified_count)


def release_held_deliveries() -> int:
    """Let what a restore holds be sent after all, notice by notice; gives the number of deliveries. Safe to repeat."""
    notices = Delivery._get_collection().distinct("notice_id", HELD)
    released = sum(in_transaction(partial(_release, key)) for key in notices)
    if released:
        wake_up()
    return released


def _release(notice_id: Any, session: ClientSession) -> int:
    stamp = stored_now()
    changed = Delivery._get_collection().update_many(
        {"notice_id": notice_id, **HELD},
        {
            "$set": {"state": str(DeliveryState.WAITING), "attempts": 0, "next_attempt_on": stamp},
            "$unset": {"error": ""},
            "$push": {"history": {"at": stamp, "outcome": "again", "text": "release-deliveries"}},
        },
        session=session,
    )
    reopened = {"$set": {"state": str(NoticeState.SENDING)}, "$unset": {"finished_on": ""}}
    Notice._get_collection().update_one({"_id": notice_id}, reopened, session=session)
    return int(changed.modified_count)

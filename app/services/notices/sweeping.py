"""The sweep: queues what is due, settles what dead workers left, closes what is complete."""

from __future__ import annotations

from datetime import datetime, timedelta

from app import jobs
from app.clock import stored_now
from app.documents.notices import Delivery, Notice
from app.enums import DeliveryState, NoticeState
from app.notices.backoff import MAX_ATTEMPTS
from app.notices.errors import PermanentFailure, may_have_been_sent
from app.notices.sender import Sender, sender_for
from app.notices.settings import MailSettings
from app.services.notices.access import Raw
from app.services.notices.outcomes import TO_SEND, finish, held, record_failure, record_sent, recount


def sweep(mail: MailSettings) -> int:
    """Put due deliveries into the queue, take over what dead workers left, close what is complete.

    Gives the number of deliveries put into the queue. One that is queued is not queued again before
    its lease time has passed.
    """
    sender = sender_for(mail)
    stamp = stored_now()
    expired = {"state": str(DeliveryState.SENDING), "lease_until": {"$lte": stamp}}
    for row in Delivery._get_collection().find(expired):
        _take_over(row, sender, mail.pace)
    queued = _queue_due(stamp, mail.lease)
    for notice in Notice._get_collection().find({"state": str(NoticeState.SENDING)}, {"_id": 1}):
        recount(notice["_id"])
        finish(notice["_id"])
    return queued


def _take_over(row: Raw, sender: Sender, pace: float) -> None:
    """Settle a delivery whose worker died or hangs."""
    sent = sender.was_sent(row["_id"]) if row.get("handed_on") else False
    if sent:
        record_sent(row)
    elif sent is None:
        record_failure(row, may_have_been_sent(), pace, by_sweep=True)
    elif row["attempts"] >= MAX_ATTEMPTS:
        record_failure(
            row, PermanentFailure("ระบบหยุดทำงานระหว่างส่งหลายครั้ง", "the worker died several times"), pace, by_sweep=True
        )
    else:
        Delivery._get_collection().update_one(
            # Whoever renewed the lease meanwhile is alive and keeps the delivery.
            held(row) | {"state": str(DeliveryState.SENDING), "lease_until": row["lease_until"]},
            {
                "$set": {"state": str(DeliveryState.WAITING), "next_attempt_on": stored_now()},
                "$unset": {"lease": "", "lease_until": "", "handed_on": "", "queued_until": ""},
            },
        )


def _queue_due(stamp: datetime, lease: timedelta) -> int:
    rows = Delivery._get_collection().find(
        {
            "state": {"$in": TO_SEND},
            "next_attempt_on": {"$lte": stamp},
            "$or": [{"queued_until": None}, {"queued_until": {"$lte": stamp}}],
        },
        {"_id": 1},
    )
    keys = sorted(row["_id"] for row in rows)
    for start in range(0, len(keys), 500):
        batch = keys[start : start + 500]
        Delivery._get_collection().update_many(
            {"_id": {"$in": batch}, "state": {"$in": TO_SEND}}, {"$set": {"queued_until": stored_now() + lease}}
        )
        for key in batch:
            jobs.enqueue("notices.deliver", key)
    return len(keys)

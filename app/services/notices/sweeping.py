"""The sweep: queues what is due, settles what dead workers left, closes what is complete."""

from __future__ import annotations

from datetime import datetime

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

AT_A_TIME = 500
"""Deliveries that wait in the queue; the next sweep, half a minute later, fills it up again."""


def sweep(mail: MailSettings) -> int:
    """Put due deliveries into the queue, take over what dead workers left, close what is complete.

    Gives the number of due deliveries that wait in the queue now; none waits there twice.
    """
    sender = sender_for(mail)
    stamp = stored_now()
    expired = {"state": str(DeliveryState.SENDING), "lease_until": {"$lte": stamp}}
    for row in Delivery._get_collection().find(expired):
        _take_over(row, sender, mail.pace)
    queued = _queue_due(stamp)
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


def _queue_due(stamp: datetime) -> int:
    """Queue what is due, of each notice an equal part: a letter to the country holds up none to a single LAO.

    That something is queued is the queue's to know, so that a sweep killed in the middle holds up nothing.
    """
    deliveries = Delivery._get_collection()
    due: Raw = {"state": {"$in": TO_SEND}, "next_attempt_on": {"$lte": stamp}}
    of_notice = deliveries.distinct("notice_id", due)
    queued = 0
    for notice_id in of_notice:
        rows = deliveries.find({**due, "notice_id": notice_id}, {"_id": 1}).sort("_id", 1)
        for row in rows.limit(max(1, AT_A_TIME // len(of_notice))):
            jobs.enqueue("notices.deliver", row["_id"])
            queued += 1
    return queued

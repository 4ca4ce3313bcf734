"""What came of a delivery, written down where the worker's token still holds; and the notice's counts."""

from __future__ import annotations

from typing import Any

from mongoengine.connection import get_connection
from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.notices import Delivery, Notice
from app.enums import DeliveryState, NoticeState
from app.monitoring.counting import count_mail
from app.notices.backoff import wait_after
from app.notices.errors import SendFailure
from app.services.notices.access import Raw
from app.services.notices.patience import through_election

TO_SEND = [str(DeliveryState.WAITING), str(DeliveryState.RETRYING)]
OPEN = [*TO_SEND, str(DeliveryState.SENDING)]


def held(row: Raw) -> Raw:
    """The delivery, if the worker that claimed `row` still holds it."""
    return {"_id": row["_id"], "lease": row["lease"]}


def record_sent(row: Raw) -> DeliveryState:
    """Write down that it went out, also where the sweep has called it uncertain meanwhile.

    What the mail server took is not to be called uncertain because the database elects: it is waited for.
    """
    stamp = stored_now()
    change = {
        "$set": {"state": str(DeliveryState.SENT), "sent_on": stamp},
        "$unset": {"error": "", "lease": "", "lease_until": "", "next_attempt_on": "", "queued_until": ""},
        "$push": {"history": {"at": stamp, "outcome": "sent"}},
    }
    # Safe to repeat: the first that is stored takes the token away.
    through_election(lambda: Delivery._get_collection().update_one(held(row), change))
    count_mail("sent")
    through_election(lambda: finish(row["notice_id"]))
    return DeliveryState.SENT


def record_not_sent(row: Raw) -> DeliveryState:
    """Give a delivery back that did not go out because the database was away; the try does not count."""
    change = {
        "$set": {"state": str(DeliveryState.WAITING), "next_attempt_on": stored_now()},
        "$unset": {"lease": "", "lease_until": "", "handed_on": "", "queued_until": ""},
        "$inc": {"attempts": -1},
    }
    where = held(row) | {"state": str(DeliveryState.SENDING)}
    through_election(lambda: Delivery._get_collection().update_one(where, change))
    return DeliveryState.WAITING


def record_failure(row: Raw, failure: SendFailure, pace: float, by_sweep: bool = False) -> DeliveryState:
    """Write down a failure: a temporary one is tried again after a wait, every other one ends it.

    by_sweep: only if the lease was not renewed meanwhile; the token stays, so that the worker, should it
    be alive after all, may still say "sent".
    """
    stamp = stored_now()
    wait = wait_after(row["attempts"], pace) if failure.kind == "temporary" else None
    state = DeliveryState.RETRYING if wait is not None else DeliveryState.FAILED
    text = failure.text
    if wait is None and failure.kind == "temporary":
        text += f" · ลองแล้ว {row['attempts']} ครั้งจึงเลิก (given up after {row['attempts']} tries)"
    values: Raw = {"state": str(state), "error": {"kind": failure.kind, "text": text}}
    gone = {"queued_until": "", "lease_until": ""}
    if wait is not None:
        values["next_attempt_on"] = stamp + wait
    else:
        gone["next_attempt_on"] = ""
    where = held(row) | {"state": str(DeliveryState.SENDING)}
    if by_sweep:
        where["lease_until"] = row["lease_until"]
    else:
        gone["lease"] = ""
    event = {"at": stamp, "outcome": failure.kind, "text": text}
    change = {"$set": values, "$unset": gone, "$push": {"history": event}}
    through_election(lambda: Delivery._get_collection().update_one(where, change))
    count_mail(failure.kind)
    if wait is None:
        through_election(lambda: finish(row["notice_id"]))
    return state


def recount(notice_id: Any, session: ClientSession | None = None) -> Raw:
    """Write the notice's counts anew from its deliveries; gives the number in each state."""
    rows = Delivery._get_collection().aggregate(
        [{"$match": {"notice_id": notice_id}}, {"$group": {"_id": "$state", "n": {"$sum": 1}}}], session=session
    )
    counts = {row["_id"]: int(row["n"]) for row in rows}
    Notice._get_collection().update_one(
        {"_id": notice_id},
        {
            "$set": {
                "sent_count": counts.get(DeliveryState.SENT.value, 0),
                "failed_count": counts.get(DeliveryState.FAILED.value, 0),
            }
        },
        session=session,
    )
    return counts


def finish(notice_id: Any) -> None:
    """Close a notice whose deliveries are all sent or failed."""
    still_open = {"notice_id": notice_id, "state": {"$in": OPEN}}
    if Delivery._get_collection().find_one(still_open, {"_id": 1}) is not None:
        return

    def close(session: ClientSession) -> None:
        # In a transaction, so that a "send again" in between makes this one fail and look anew.
        if any(recount(notice_id, session).get(state) for state in OPEN):
            return
        Notice._get_collection().update_one(
            {"_id": notice_id, "state": str(NoticeState.SENDING)},
            {"$set": {"state": str(NoticeState.SENT), "finished_on": stored_now()}},
            session=session,
        )

    with get_connection().start_session() as session:
        session.with_transaction(close)

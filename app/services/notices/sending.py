"""Sending a notice: the deliveries are written first, once for each LAO, and workers take them from there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from mongoengine.connection import get_connection
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from app import jobs
from app.clock import stored_now
from app.documents.lao import Lao
from app.documents.notices import Delivery, Notice
from app.enums import DeliveryState, NoticeState
from app.errors import Problem
from app.notices.errors import PermanentFailure
from app.notices.message import checked_address
from app.services.notices.access import Officer, Raw, own_notice
from app.services.notices.drafts import draft_version
from app.services.notices.recipients import Found, recipients


def send(actor: Officer, notice_id: str, version: str | None = None) -> int:
    """Send a draft to its recipients as they are now; gives the number of new deliveries.

    The deliveries and the notice's new state are one transaction, so a crash leaves either a draft or
    a complete outbox; the sweep delivers the rest. A notice that was sent already is left alone and 0
    is given. version: what the confirmation page showed; a draft changed since raises Problem, as does
    a notice without recipients.
    """
    notice = own_notice(actor, notice_id)
    if notice["state"] != NoticeState.DRAFT:
        return 0
    if version is not None and version != draft_version(notice):
        raise _changed()
    found = recipients(actor, notice["recipients"], notice.get("round_code")).everybody
    if not found:
        raise Problem(
            "ไม่มี อปท. ใดตรงกับเงื่อนไขผู้รับ โปรดแก้ไขพื้นที่หรือสถานะของผู้รับ",
            "No LAO matches the chosen recipients. Change the area or the states.",
            field="area",
        )
    stamp = stored_now()
    rows = [new_delivery(notice, lao, actor, stamp) for lao in found]
    with get_connection().start_session() as session:
        added = session.with_transaction(lambda active: _outbox(active, notice, rows, actor, stamp))
    wake_up()
    return int(added)


def resend_failed(actor: Officer, notice_id: str, only: Collection[str] | None = None) -> int:
    """Let deliveries that failed be tried anew, with the address the register has now; gives their number.

    Without `only`, all but the uncertain ones, which may have arrived: those are sent again only when
    their ids are in `only`, that is, when the officer decided so. LAOs still without a usable address stay failed.
    """
    notice = own_notice(actor, notice_id)
    where: Raw = {"notice_id": notice["_id"], "state": str(DeliveryState.FAILED)}
    where |= {"_id": {"$in": list(only)}} if only is not None else {"error.kind": {"$ne": "uncertain"}}
    failed = list(Delivery._get_collection().find(where, {"lao_code": 1}))
    codes = [row["lao_code"] for row in failed]
    addresses = {
        row["_id"]: row.get("email") for row in Lao._get_collection().find({"_id": {"$in": codes}}, {"email": 1})
    }
    stamp = stored_now()
    updates = []
    for row in failed:
        fault = _fault(addresses.get(row["lao_code"]))
        change = _still_failed(fault) if fault else _again(addresses[row["lao_code"]], actor, stamp)
        updates.append(UpdateOne({"_id": row["_id"], "state": str(DeliveryState.FAILED)}, change))
    if not updates:
        return 0
    with get_connection().start_session() as session:
        session.with_transaction(lambda active: _reopen(active, notice["_id"], updates))
    wake_up()
    return sum(1 for row in failed if not _fault(addresses.get(row["lao_code"])))


def _outbox(session: ClientSession, notice: Raw, rows: list[Raw], actor: Officer, stamp: datetime) -> int:
    taken = Notice._get_collection().update_one(
        {"_id": notice["_id"], "state": str(NoticeState.DRAFT), "changed_on": notice.get("changed_on")},
        {
            "$set": {
                "state": str(NoticeState.SENDING),
                "sent_by": actor.username,
                "sent_on": stamp,
                "total": len(rows),
                "failed_count": sum(1 for row in rows if row["state"] == DeliveryState.FAILED),
            }
        },
        session=session,
    )
    if not taken.matched_count:
        latest = Notice._get_collection().find_one({"_id": notice["_id"]}, {"state": 1}, session=session)
        if latest is not None and latest["state"] != NoticeState.DRAFT:
            return 0  # Somebody pressed "send" a moment before: it is on its way.
        raise _changed()
    absent = [UpdateOne({"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True) for row in rows]
    return int(Delivery._get_collection().bulk_write(absent, ordered=False, session=session).upserted_count)


def new_delivery(notice: Raw, lao: Found, actor: Officer, stamp: datetime) -> Raw:
    """The raw delivery of a raw notice to one LAO: waiting, or failed where its address cannot be used."""
    row: Raw = {
        "_id": f"{notice['_id']}:{lao.code}",
        "notice_id": notice["_id"],
        "lao_code": lao.code,
        "district_code": lao.district_code,
        "province_code": lao.province_code,
        "lao_name": lao.name,
        "address": lao.address or "",
        "state": str(DeliveryState.WAITING),
        "attempts": 0,
        "next_attempt_on": stamp,
        "history": [],
        "created_by": actor.username,
        "created_on": stamp,
    }
    copied = ("number", "subject", "urgency", "dated", "deadline")
    row |= {name: notice[name] for name in copied if notice.get(name) is not None}
    if fault := _fault(lao.address):
        row |= {
            "state": str(DeliveryState.FAILED),
            "error": {"kind": fault.kind, "text": fault.text},
            "history": [{"at": stamp, "outcome": fault.kind, "text": fault.text}],
        }
    return row


def _fault(address: str | None) -> PermanentFailure | None:
    try:
        checked_address(address)
    except PermanentFailure as fault:
        return fault
    return None


def _again(address: str | None, actor: Officer, stamp: datetime) -> Raw:
    return {
        "$set": {
            "state": str(DeliveryState.WAITING),
            "address": address,
            "attempts": 0,
            "next_attempt_on": stamp,
        },
        "$unset": {"error": "", "lease": "", "lease_until": "", "handed_on": "", "queued_until": ""},
        "$push": {"history": {"at": stamp, "outcome": "again", "text": actor.username}},
    }


def _still_failed(fault: PermanentFailure) -> Raw:
    return {"$set": {"error": {"kind": fault.kind, "text": fault.text}}}


def _reopen(session: ClientSession, notice_id: Any, updates: list[UpdateOne]) -> None:
    Delivery._get_collection().bulk_write(updates, ordered=False, session=session)
    change = {"$set": {"state": str(NoticeState.SENDING)}, "$unset": {"finished_on": ""}}
    Notice._get_collection().update_one({"_id": notice_id}, change, session=session)


def wake_up() -> None:
    """Start at once; where the queue is away the regular sweep starts it, for the outbox is written."""
    jobs.enqueue_stored("notices.sweep")


def _changed() -> Problem:
    return Problem(
        "ร่างถูกแก้ไขหลังจากที่ท่านเปิดหน้ายืนยัน จึงยังไม่ได้ส่ง โปรดดูตัวอย่างอีกครั้งแล้วจึงส่ง",
        "The draft was changed after you opened this page, so nothing was sent. Preview it again, then send.",
        kind="conflict",
    )

"""Delivering: claim one delivery, hand its message over, write down what came of it.

Nobody gets a notice twice, and nothing is lost, by these steps, each a conditional update:
1. claim: waiting → sending, with a lease and a token. A second worker finds nothing to claim.
2. hand over: the token still holds → `handed_on` and the Message-ID are written, *then* the text leaves.
3. record: sent, retrying or failed, where the token still holds.
A worker may die between any two. The sweep finds the lease run out: before step 2 nothing left, so the
delivery waits again. After it, a folder is asked whether the file is there, which settles it. An SMTP
server cannot be asked: the message may have been accepted, so the delivery becomes failed/uncertain and
is never repeated by itself; the officer decides with "send again".
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from app.clock import stored_now
from app.documents.lao import Lao
from app.documents.notices import Delivery, Notice
from app.enums import DeliveryState
from app.monitoring.counting import count_fault
from app.notices.errors import PermanentFailure, SendFailure, TemporaryFailure, UncertainFailure
from app.notices.letter import build
from app.notices.message import build_message, message_id
from app.notices.sender import Sender, sender_for
from app.notices.settings import MailSettings
from app.services.faults import is_transient
from app.services.notices.access import Raw
from app.services.notices.outcomes import TO_SEND, held, record_failure, record_not_sent, record_sent
from app.services.notices.recipients import found_lao
from app.services.papers import papers_of

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker holds the delivery by now; this one leaves it alone."""


def deliver(delivery_id: str, mail: MailSettings) -> DeliveryState | None:
    """Try one delivery once; gives its new state, or None where there was nothing to do for this worker.

    Safe to run twice, at the same time or later.
    """
    row = claim(delivery_id, mail.lease)
    if row is None:
        return None
    sender = sender_for(mail)
    try:
        if sender.was_sent(delivery_id) is not True:
            _transmit(row, sender, mail)
    except LeaseLost:
        log.warning("delivery %s was taken over by another worker", delivery_id)
        return None
    except SendFailure as failure:
        return record_failure(row, failure, mail.pace)
    except Exception as error:
        return _unexpected(row, error, mail.pace)
    return record_sent(row)


def _unexpected(row: Raw, error: Exception, pace: float) -> DeliveryState:
    """What becomes of a delivery after an error that no sender tells of.

    Where the text may have left, trouble that passes is raised: the sweep asks the sender and settles it.
    """
    if is_transient(error) and isinstance(error, PyMongoError):
        # A sender asks the database for nothing once the text is on its way, so nothing left.
        log.warning("delivery %s waits again: the database is away (%s)", row["_id"], type(error).__name__)
        return record_not_sent(row)
    stored = Delivery._get_collection().find_one(held(row), {"handed_on": 1}) or {}
    if is_transient(error):
        if stored.get("handed_on"):
            raise error
        log.warning("delivery %s is tried again later (%s)", row["_id"], type(error).__name__)
        return record_failure(row, _machine_lacks(error), pace)
    trace = secrets.token_hex(6)
    count_fault("job")
    log.error(
        "delivery %s ends by a mistake of the program (%s), trace %s", row["_id"], type(error).__name__, trace,
        exc_info=error, extra={"trace": trace},
    )  # fmt: skip
    return record_failure(row, _mistaken(trace, bool(stored.get("handed_on"))), pace)


def _machine_lacks(error: Exception) -> TemporaryFailure:
    kind = type(error).__name__
    return TemporaryFailure(f"เครื่องแม่ข่ายขัดข้องชั่วคราว {kind}", f"the server lacks something just now: {kind}")


def _mistaken(trace: str, handed: bool) -> SendFailure:
    if handed:
        return UncertainFailure(
            f"โปรแกรมทำงานผิดพลาดหลังเริ่มส่ง อาจส่งไปแล้ว โปรดสอบถาม อปท. ก่อนกดส่งอีกครั้ง หมายเลข {trace}",
            f"a mistake of the program after the sending began, so it may have been sent: ask the LAO; number {trace}",
        )
    return PermanentFailure(
        f"โปรแกรมทำงานผิดพลาดเอง จึงยังไม่ได้ส่ง แจ้งผู้ดูแลระบบด้วยหมายเลข {trace} เมื่อแก้ไขแล้วกดส่งอีกครั้งได้",
        f"a mistake of the program, so nothing was sent: give an administrator the number {trace}, then send it again",
    )


def claim(delivery_id: str, lease: timedelta) -> Raw | None:
    """Take a due delivery for this worker alone; None where another has it or it is not due."""
    stamp = stored_now()
    row: Raw | None = Delivery._get_collection().find_one_and_update(
        {"_id": delivery_id, "state": {"$in": TO_SEND}, "next_attempt_on": {"$lte": stamp}},
        {
            "$set": {
                "state": str(DeliveryState.SENDING),
                "lease": secrets.token_hex(8),
                "lease_until": stamp + lease,
            },
            "$unset": {"handed_on": "", "queued_until": ""},
            "$inc": {"attempts": 1},
        },
        return_document=ReturnDocument.AFTER,
    )
    return row


def _transmit(row: Raw, sender: Sender, mail: MailSettings) -> None:
    notice = Notice._get_collection().find_one({"_id": row["notice_id"]})
    lao = Lao._get_collection().find_one({"_id": row["lao_code"]})
    if notice is None or lao is None:
        raise PermanentFailure("ไม่พบหนังสือหรือ อปท. ในระบบแล้ว", "the notice or the LAO is gone")
    key = row.get("message_id") or message_id(row["_id"], mail.mail_from)
    message = build_message(
        build(notice, found_lao(lao).recipient),
        to_name=row["lao_name"],
        address=row["address"],
        attachments=papers_of(row["submission_code"]) if row.get("submission_code") else (),
        mail_from=mail.mail_from,
        message_id=key,
        date=datetime.now(UTC),
    )
    sender.send(message, row["_id"], handing_over(row, key, mail.lease))


def handing_over(row: Raw, key: str, lease: timedelta) -> Callable[[], None]:
    """What must be on record before the text leaves; refuses where another worker took over."""

    def record() -> None:
        stamp = stored_now()
        still = Delivery._get_collection().update_one(
            held(row) | {"state": str(DeliveryState.SENDING)},
            {"$set": {"handed_on": stamp, "message_id": key, "lease_until": stamp + lease}},
        )
        if not still.matched_count:
            raise LeaseLost

    return record

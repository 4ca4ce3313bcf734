"""What people see of notices: the letter for one LAO, the deliveries, how far the sending is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from app.documents.lao import Lao
from app.documents.notices import Delivery, Notice
from app.enums import DeliveryState
from app.errors import Problem
from app.notices.letter import Letter, build
from app.notices.message import StoredMessage, build_message, message_id, read_message
from app.notices.sender import FileSender
from app.notices.settings import MailSettings
from app.services.notices.access import Officer, Raw, not_found, readable_delivery, readable_notice
from app.services.notices.recipients import Found, Recipients, found_lao, recipients


@dataclass(frozen=True)
class Preview:
    """The letter one LAO will get; letter and recipient are None where nobody matches the rule."""

    notice: Raw
    recipients: Recipients
    recipient: Found | None
    letter: Letter | None
    previous: Found | None
    following: Found | None


@dataclass(frozen=True)
class Progress:
    """How many deliveries of a notice are in which state."""

    total: int
    sent: int
    failed: int
    uncertain: int

    @property
    def waiting(self) -> int:
        return self.total - self.sent - self.failed

    @property
    def active(self) -> bool:
        return self.waiting > 0


@dataclass(frozen=True)
class StoredLetter:
    """A delivery's e-mail. `stored` is False where it went by SMTP and was built again for showing."""

    delivery: Raw
    raw: bytes
    message: StoredMessage
    stored: bool
    filename: str


def preview(actor: Officer, notice_id: str, lao_code: str | None = None) -> Preview:
    """The letter for one recipient, the first without `lao_code`; raises Problem out of reach."""
    notice = readable_notice(actor, notice_id)
    found = recipients(actor, notice["recipients"], notice.get("round_code"))
    everybody = found.everybody
    at = next((i for i, lao in enumerate(everybody) if lao.code == lao_code), None)
    if at is None:
        if lao_code:
            raise Problem(
                "อปท. นี้ไม่อยู่ในรายชื่อผู้รับ โปรดเลือกจากรายการ",
                "This LAO is not among the recipients. Choose from the list.",
                kind="not_found",
            )
        if not everybody:
            return Preview(notice, found, None, None, None, None)
        at = 0
    chosen = everybody[at]
    return Preview(
        notice,
        found,
        chosen,
        build(notice, chosen.recipient),
        everybody[at - 1] if at else None,
        everybody[at + 1] if at + 1 < len(everybody) else None,
    )


def deliveries_of(
    actor: Officer, notice_id: str, state: DeliveryState | None = None, page: int = 1, size: int = 100
) -> tuple[int, list[Raw]]:
    """(how many, one page of raw deliveries by LAO code) of a notice, of one state where given.

    Raises Problem out of reach.
    """
    notice = readable_notice(actor, notice_id)
    where: Raw = {"notice_id": notice["_id"]}
    if state is not None:
        where["state"] = str(state)
    rows = Delivery._get_collection().find(where).sort("lao_code", 1).skip((page - 1) * size).limit(size)
    return Delivery._get_collection().count_documents(where), list(rows)


def progress(actor: Officer, notice_id: str) -> Progress:
    """How far the sending of a notice is; raises Problem out of reach."""
    notice = readable_notice(actor, notice_id)
    rows = Delivery._get_collection().aggregate(
        [
            {"$match": {"notice_id": notice["_id"]}},
            {"$group": {"_id": {"state": "$state", "kind": "$error.kind"}, "n": {"$sum": 1}}},
        ]
    )
    counts = [(row["_id"].get("state"), row["_id"].get("kind"), int(row["n"])) for row in rows]

    def number(state: DeliveryState, kind: str | None = None) -> int:
        return sum(n for s, k, n in counts if s == state and (kind is None or k == kind))

    return Progress(
        total=sum(n for _, _, n in counts),
        sent=number(DeliveryState.SENT),
        failed=number(DeliveryState.FAILED),
        uncertain=number(DeliveryState.FAILED, "uncertain"),
    )


def letter_of(actor: Officer, delivery_id: str) -> tuple[Raw, Letter]:
    """A delivery and its letter, for anybody whose area holds the LAO; raises Problem out of reach."""
    delivery = readable_delivery(actor, delivery_id)
    notice, lao = _parts(delivery)
    return delivery, build(notice, found_lao(lao).recipient)


def message_of(actor: Officer, delivery_id: str, mail: MailSettings) -> StoredLetter:
    """The e-mail of a delivery that went out; raises Problem out of reach or where there is none yet."""
    delivery = readable_delivery(actor, delivery_id)
    path = FileSender(mail.folder).path(delivery["_id"])
    if path.exists():
        raw, stored = path.read_bytes(), True
    elif delivery["state"] == DeliveryState.SENT:
        raw, stored = _rebuilt(delivery, mail), False
    else:
        raise Problem(
            "หนังสือนี้ยังไม่ได้ส่งถึง อปท. นี้ จึงยังไม่มีข้อความ",
            "This notice has not gone out to this LAO, so there is no message yet.",
            kind="not_found",
        )
    return StoredLetter(delivery, raw, read_message(raw), stored, path.name)


def _rebuilt(delivery: Raw, mail: MailSettings) -> bytes:
    notice, lao = _parts(delivery)
    sent = (delivery.get("handed_on") or delivery["sent_on"]).replace(tzinfo=UTC)
    message = build_message(
        build(notice, found_lao(lao).recipient),
        address=delivery["address"],
        mail_from=mail.mail_from,
        message_id=delivery.get("message_id") or message_id(delivery["_id"], mail.mail_from),
        date=sent,
    )
    return message.as_bytes()


def _parts(delivery: Raw) -> tuple[Any, Any]:
    notice = Notice._get_collection().find_one({"_id": delivery["notice_id"]})
    lao = Lao._get_collection().find_one({"_id": delivery["lao_code"]})
    if notice is None or lao is None:
        not_found()
    return notice, lao

"""The e-mail of a letter, and its reading back from a stored file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from app.clock import thai_time
from app.notices.errors import PermanentFailure
from app.notices.letter import Letter
from app.notices.render import render_html, render_text

WIRE = policy.SMTP.clone(cte_type="7bit", refold_source="none")
"""CRLF line ends and ASCII only, so that every server on the way can carry it."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_NOT_PRINTED = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class StoredMessage:
    """What a person is shown of a stored message: the headers as (name, value), and the text part."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def one_line(text: str) -> str:
    """`text` without line ends or control characters: nothing typed can begin a second header."""
    return _NOT_PRINTED.sub(" ", text).strip()


def delivery_hash(delivery_id: str) -> str:
    """Sixteen hex digits that name a delivery without telling its key."""
    return hashlib.sha256(delivery_id.encode()).hexdigest()[:16]


def message_id(delivery_id: str, mail_from: str) -> str:
    """The Message-ID of a delivery: the same at every try, so that receivers can drop a repetition."""
    domain = parseaddr(mail_from)[1].rpartition("@")[2] or "lec.invalid"
    return f"<notice.{delivery_hash(delivery_id)}@{domain}>"


def checked_address(address: str | None) -> str:
    """An address a server can be asked to deliver to; raises PermanentFailure for anything else."""
    if not address:
        raise PermanentFailure("อปท. นี้ยังไม่มีอีเมลในทะเบียน", "this LAO has no e-mail address in the register")
    if not _ADDRESS.fullmatch(address) or ".." in address or len(address) > 254:
        raise PermanentFailure(
            f"ที่อยู่อีเมล “{one_line(address)[:80]}” ไม่ถูกต้อง โปรดแก้ไขในทะเบียน อปท.",
            "the e-mail address is malformed; correct it in the register of LAOs",
        )
    return address


def subject_of(letter: Letter) -> str:
    """The subject line: urgency, number and subject in one line."""
    urgency = f"[{letter.urgency}] " if letter.urgency else ""
    number = f" (ที่ {letter.number})" if letter.number else ""
    return one_line(f"{urgency}{letter.subject}{number}")


def build_message(
    letter: Letter, *, address: str, mail_from: str, message_id: str, date: datetime, to_name: str = "",
    attachments: Iterable[tuple[str, bytes]] = (),
) -> EmailMessage:
    """The e-mail of a letter: text and HTML in UTF-8. `date` is aware; attachments are PDFs, (ASCII file name, bytes).

    Raises PermanentFailure where the address is malformed.
    """
    to = checked_address(address)
    name, sender = parseaddr(mail_from)
    message = EmailMessage(policy=WIRE)
    message.set_raw("Subject", _encoded("Subject", subject_of(letter)))
    message.set_raw("From", _mailbox("From", name, sender))
    message.set_raw("To", _mailbox("To", to_name or letter.lao_name, to))
    message["Date"] = format_datetime(thai_time(date))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.urgency:
        message["Importance"] = "high"
    message.set_content(render_text(letter), charset="utf-8", cte="base64")
    message.add_alternative(render_html(letter), subtype="html", charset="utf-8", cte="base64")
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    return message


def _encoded(header: str, text: str) -> str:
    """`text` as encoded words in lines that fit; the folding of EmailMessage drops spaces between such words."""
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _mailbox(header: str, name: str, address: str) -> str:
    shown = one_line(name)
    return f"{_encoded(header, shown)}\r\n <{address}>" if shown else address


def read_message(raw: bytes) -> StoredMessage:
    """The headers and parts of a stored message."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    names = ("Subject", "From", "To", "Date", "Message-ID")
    headers = tuple((name, str(message[name])) for name in names if message[name] is not None)
    return StoredMessage(headers, _part(message, "plain"), _part(message, "html"))


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    content = part.get_content() if part is not None else ""
    return str(content).replace("\r\n", "\n")

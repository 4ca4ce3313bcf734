"""The letter of a notice for one LAO: the typed parts with their places filled, in Thai print."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.enums import LaoType, NoticeUrgency
from app.thai import format_date, to_thai_digits

PLACES = ("อปท", "ผู้บริหาร", "อำเภอ", "จังหวัด", "กำหนด")
"""Words that may stand in braces in any part of a notice, such as {อปท}."""

_PLACE = re.compile(r"\{\s*([^{}\n]{1,40}?)\s*\}")
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Recipient:
    """The LAO a letter is for. `name` is the full name, `head` the office of its head."""

    code: str
    name: str
    head: str
    district: str = ""
    province: str = ""


@dataclass(frozen=True)
class Letter:
    """A letter ready to print. Texts are plain; dates are Buddhist era and numbers Thai digits."""

    lao_code: str
    lao_name: str
    urgency: str
    number: str
    office: tuple[str, ...]
    dated: str
    subject: str
    addressee: str
    references: tuple[str, ...]
    attachments: tuple[str, ...]
    opening: tuple[str, ...]
    orders: tuple[tuple[str, str], ...]
    deadline: str
    closing: tuple[str, ...]
    signer_name: str
    signer_position: str
    contact: tuple[str, ...]


def recipient_of(lao: Mapping[str, Any], district: str = "", province: str = "") -> Recipient:
    """The recipient of a raw `laos` document; the names of its district and province are given."""
    kind = LaoType(lao["type"])
    name = str(lao["name_th"])
    full = name if name.startswith(kind.th) else kind.th + name
    if full.startswith("เทศบาล"):
        head = "นายกเทศมนตรี" + full.removeprefix("เทศบาล")
    else:
        head = "นายก" + full
    return Recipient(str(lao["_id"]), full, head, district, province)


def clean(text: str) -> str:
    """`text` with one kind of line end, no control characters and no blank ends."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).replace("\t", " ").strip()


def thai_date(day: date | None) -> str:
    """A day as official letters write it, "๕ พฤศจิกายน ๒๕๖๗"; empty without one."""
    return to_thai_digits(format_date(day, style="long")) if day is not None else ""


def unknown_places(texts: Sequence[str]) -> list[str]:
    """Words in braces that no letter can fill, in the order they occur."""
    found = (match[1] for text in texts for match in _PLACE.finditer(text))
    return list(dict.fromkeys(word for word in found if word not in PLACES))


def numbered(items: Sequence[str]) -> tuple[str, ...]:
    """A single item as it is, several with Thai numbers before them."""
    if len(items) < 2:
        return tuple(items)
    return tuple(f"{to_thai_digits(str(n))}. {item}" for n, item in enumerate(items, start=1))


def build(notice: Mapping[str, Any], recipient: Recipient) -> Letter:
    """The letter of a raw `notices` document for one recipient.

    Words in braces are filled once, so a name that holds braces stays as it is. A place nobody knows
    stays as typed. Parts that are empty after cleaning are left out.
    """
    places = {
        "อปท": recipient.name,
        "ผู้บริหาร": recipient.head,
        "อำเภอ": recipient.district,
        "จังหวัด": recipient.province,
        "กำหนด": thai_date(notice.get("deadline")),
    }

    def text(name: str) -> str:
        return _fill(clean(str(notice.get(name) or "")), places)

    def texts(name: str) -> tuple[str, ...]:
        filled = (_fill(clean(str(item)), places) for item in notice.get(name) or ())
        return tuple(item for item in filled if item)

    urgency = NoticeUrgency(notice.get("urgency") or NoticeUrgency.NORMAL)
    return Letter(
        lao_code=recipient.code,
        lao_name=recipient.name,
        urgency="" if urgency is NoticeUrgency.NORMAL else urgency.th,
        number=text("number"),
        office=_lines(text("office")),
        dated=thai_date(notice.get("dated")),
        subject=" ".join(text("subject").split()),
        addressee=text("addressee"),
        references=numbered(texts("references")),
        attachments=numbered(texts("attachments")),
        opening=texts("opening"),
        orders=tuple((to_thai_digits(str(n)), order) for n, order in enumerate(texts("orders"), start=1)),
        deadline=_deadline(notice.get("deadline")),
        closing=texts("closing"),
        signer_name=text("signer_name"),
        signer_position=text("signer_position"),
        contact=_lines(text("contact")),
    )


def _fill(text: str, places: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: places.get(match[1], match[0]), text)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def _deadline(day: date | None) -> str:
    return f"ทั้งนี้ ให้ดำเนินการให้แล้วเสร็จภายในวันที่ {thai_date(day)}" if day is not None else ""

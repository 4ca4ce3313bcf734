"""Pages by key: an opaque cursor holds where a page ended, so that the next costs as little as the first."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from flask import current_app

from app.fabmongo.api.answers import ApiError
from app.fabmongo.labels import T
from app.fabmongo.query import Query

STORED: CodecOptions[dict[str, Any]] = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
MARK = 16
"""Bytes of the signature: a cursor is ours, so no operator comes in through it."""


@dataclass(frozen=True)
class Order:
    """The path rows are ordered by before their key, and the direction: 1 or -1."""

    column: str
    path: str
    sign: int

    @property
    def name(self) -> str:
        return ("-" if self.sign < 0 else "") + self.column


def _signature(place: bytes, salt: str) -> bytes:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, b"cursor:" + salt.encode() + b":" + place, hashlib.sha256).digest()[:MARK]


def cursor_of(raw: Any, order: Order, resource: str) -> str:
    """The cursor of the page that follows the stored row `raw`."""
    place = bson.encode({"v": raw.get(order.path), "i": raw["_id"]}, codec_options=STORED)
    mark = _signature(place, f"{resource}:{order.name}")
    return base64.urlsafe_b64encode(mark + place).decode().rstrip("=")


def after(query: Query, cursor: str, order: Order, resource: str) -> Query:
    """`query` from where the cursor points; raises ApiError(400) on one that is not of this list."""
    try:
        given = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        given = b""
    mark, place = given[:MARK], given[MARK:]
    if not hmac.compare_digest(mark, _signature(place, f"{resource}:{order.name}")):
        text = T("cursor นี้ไม่ใช่ของรายการนี้", "This cursor does not belong to this list and order.")
        raise ApiError(400, text, {"cursor": text})
    kept = bson.decode(place, STORED)
    return query.where(_beyond(order, kept["v"], kept["i"]))


def _beyond(order: Order, value: Any, key: Any) -> dict[str, Any]:
    """Rows after (value, key); what is missing comes first upwards and last downwards, as MongoDB sorts."""
    verb = "$gt" if order.sign > 0 else "$lt"
    if order.path == "_id":
        return {"_id": {verb: key}}
    tied = {order.path: value, "_id": {verb: key}}
    if value is None:
        return {"$or": [tied, {order.path: {"$ne": None}}]} if order.sign > 0 else tied
    further: list[dict[str, Any]] = [{order.path: {verb: value}}, tied]
    if order.sign < 0:
        further.append({order.path: None})
    return {"$or": further}

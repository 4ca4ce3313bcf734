"""Pages by key: a signed cursor holds the row at which a page ended, so that the next costs as little as the first."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bson
from bson import Decimal128
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from flask import current_app

from app.fabmongo.query import Query

STORED: CodecOptions[dict[str, Any]] = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
MARK = 16
"""Bytes of the signature: a cursor is ours, so no operator comes in through it."""

Keys = Sequence[tuple[str, int]]
"""(stored path, 1 or -1) as rows are sorted; the last one is `_id`, so no two rows are in one place."""


class BadCursor(ValueError):
    """A cursor that was not given out for this very list and order."""


@dataclass(frozen=True)
class Place:
    """Where a page lies: next to the row with these values of the sort keys, after it or, with `back`, before it."""

    values: tuple[Any, ...]
    back: bool = False


def cursor_of(raw: Any, keys: Keys, bound: Sequence[Any], back: bool = False) -> str:
    """The cursor of the page beside the stored row `raw`; `bound` says, as JSON can, of which list it is."""
    place = bson.encode({"v": [raw.get(path) for path, _ in keys], "b": back}, codec_options=STORED)
    return base64.urlsafe_b64encode(_signature(place, keys, bound) + place).decode().rstrip("=")


def place_of(cursor: str, keys: Keys, bound: Sequence[Any]) -> Place:
    """The place in a cursor; raises BadCursor unless it was made for the same keys and `bound`."""
    try:
        given = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        given = b""
    mark, place = given[:MARK], given[MARK:]
    if not hmac.compare_digest(mark, _signature(place, keys, bound)):
        raise BadCursor("not a cursor of this list")
    kept = bson.decode(place, STORED)
    return Place(tuple(kept["v"]), bool(kept["b"]))


def _signature(place: bytes, keys: Keys, bound: Sequence[Any]) -> bytes:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    salt = json.dumps([list(bound), [list(key) for key in keys]]).encode()
    return hmac.new(secret, b"cursor:" + salt + b":" + place, hashlib.sha256).digest()[:MARK]


def beside(query: Query, keys: Keys, place: Place) -> Query:
    """`query` from a place on; rows of a page before come in reverse, nearest first."""
    turned = [(path, -sign if place.back else sign) for path, sign in keys]
    return query.where(_beyond(turned, place.values)).sorted_by(turned)


def _beyond(keys: Keys, values: Sequence[Any]) -> dict[str, Any]:
    """Rows behind (values); what is missing comes first upwards and last downwards, as MongoDB sorts.

    A column holds values of one kind or none. Its range stands beside the alternatives and not in each of them: so an
    index of the sort keys is walked from the place itself, however many rows share the first value.
    """
    (path, sign), value = keys[0], values[0]
    if len(keys) == 1:
        return {path: {"$gt" if sign > 0 else "$lt": value}}
    rest = _beyond(keys[1:], values[1:])
    if value is None:
        return {"$or": [{path: {"$ne": None}}, rest]} if sign > 0 else {path: None, **rest}
    if _not_a_number(value):  # sorted below all numbers, comparable with none of them
        return {"$or": [{path: {"$gte": -math.inf} if sign > 0 else None}, {path: value, **rest}]}
    if sign > 0:
        return {path: {"$gte": value}, "$or": [{path: {"$gt": value}}, rest]}
    # Not "less": what is missing is less than everything, but compares with nothing.
    return {path: {"$not": {"$gt": value}}, "$or": [{path: {"$not": {"$gte": value}}}, rest]}


def _not_a_number(value: Any) -> bool:
    if isinstance(value, Decimal128):
        return value.to_decimal().is_nan()
    return isinstance(value, float) and math.isnan(value)

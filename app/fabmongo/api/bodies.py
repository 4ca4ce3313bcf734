"""A JSON body onto a document: only columns that a person fills in, each with what its kind takes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from flask import request
from mongoengine.errors import ValidationError

from app.fabmongo.api.answers import ApiError, plain_error
from app.fabmongo.api.kinds import api_kind
from app.fabmongo.api.parsing import parse_value
from app.fabmongo.api.reading import value_json
from app.fabmongo.api.references import References, referred
from app.fabmongo.errors import BadValue, WriteRefused
from app.fabmongo.formats import formats
from app.fabmongo.labels import T
from app.fabmongo.refusals import invalid

LARGEST_BODY = 1024 * 1024
MALFORMED = T("เนื้อหาไม่ใช่ JSON ที่ถูกต้อง", "The body is not valid JSON.")
NOT_ALL = T("ยังไม่ได้บันทึก มีช่องที่ต้องแก้ไข", "Not saved: some columns are at fault.")


def read_body() -> dict[str, Any]:
    """The JSON object of this request; raises ApiError 400, 413 or 415."""
    if not request.is_json:
        raise plain_error(415)
    request.max_content_length = min(request.max_content_length or LARGEST_BODY, LARGEST_BODY)
    text = request.get_data()
    try:
        body = json.loads(text, parse_constant=_no_constant)
        # A lone surrogate is legal in JSON and in no text that MongoDB keeps.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise ApiError(400, MALFORMED) from None
    if not isinstance(body, dict):
        raise ApiError(400, T("เนื้อหาต้องเป็นวัตถุ JSON", "The body must be a JSON object."))
    return body


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def refuse_strange(body: Iterable[str], allowed: Iterable[str], declared: Iterable[str]) -> None:
    """Refuse columns that are not filled in by people: unknown, derived, traces, the key."""
    known, writable = set(declared), set(allowed)
    fields = {
        name[:80]: T("กำหนดช่องนี้ไม่ได้", "This column is not set by you.") if name in known
        else T("ไม่มีช่องนี้", "There is no such column.")
        for name in body if name not in writable
    }  # fmt: skip
    if fields:
        names = ", ".join(fields)[:300]
        raise ApiError(400, T("มีช่องที่รับไม่ได้: {names}", "Not accepted: {names}.", names=names), fields)


def fill(item: Any, body: dict[str, Any], interface: Any) -> None:
    """Set the columns in `body` on a document; raises ApiError(400) with the columns at fault."""
    lookup = References(interface)
    lookup.load(pair for name, value in body.items() for pair in referred(item._fields[name], value))
    values, faults = {}, {}
    stored = getattr(item, "_stored", None) or {}
    for name, value in body.items():
        field = item._fields[name]
        try:
            _refuse_mask(field, value, stored.get(field.db_field))
            if not _same(field, value, stored):
                values[name] = parse_value(field, value, lookup)
        except BadValue as error:
            faults[name] = error.text
    if faults:
        raise ApiError(400, NOT_ALL, faults)
    for name, value in values.items():
        setattr(item, name, value)


def _same(field: Any, value: Any, stored: Any) -> bool:
    """Whether a reference is sent back as it is kept: then it need not be looked up."""
    kind = api_kind(field)
    kept = stored.get(field.db_field)
    return kind in ("reference", "reference_list") and kept is not None and bool(value_json(field, kept) == value)


def _refuse_mask(field: Any, value: Any, stored: Any) -> None:
    """A masked value read from a list must not be written over what it hides."""
    if getattr(field, "secret", False) and stored is not None and isinstance(value, str):
        text = str(stored)
        if value != text and value == formats().mask_secret(text):
            raise BadValue(T("นี่คือค่าที่ปิดบังไว้", "This is the masked form, not the value."))


def cleared(item: Any, names: Iterable[str]) -> None:
    """Set columns back to how a new document has them, as a PUT without them means."""
    for name in names:
        default = item._fields[name].default
        setattr(item, name, default() if callable(default) else default)


def check(item: Any, names: Iterable[str]) -> None:
    """What a form checks before the rules see a document: presence, lengths, ranges; raises WriteRefused."""
    try:
        item.validate(clean=False)
    except ValidationError as error:
        refused = invalid(type(item), error)
        key = item._meta["id_field"]
        fields = {key if name == "pk" else name: text for name, text in refused.fields.items()}
        mine = {name: text for name, text in fields.items() if name in set(names)}
        if mine:
            raise WriteRefused(refused.message, mine) from error


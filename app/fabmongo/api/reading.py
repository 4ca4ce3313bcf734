"""From stored values to JSON: dates as ISO text, references by key, secrets masked."""

from __future__ import annotations

import decimal
import math
import uuid
from datetime import UTC, datetime
from typing import Any

from bson import DBRef, Decimal128, ObjectId
from mongoengine.base import BaseDocument

from app.fabmongo.api.kinds import api_kind, embedded_columns, inner_of
from app.fabmongo.formats import formats


def record_json(document: Any, raw: Any, columns: list[str], full: bool) -> dict[str, Any]:
    """The named columns of a stored document; `full` shows the secret ones unmasked."""
    found = {}
    for name in columns:
        field = document._fields[name]
        value = value_json(field, raw.get(field.db_field), full)
        found[name] = value
    return found


def value_json(field: Any, raw: Any, full: bool = False) -> Any:
    """One stored value as JSON has it."""
    if raw is None:
        return None
    if getattr(field, "secret", False) and not full:
        return formats().mask_secret(str(raw))
    maker = _MAKERS.get(api_kind(field))
    return maker(field, raw, full) if maker is not None else plain(raw)


def moment_text(moment: datetime) -> str:
    """A stored moment, which is UTC, as ISO text with Z."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat() + "Z"


def plain(value: Any) -> Any:
    """A value of no declared kind, as near to JSON as can be."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, BaseDocument):
        return str(value.pk)
    if value is None or isinstance(value, (bool, str)):
        return value
    return int(value) if isinstance(value, int) else str(value)


def _moment(field: Any, raw: Any, full: bool) -> Any:
    value = field.to_python(raw) if isinstance(raw, str) else raw
    return moment_text(value) if isinstance(value, datetime) else str(value)


def _day(field: Any, raw: Any, full: bool) -> Any:
    return raw.date().isoformat() if isinstance(raw, datetime) else str(raw)


def _decimal(field: Any, raw: Any, full: bool) -> str:
    value = raw.to_decimal() if isinstance(raw, Decimal128) else field.to_python(raw)
    return format(value, "f") if isinstance(value, decimal.Decimal) else str(raw)


def _key(field: Any, raw: Any, full: bool) -> str:
    return str(raw.id if isinstance(raw, DBRef) else raw)


def _items(field: Any, raw: Any, full: bool) -> Any:
    inner = inner_of(field)
    if inner is None or not isinstance(raw, (list, tuple)):
        return plain(raw)
    return [value_json(inner, one, full) for one in raw]


def _embedded(field: Any, raw: Any, full: bool) -> Any:
    if not isinstance(raw, dict):
        return plain(raw)
    document = field.document_type
    return record_json(document, raw, embedded_columns(document), full)


def _mapping(field: Any, raw: Any, full: bool) -> Any:
    inner = inner_of(field)
    if inner is None or not isinstance(raw, dict):
        return plain(raw)
    return {name: value_json(inner, one, full) for name, one in raw.items()}


def _file(field: Any, raw: Any, full: bool) -> Any:
    return str(raw) if isinstance(raw, (ObjectId, uuid.UUID, str)) else None


def _place(field: Any, raw: Any, full: bool) -> Any:
    """A point as GeoJSON, also where it is stored as a pair."""
    pair = raw.get("coordinates") if isinstance(raw, dict) else raw
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        return plain(raw)
    return {"type": "Point", "coordinates": [plain(one) for one in pair]}


_MAKERS = {
    "date": _day, "datetime": _moment, "decimal": _decimal, "reference": _key, "reference_list": _items,
    "enum_list": _items, "list": _items, "embedded_list": _items, "embedded": _embedded, "dict": _mapping,
    "file": _file, "image": _file, "point": _place,
}  # fmt: skip

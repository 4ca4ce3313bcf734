"""From JSON to values of a document: only what a column's kind takes, so that no operator gets through."""

from __future__ import annotations

import decimal
import math
import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from bson import ObjectId

from app.fabmongo.api.kinds import api_kind, embedded_columns, inner_of
from app.fabmongo.columns import choices_of
from app.fabmongo.errors import BadValue
from app.fabmongo.formats import formats
from app.fabmongo.labels import T

Lookup = Callable[[Any, str], Any]
"""(document class, key) → the document, or None where the person cannot reach it."""

MOST_INTEGER = 2**63 - 1
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)

NOT_HERE = T(
    "ไม่พบรายการที่เลือกในพื้นที่ของท่าน", "What is referred to is not in your area, or is not there."
)


def wrong(th: str, en: str) -> BadValue:
    """The refusal of a value that is of the wrong kind."""
    return BadValue(T("ต้องเป็น" + th.replace("{", "{{").replace("}", "}}"),
                      "Must be " + en.replace("{", "{{").replace("}", "}}") + "."))


def parse_value(field: Any, value: Any, lookup: Lookup) -> Any:
    """What a document keeps for a JSON value; raises BadValue."""
    if value is None:
        return None
    parser = _PARSERS.get(api_kind(field))
    if parser is None:
        raise BadValue(T("กำหนดค่าทาง API ไม่ได้", "Cannot be set through the API."))
    try:
        return parser(field, value, lookup)
    except BadValue:
        raise
    except (ValueError, TypeError, ArithmeticError):
        raise BadValue(T("ค่านี้ใช้ไม่ได้", "This value cannot be used.")) from None


def _text(field: Any, value: Any, lookup: Lookup) -> Any:
    if not isinstance(value, str):
        raise wrong("ข้อความ", "text")
    clean = formats().clean_code if getattr(field, "code", False) else formats().clean_text
    return clean(value) or None


def _long_text(field: Any, value: Any, lookup: Lookup) -> Any:
    if not isinstance(value, str):
        raise wrong("ข้อความ", "text")
    return value.replace("\r\n", "\n").strip() or None


def _choice(field: Any, value: Any, lookup: Lookup) -> Any:
    members = getattr(field, "_enum_cls", None)
    given = list(members) if members is not None else [
        choice[0] if isinstance(choice, (list, tuple)) else choice for choice in field.choices
    ]
    for one in given:
        stored = getattr(one, "value", one)
        if type(stored) is type(value) and stored == value:
            return one
    known = ", ".join(text for text, _ in choices_of(field))
    raise wrong(f"ค่าใดค่าหนึ่งใน {known}", f"one of {known}")


def _boolean(field: Any, value: Any, lookup: Lookup) -> Any:
    if not isinstance(value, bool):
        raise wrong("true หรือ false", "true or false")
    return value


def _integer(field: Any, value: Any, lookup: Lookup) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST_INTEGER:
        raise wrong("จำนวนเต็ม", "a whole number")
    return value


def _float(field: Any, value: Any, lookup: Lookup) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong("ตัวเลข", "a number")
    found = float(value)
    if not math.isfinite(found):
        raise wrong("ตัวเลข", "a number")
    return found


def _decimal(field: Any, value: Any, lookup: Lookup) -> decimal.Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise wrong("ทศนิยมในรูปข้อความ เช่น \"12.50\"", "a decimal as text, such as \"12.50\"")
    found = decimal.Decimal(str(value).strip())
    # What the field cannot store it must refuse here: later it would be an unexpected error.
    stored = field.to_mongo(field.to_python(found))
    if not found.is_finite() or (isinstance(stored, float) and not math.isfinite(stored)):
        raise wrong("ตัวเลข", "a number")
    return found


def _day(field: Any, value: Any, lookup: Lookup) -> date:
    if not isinstance(value, str) or not ISO_DAY.match(value):
        raise wrong("วันที่ ค.ศ. เช่น 2024-06-10", "a date such as 2024-06-10")
    return date.fromisoformat(value)


def _moment(field: Any, value: Any, lookup: Lookup) -> datetime:
    if not isinstance(value, str) or not ISO_DAY.match(value[:10]) or len(value) < 16:
        raise wrong("เวลา เช่น 2024-06-10T08:30:00Z", "a moment such as 2024-06-10T08:30:00Z")
    return stored_moment(value)


def stored_moment(value: str) -> datetime:
    """A moment in ISO form as it is stored: in UTC, which it also is where no zone is named; raises ValueError."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is not None:
        found = found.astimezone(UTC).replace(tzinfo=None)
    # MongoDB keeps milliseconds: what is more would be lost, and seen as a change for ever.
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _identity(convert: Any) -> Any:
    def parse(field: Any, value: Any, lookup: Lookup) -> Any:
        if not isinstance(value, str):
            raise wrong("ข้อความ", "text")
        return convert(value)

    return parse


def _object_id(text: str) -> ObjectId:
    if not ObjectId.is_valid(text):
        raise wrong("รหัส 24 หลัก", "a key of 24 hexadecimal digits")
    return ObjectId(text)


def _reference(field: Any, value: Any, lookup: Lookup) -> Any:
    if not isinstance(value, str):
        raise wrong("รหัสของรายการ", "the key of a record, as text")
    found = lookup(field.document_type, value)
    if found is None:
        raise BadValue(NOT_HERE)
    return found


def _items(field: Any, value: Any, lookup: Lookup) -> list[Any]:
    if not isinstance(value, list):
        raise wrong("รายการ [ ]", "a list")
    inner = inner_of(field)
    if inner is None:
        return [plain_json(one) for one in value]
    found = [parse_value(inner, one, lookup) for one in value]
    if any(one is None for one in found):
        raise BadValue(T("รายการนี้มีช่องว่าง", "An item of the list is empty."))
    return found


def _embedded(field: Any, value: Any, lookup: Lookup) -> Any:
    if not isinstance(value, dict):
        raise wrong("วัตถุ { }", "an object")
    document = field.document_type
    known = embedded_columns(document)
    strange = [name for name in value if name not in known]
    if strange:
        raise BadValue(T("ไม่มีช่อง {names}", "There is no {names}.", names=", ".join(strange)[:200]))
    made = document()
    for name, one in value.items():
        try:
            setattr(made, name, parse_value(document._fields[name], one, lookup))
        except BadValue as error:
            raise BadValue(f"{name}: {error.text}") from None
    return made


def plain_json(value: Any) -> Any:
    """Free JSON that MongoDB can keep: no operators as names, no number beyond 64 bits."""
    if isinstance(value, dict):
        for name in value:
            if not name or name.startswith("$") or "." in name or "\0" in name:
                raise BadValue(T("ชื่อ “{name}” ใช้ไม่ได้", "The name “{name}” cannot be used.", name=name[:80]))
        return {name: plain_json(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain_json(one) for one in value]
    if isinstance(value, int) and abs(value) > MOST_INTEGER:
        raise wrong("ตัวเลขไม่เกิน 64 บิต", "a number of at most 64 bits")
    return value


def _mapping(field: Any, value: Any, lookup: Lookup) -> Any:
    if not isinstance(value, dict):
        raise wrong("วัตถุ { }", "an object")
    plain_json(dict.fromkeys(value))
    inner = inner_of(field)
    return plain_json(value) if inner is None else {n: parse_value(inner, one, lookup) for n, one in value.items()}


def _point(field: Any, value: Any, lookup: Lookup) -> Any:
    places = value.get("coordinates") if isinstance(value, dict) and value.get("type") == "Point" else None
    if not isinstance(places, list) or len(places) != 2:
        raise wrong("GeoJSON Point", "a GeoJSON Point: {type, coordinates: [longitude, latitude]}")
    longitude, latitude = (_float(None, one, lookup) for one in places)
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise wrong("พิกัดบนโลก", "a place on Earth")
    return [longitude, latitude]


_PARSERS: dict[str, Callable[[Any, Any, Lookup], Any]] = {
    "string": _text, "text": _long_text, "enum": _choice, "choice": _choice, "boolean": _boolean,
    "integer": _integer, "float": _float, "decimal": _decimal, "date": _day, "datetime": _moment,
    "object_id": _identity(_object_id), "uuid": _identity(uuid.UUID), "reference": _reference,
    "reference_list": _items, "enum_list": _items, "list": _items, "embedded_list": _items,
    "embedded": _embedded, "dict": _mapping, "point": _point,
}  # fmt: skip

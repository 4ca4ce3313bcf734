"""Typed text to stored values, for filters and keys; what cannot be is refused with a reason."""

from __future__ import annotations

import decimal
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bson import ObjectId
from mongoengine import ComplexDateTimeField
from mongoengine.base import BaseField

from app.fabmongo.columns import choices_of, kind_of
from app.fabmongo.errors import BadValue
from app.fabmongo.formats import ascii_digits, formats
from app.fabmongo.labels import T

DAY = timedelta(days=1)
TRUE_WORDS = {"1", "y", "yes", "true", "on"}
FALSE_WORDS = {"0", "n", "no", "false", "off"}


def number(text: str, convert: Any = int) -> Any:
    """A number typed with the digits of any script and with thousands separators."""
    cleaned = ascii_digits(text).replace(",", "").replace(" ", "").strip()
    try:
        value = convert(cleaned)
        if value != value or abs(value) == float("inf"):
            raise ValueError
        if convert is int and abs(value) > 2**63 - 1:
            raise ValueError
        return value
    except (ValueError, ArithmeticError):
        raise BadValue(
            T("“{text}” ไม่ใช่ตัวเลขที่ใช้ได้", "“{text}” is not a usable number", text=text)
        ) from None


def day(text: str) -> Any:
    """A date in whatever form the application accepts."""
    try:
        return formats().parse_date(text)
    except Exception as error:
        if hasattr(error, "th") and hasattr(error, "en"):
            raise BadValue(T(error.th, error.en)) from None
        raise BadValue(
            T("“{text}” ไม่ใช่วันที่ที่ถูกต้อง", "“{text}” is not a valid date", text=text)
        ) from None


CLOCK = re.compile(
    r"(?P<day>.*?)[\sT]+(?P<h>\d{1,2})[:.](?P<m>\d\d)(?:[:.](?P<s>\d\d)(?P<part>\.\d{1,3})?)?(?:\s*น\.?)?"
)


def moment(text: str) -> datetime:
    """A stored moment (UTC, no zone) from a day and an optional HH:MM in the people's own time; raises BadValue."""
    typed = ascii_digits(text).strip()
    found = CLOCK.fullmatch(typed)
    try:
        clock = time(int(found["h"]), int(found["m"]), int(found["s"] or 0)) if found else time()
        part = timedelta(milliseconds=round(float(found["part"] or 0) * 1000) if found else 0)
        return datetime.combine(day(found["day"] if found else typed), clock) + part - formats().utc_offset
    except (ValueError, OverflowError) as error:
        if isinstance(error, BadValue):
            raise
        raise BadValue(T("“{text}” ไม่ใช่เวลาที่ถูกต้อง พิมพ์วันที่แล้วเวลา เช่น 08:30",
                         "“{text}” is not a valid time. Type the date and then the time, such as 08:30.",
                         text=text)) from None


def moment_text(value: datetime) -> str:
    """A stored moment as `moment` reads it; seconds are written only where there are some."""
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    local = value + formats().utc_offset
    spec = "minutes"
    if local.microsecond:
        spec = "milliseconds"
    elif local.second:
        spec = "seconds"
    return f"{formats().edit_date(local.date())} {local.time().isoformat(spec)}"


def identifier(text: str) -> uuid.UUID:
    """A UUID, with or without its hyphens; raises BadValue."""
    try:
        return uuid.UUID(ascii_digits(text).strip())
    except ValueError:
        raise BadValue(
            T("“{text}” ไม่ใช่รหัส UUID เช่น 123e4567-e89b-12d3-a456-426614174000",
              "“{text}” is not a UUID such as 123e4567-e89b-12d3-a456-426614174000.", text=text)
        ) from None


@dataclass(frozen=True)
class Span:
    """A stretch of time as stored: `start` is the first moment in it, `end` the first after it."""

    start: Any
    end: Any


def span(field: BaseField, typed: Any) -> Span:
    """The stretch that a typed day or moment means: a day, or a minute, second or millisecond if it says so."""
    if not isinstance(typed, str):
        return stretch(field, typed, DAY)
    if kind_of(field) == "date":
        return stretch(field, _moment(typed), DAY)
    found = CLOCK.fullmatch(ascii_digits(typed).strip())
    length = DAY if found is None else timedelta(minutes=1)
    if found and found["s"]:
        length = timedelta(milliseconds=1) if found["part"] else timedelta(seconds=1)
    return stretch(field, moment(typed), length)


def stretch(field: BaseField, start: datetime, length: timedelta) -> Span:
    """The stretch of a length from a stored moment on, in the form the field keeps; raises BadValue."""
    try:
        ends = start, start + length
    except OverflowError:
        raise BadValue(T("วันที่นี้อยู่ไกลเกินไป", "This date is too far away.")) from None
    if isinstance(field, ComplexDateTimeField):
        return Span(*map(field.to_mongo, ends))
    return Span(*ends)


def _moment(text: str) -> datetime:
    return datetime.combine(day(text), time())


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word in TRUE_WORDS | FALSE_WORDS:
        return word in TRUE_WORDS
    raise BadValue(T("“{text}” ไม่ใช่ ใช่/ไม่ใช่", "“{text}” is neither yes nor no", text=text))


def as_choice(field: BaseField, text: str) -> Any:
    """What is stored of the choice that `text` is the value or the label of, or None."""
    inner = field.field if kind_of(field) == "enum_list" else field
    if kind_of(inner) not in ("enum", "choice"):
        return None
    stored = {str(member.value): member.value for member in getattr(inner, "_enum_cls", None) or ()}
    found = (value for value, label in choices_of(inner) if text in (value, str(label)))
    return next((stored.get(value, value) for value in found), None)


def _choice(field: BaseField, text: str) -> Any:
    found = as_choice(field, text)
    if found is not None:
        return found
    raise BadValue(
        T("ไม่มีตัวเลือก “{text}”", "There is no choice “{text}”", text=text)
    )


def _string(field: BaseField, text: str) -> str:
    clean = formats().clean_code if getattr(field, "code", False) else formats().clean_text
    return clean(text)


def _identity(convert: Any, text: str) -> Any:
    try:
        return convert(text)
    except Exception:
        raise BadValue(T("รหัสอ้างอิงไม่ถูกต้อง", "Not a valid key")) from None


def to_raw(field: BaseField, value: Any) -> Any:
    """The stored form of what was typed for `field`; raises BadValue. Only text is converted."""
    if not isinstance(value, str):
        return value
    kind = kind_of(field)
    if kind == "reference":
        return to_raw(field.document_type._fields[field.document_type._meta["id_field"]], value)
    if kind in ("reference_list", "enum_list", "list"):
        return to_raw(field.field, value)
    converters = {
        "integer": lambda: number(value),
        "float": lambda: number(value, float),
        "decimal": lambda: field.to_mongo(number(value, decimal.Decimal)),
        "date": lambda: _moment(value),
        "datetime": lambda: _moment(value) - formats().utc_offset,
        "boolean": lambda: _boolean(value),
        "enum": lambda: _choice(field, value),
        "choice": lambda: _choice(field, value),
        "object_id": lambda: _identity(ObjectId, value),
        "uuid": lambda: identifier(value),
    }
    return converters.get(kind, lambda: _string(field, value))()

"""Stored values as a person reads them."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from mongoengine.base import BaseDocument, BaseField

from app.fabmongo.columns import SIMPLE, kind_of
from app.fabmongo.embedded import special_text
from app.fabmongo.formats import formats
from app.fabmongo.labels import T

NOT_OF_ITS_KIND = (TypeError, ValueError, AttributeError, ArithmeticError, LookupError)
"""What reading a value raises that does not fit its column."""


def enum_label(member: Any) -> Any:
    """The bilingual label of an enum member that carries .th and .en, else its value."""
    if hasattr(member, "th") and hasattr(member, "en"):
        return T(member.th, member.en)
    return str(member.value)


def record_name(item: Any) -> str:
    """A record's own name, or its key where the record is no longer there."""
    if getattr(item, "_gone", False):
        return str(T("{key} (ไม่มีแล้ว)", "{key} (no longer there)", key=item.pk))
    return str(item)


def shown(value: Any, field: BaseField | None = None) -> Any:
    """A value as text; a field marked `secret` is masked, an absent value is empty.

    What an older version or another program stored, such as a choice that is gone, is shown as it is.
    """
    if value is None or value == "":
        return ""
    if getattr(field, "secret", False):
        return formats().mask_secret(str(value))
    try:
        return _text(value, field)
    except NOT_OF_ITS_KIND:
        return as_stored(value, field)


def as_stored(value: Any, field: BaseField | None) -> str:
    """The text of a value that is not of its column's kind; what has an inside may hold a secret and stays closed."""
    plain = not isinstance(value, (dict, list, tuple)) or kind_of(field) in SIMPLE
    return str(value) if plain else str(T("(อ่านไม่ได้)", "(cannot be read)"))


def _text(value: Any, field: BaseField | None) -> Any:
    if isinstance(value, enum.Enum):
        return str(enum_label(value))
    if isinstance(value, bool):
        return str(T("ใช่", "Yes") if value else T("ไม่ใช่", "No"))
    if isinstance(value, datetime):
        return formats().format_datetime(value)
    if isinstance(value, date):
        return formats().format_date(value)
    special = special_text(value, field)
    if special is not None:
        return special
    if isinstance(value, BaseDocument):
        return record_name(value)
    if isinstance(value, (list, tuple)):
        inner = getattr(field, "field", None)
        return ", ".join(str(shown(item, inner)) for item in value)
    if field is not None and getattr(field, "choices", None):
        labels = {c[0]: c[1] for c in field.choices if isinstance(c, (list, tuple))}
        return str(labels.get(value, value))
    return value if isinstance(value, (int, float)) else str(value)

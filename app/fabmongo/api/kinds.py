"""What kinds of columns the API reads and writes, in the words of `columns.kind_of` and "point"."""

from __future__ import annotations

from typing import Any

from mongoengine import fields as me

from app.fabmongo.columns import kind_of

READ_ONLY = frozenset(("file", "image", "unknown", "none"))
"""Kinds that JSON can name but not set."""


def api_kind(field: Any) -> str:
    """One word for a field's kind."""
    if isinstance(field, (me.PointField, me.GeoPointField)):
        return "point"
    return kind_of(field)


def inner_of(field: Any) -> Any:
    """The field of a list's or a map's items; None where anything may stand."""
    return getattr(field, "field", None)


def embedded_columns(document: Any) -> list[str]:
    """The columns of an embedded document, in their order."""
    return [name for name in document._fields_ordered if name != "_cls"]

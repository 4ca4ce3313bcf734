"""What kind of column a MongoEngine field is, in the words Flask-AppBuilder asks with."""

from __future__ import annotations

from typing import Any

from mongoengine import fields as me

REFERENCES = (me.ReferenceField, me.LazyReferenceField, me.CachedReferenceField)

# The first match wins, so a subclass stands before its base.
KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    (REFERENCES, "reference"),
    ((me.ImageField,), "image"),
    ((me.FileField,), "file"),
    ((me.EnumField,), "enum"),
    ((me.BooleanField,), "boolean"),
    ((me.DateField,), "date"),
    ((me.DateTimeField, me.ComplexDateTimeField), "datetime"),
    ((me.DecimalField, me.Decimal128Field), "decimal"),
    ((me.FloatField,), "float"),
    ((me.IntField, me.LongField, me.SequenceField), "integer"),
    ((me.EmbeddedDocumentListField,), "embedded_list"),
    ((me.PointField, me.GeoPointField), "point"),
    ((me.ListField,), "list"),
    ((me.EmbeddedDocumentField,), "embedded"),
    ((me.MapField, me.DictField), "dict"),
    ((me.UUIDField,), "uuid"),
    ((me.ObjectIdField,), "object_id"),
    ((me.StringField,), "string"),
)

SIMPLE = frozenset(
    "string enum choice boolean date datetime decimal float integer uuid object_id text".split()
)
"""Kinds that hold one plain value, which can be ordered and compared."""


def kind_of(field: Any) -> str:
    """One word for the kind of a field; lists of references and of enums have words of their own."""
    if field is None:
        return "none"
    kind = next((word for classes, word in KINDS if isinstance(field, classes)), "unknown")
    if kind == "list":
        inner = kind_of(field.field)
        return {"reference": "reference_list", "enum": "enum_list", "embedded": "embedded_list"}.get(inner, "list")
    if kind == "string":
        if field.choices:
            return "choice"
        return "text" if getattr(field, "long", False) else "string"
    return kind


def label_of(name: str, field: Any) -> Any:
    """The declared label, or the column's name in words."""
    return getattr(field, "verbose_name", None) or name.replace("_", " ").capitalize()


def is_private(field: Any) -> bool:
    """Whether a field is one person's own affair: stored with the record, and no part of it for anybody else."""
    return bool(getattr(field, "private", False))


def choices_of(field: Any) -> list[tuple[str, Any]]:
    """The (stored text, label) pairs of an enum or of a field with choices, in declared order."""
    from app.fabmongo.display import enum_label

    enum_class = getattr(field, "_enum_cls", None)
    if enum_class is not None:
        return [(str(member.value), enum_label(member)) for member in enum_class]
    pairs = [c if isinstance(c, (list, tuple)) else (c, c) for c in field.choices or ()]
    return [(str(value), label) for value, label in pairs]

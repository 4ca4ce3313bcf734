"""JSON schemas of a resource's columns, as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Any

from app.fabmongo.api.kinds import api_kind, embedded_columns, inner_of
from app.fabmongo.api.parsing import MOST_INTEGER
from app.fabmongo.columns import choices_of, label_of
from app.fabmongo.labels import T
from app.fabmongo.reasons import FIELD, LONGEST

Schema = dict[str, Any]

DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
SIMPLE: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "format": "int64", "minimum": -MOST_INTEGER, "maximum": MOST_INTEGER},
    "float": {"type": "number"},
    "decimal": {"type": "string", "pattern": r"^-?\d{1,18}(\.\d{1,10})?$"},
    "date": DAY,
    "datetime": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
    "object_id": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
    "string": {"type": "string"},
    "text": {"type": "string"},
    "dict": {"type": "object", "additionalProperties": True},
    "point": {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"type": "string", "enum": ["Point"]},
            "coordinates": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        },
    },
    "file": {"type": "string"},
    "image": {"type": "string"},
}


def column_schema(field: Any, writing: bool = False) -> Schema:
    """The schema of one column; null stands for an empty one."""
    kind = api_kind(field)
    schema: Schema = {**SIMPLE.get(kind, {}), "nullable": True}
    if kind in ("enum", "choice"):
        schema |= {"type": "string", "enum": [*(value for value, _ in choices_of(field)), None]}
    elif kind in ("list", "reference_list", "enum_list", "embedded_list"):
        schema |= {"type": "array", "items": _item(inner_of(field), writing)}
    elif kind == "embedded":
        schema |= embedded_schema(field.document_type, writing)
    elif kind == "reference":
        schema |= {"type": "string", "description": f"Key of a {field.document_type.__name__}"}
    if writing:
        _limit(schema, field, kind)
    if label_of("", field):
        schema["title"] = str(label_of("", field))
    return schema


def _item(inner: Any, writing: bool) -> Schema:
    if inner is None:
        return {}
    schema = column_schema(inner, writing)
    return {name: value for name, value in schema.items() if name != "nullable" or not writing}


def _limit(schema: Schema, field: Any, kind: str) -> None:
    """The bounds a field declares, so that a client can check before it sends."""
    longest = getattr(field, "max_length", None)
    if longest and kind in ("string", "text"):
        schema["maxLength"] = longest
    for name, bound in (("minimum", "min_value"), ("maximum", "max_value")):
        value = getattr(field, bound, None)
        if value is not None and kind in ("integer", "float"):
            schema[name] = value
    pattern = getattr(field, "regex", None)
    if pattern is not None and kind == "string":
        schema["pattern"] = pattern.pattern


def embedded_schema(document: Any, writing: bool = False) -> Schema:
    """The schema of an embedded document."""
    names = embedded_columns(document)
    schema: Schema = {
        "type": "object",
        "properties": {name: column_schema(document._fields[name], writing) for name in names},
        "additionalProperties": not writing,
    }
    return schema


def record_schema(document: Any, columns: list[str], writing: bool, required: bool = False) -> Schema:
    """The schema of a record with these columns; `required` names those that must be there."""
    schema: Schema = {
        "type": "object",
        "properties": {name: column_schema(document._fields[name], writing) for name in columns},
        "additionalProperties": False,
    }
    if writing:
        schema["properties"][FIELD] = {
            "type": "string", "maxLength": LONGEST, "nullable": True, "title": str(T("เหตุผล", "Reason")),
        }  # fmt: skip
    needed = [name for name in columns if document._fields[name].required and document._fields[name].default is None]
    if required and needed:
        schema["required"] = needed
        for name in needed:
            schema["properties"][name].pop("nullable")
            if None in schema["properties"][name].get("enum", ()):
                schema["properties"][name]["enum"].remove(None)
    return schema

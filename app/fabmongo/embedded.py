"""What lies inside documents: references however deep, fetched together and checked, and how it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bson import DBRef
from mongoengine import EmbeddedDocument
from mongoengine.base import get_document

from app.fabmongo.columns import kind_of, label_of

INSIDE = ("embedded", "embedded_list", "list", "dict")


def references_in(field: Any, raw: Any) -> Iterator[tuple[Any, Any]]:
    """(document class, key) of every reference in the raw value of a field."""
    kind = kind_of(field)
    if raw is None:
        return
    if kind == "reference":
        yield field.document_type, raw.id if isinstance(raw, DBRef) else raw
    elif kind in ("reference_list", "list", "embedded_list") and isinstance(raw, (list, tuple)):
        for one in raw:
            yield from references_in(field.field, one) if field.field is not None else ()
    elif kind == "dict" and isinstance(raw, dict) and getattr(field, "field", None) is not None:
        for one in raw.values():
            yield from references_in(field.field, one)
    elif kind == "embedded" and isinstance(raw, dict):
        for inner in _class_of(field.document_type, raw)._fields.values():
            yield from references_in(inner, raw.get(inner.db_field))


def _class_of(document: Any, raw: Any) -> Any:
    """The embedded class, or the subclass that the value says it is."""
    name = raw.get("_cls")
    return get_document(name) if name and name in getattr(document, "_subclasses", ()) else document


def new_references(field: Any, raw: Any, before: Any) -> dict[Any, set[Any]]:
    """Document class → keys that a value refers to and the earlier value did not."""
    old = set(references_in(field, before))
    found: dict[Any, set[Any]] = {}
    for target, key in references_in(field, raw):
        if (target, key) not in old:
            found.setdefault(target, set()).add(key)
    return found


def relation_at(interface: Any, column: str) -> Any:
    """The interface a reference column points at; "rooms.keeper" is a column inside another; None if it is none."""
    first, *rest = column.split(".")
    field = interface.field(first)
    for name in rest:
        inner = field.field if kind_of(field) == "embedded_list" else field
        if kind_of(inner) != "embedded":
            return None
        field = inner.document_type._fields.get(name)
    if kind_of(field) == "reference_list":
        field = field.field
    return type(interface)(field.document_type) if kind_of(field) == "reference" else None


# -- fetched together ----------------------------------------------------------------------


def slots(items: Iterable[Any], names: Iterable[str]) -> Iterator[tuple[Any, Any, Any, Any]]:
    """(container, place in it, document class, key) of every reference inside the named columns not loaded yet."""
    for item in items:
        for name in names:
            field = item._fields.get(name)
            if kind_of(field) in INSIDE:
                yield from _slots(field, item._data.get(name))


def _slots(field: Any, value: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
    inner = getattr(field, "field", None)
    if isinstance(value, EmbeddedDocument):
        for name, one in value._fields.items():
            held = value._data.get(name)
            yield from _slot(one, value._data, name, held)
    elif isinstance(value, dict) and inner is not None:
        for name, held in value.items():
            yield from _slot(inner, value, name, held)
    elif isinstance(value, list) and inner is not None:
        for index, held in enumerate(list.__iter__(value)):
            yield from _slot(inner, value, index, held)


def _slot(field: Any, container: Any, place: Any, held: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
    if isinstance(held, DBRef) and kind_of(field) == "reference":
        yield container, place, field.document_type, held.id
    else:
        yield from _slots(field, held)


def put(container: Any, place: Any, found: Any) -> None:
    """Set a loaded document in place of its reference, without marking anything as changed."""
    (list if isinstance(container, list) else dict).__setitem__(container, place, found)


# -- as a person reads it ------------------------------------------------------------------


def special_text(value: Any, field: Any) -> Any:
    """The text of an embedded document, a place, a dict or a file; None for any other value."""
    from app.fabmongo.files import FILES, shown_file
    from app.fabmongo.free import coordinates

    kind = kind_of(field)
    if kind in FILES:
        return shown_file(value)
    if kind == "point":
        place = coordinates(value)
        return f"{place[1]:g}, {place[0]:g}" if place else ""
    if isinstance(value, EmbeddedDocument):
        return embedded_text(value)
    if kind == "embedded_list":
        return "; ".join(str(special_text(one, field.field)) for one in value)
    if isinstance(value, dict):
        return _dict_text(value, field)
    return None


def _dict_text(value: dict[str, Any], field: Any) -> str:
    from app.fabmongo.display import shown

    inner = getattr(field, "field", None)
    return ", ".join(f"{name}: {shown(one, inner)}" for name, one in value.items())


def embedded_text(item: Any) -> str:
    """Its own words where it has some, else its columns one after another; secrets masked."""
    from app.fabmongo.display import shown

    if type(item).__str__ is not EmbeddedDocument.__str__:
        return str(item)
    parts = []
    for name in item._fields_ordered:
        text = "" if name == "_cls" else str(shown(getattr(item, name), item._fields[name]))
        if text:
            parts.append(f"{label_of(name, item._fields[name])}: {text}")
    return ", ".join(parts)


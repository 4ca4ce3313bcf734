"""References of many rows fetched together: one command a related collection, not one a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson import DBRef
from mongoengine.base import BaseField

from app.fabmongo import embedded, files
from app.fabmongo.columns import kind_of


def _pending(value: Any) -> Any:
    """The key of a reference that is not loaded yet, or None."""
    return value.id if isinstance(value, DBRef) else None


def _targets(field: BaseField, kind: str) -> Any:
    return field.field.document_type if kind == "reference_list" else field.document_type


def prefetch(items: list[Any], names: Iterable[str]) -> None:
    """Load the references in the named columns of `items`, with one `find` for each collection.

    The rows shown may name places above the reader's own scope (a school's province), so the
    look-up is by key and not scoped: it adds names to rows that are themselves in scope.
    """
    if not items:
        return
    names = list(names)
    wanted: dict[Any, set[Any]] = {}
    plan: list[tuple[str, str, Any]] = []
    for name in names:
        field = items[0]._fields.get(name)
        kind = kind_of(field)
        if kind not in ("reference", "reference_list"):
            continue
        target = _targets(field, kind)
        plan.append((name, kind, target))
        for item in items:
            value = item._data.get(name)
            values = value if kind == "reference_list" else [value]
            wanted.setdefault(target, set()).update(
                key for key in map(_pending, values or ()) if key is not None
            )
    files.prefetch(items, names)
    inside = list(embedded.slots(items, names))
    for _, _, target, key in inside:
        wanted.setdefault(target, set()).add(key)
    found = {target: _load(target, keys) for target, keys in wanted.items()}
    for name, kind, target in plan:
        for item in items:
            _attach(item, name, kind, found[target])
    for container, place, target, key in inside:
        embedded.put(container, place, found[target][key])


def _load(target: Any, keys: set[Any]) -> dict[Any, Any]:
    if not keys:
        return {}
    cursor = target._get_collection().find({"_id": {"$in": list(keys)}})
    found = {raw["_id"]: target._from_son(raw) for raw in cursor}
    return {key: found[key] if key in found else _gone(target, key) for key in keys}


def _gone(target: Any, key: Any) -> Any:
    """Stands for a record that was deleted outside the panel, so that its key can be seen and replaced."""
    ghost = target._from_son({"_id": key})
    ghost._gone = True
    return ghost


def _attach(item: Any, name: str, kind: str, found: dict[Any, Any]) -> None:
    value = item._data.get(name)
    if kind == "reference":
        item._data[name] = found.get(_pending(value), value)
    elif value:
        for index, one in enumerate(value):
            if _pending(one) in found:
                list.__setitem__(value, index, found[_pending(one)])

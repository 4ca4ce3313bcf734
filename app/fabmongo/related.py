"""References of many rows fetched together: one command, not one a row nor one a collection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson import DBRef
from mongoengine import ReferenceField
from mongoengine.base import BaseField
from mongoengine.connection import DEFAULT_CONNECTION_NAME

from app.fabmongo import embedded, files
from app.fabmongo.columns import kind_of

_JOINED = "_joined_"
"""Before its number: where a joined record stands in the row that refers to it."""


def _pending(value: Any) -> Any:
    """The key of a reference that is not loaded yet, or None."""
    return value.id if isinstance(value, DBRef) else None


def _targets(field: BaseField, kind: str) -> Any:
    return field.field.document_type if kind == "reference_list" else field.document_type


def prefetch(items: list[Any], names: Iterable[str]) -> None:
    """Load the references in the named columns of `items`, with one command.

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
    found = _load_all(wanted)
    for name, kind, target in plan:
        for item in items:
            _attach(item, name, kind, found[target])
    for container, place, target, key in inside:
        embedded.put(container, place, found[target][key])


def read_with_references(interface: Any, query: Any, names: Iterable[str]) -> Any:
    """The first document of a query with the references in the named columns, by one command; None where it is absent.

    Unscoped like `prefetch`, which is for what this leaves: lists of references, and those whose record is gone.
    """
    plan = [] if query.empty or interface._own_reading() else _joinable(interface.obj, names)
    if not plan:
        return next(interface.find(query, size=1), None)
    stages: list[dict[str, Any]] = [{"$match": query.filter}, {"$limit": 1}]
    for number, (_, path, target) in enumerate(plan):
        place = f"{_JOINED}{number}"
        stages.append(
            {"$lookup": {"from": target._get_collection_name(), "localField": path, "foreignField": "_id", "as": place}}
        )
    raw = next(iter(interface.obj._get_collection().aggregate(stages)), None)
    if raw is None:
        return None
    found = [raw.pop(f"{_JOINED}{number}") for number in range(len(plan))]
    item = interface.load(raw)
    for (name, _, target), rows in zip(plan, found, strict=True):
        if name in item._fields and rows:
            _attach(item, name, "reference", {row["_id"]: target._from_son(row) for row in rows})
    return item


def _joinable(document: Any, names: Iterable[str]) -> list[tuple[str, str, Any]]:
    """(column, path, document class) of the named references to records in the same database."""
    fields = [(name, document._fields.get(name)) for name in names]
    return [
        (name, field.db_field, field.document_type)
        for name, field in fields
        if isinstance(field, ReferenceField) and _database(field.document_type) == _database(document)
    ]


def _database(document: Any) -> str:
    return str(document._meta.get("db_alias", DEFAULT_CONNECTION_NAME))


def _load(target: Any, keys: set[Any]) -> dict[Any, Any]:
    if not keys:
        return {}
    return _documents(target, keys, target._get_collection().find({"_id": {"$in": list(keys)}}))


def _load_all(wanted: dict[Any, set[Any]]) -> dict[Any, dict[Any, Any]]:
    """{document class: {key: document}}, by one command for all the collections of a database."""
    found: dict[Any, dict[Any, Any]] = {target: {} for target in wanted}
    databases: dict[Any, list[Any]] = {}
    for target, keys in wanted.items():
        if keys:
            databases.setdefault(_database(target), []).append(target)
    for targets in databases.values():
        if len(targets) == 1:
            found[targets[0]] = _load(targets[0], wanted[targets[0]])
            continue
        raws: list[list[Any]] = [[] for _ in targets]
        for row in _union(targets, wanted):
            raws[row["of"]].append(row["row"])
        found.update(
            (target, _documents(target, wanted[target], rows)) for target, rows in zip(targets, raws, strict=True)
        )
    return found


def _union(targets: list[Any], wanted: dict[Any, set[Any]]) -> Any:
    """{"of": place in `targets`, "row": raw document} of all wanted rows."""
    parts: list[list[dict[str, Any]]] = [
        [
            {"$match": {"_id": {"$in": list(wanted[target])}}},
            {"$project": {"_id": 0, "of": {"$literal": number}, "row": "$$ROOT"}},
        ]
        for number, target in enumerate(targets)
    ]
    pipeline = parts[0]
    for target, part in zip(targets[1:], parts[1:], strict=True):
        pipeline.append({"$unionWith": {"coll": target._get_collection_name(), "pipeline": part}})
    return targets[0]._get_collection().aggregate(pipeline)


def _documents(target: Any, keys: set[Any], raws: Iterable[Any]) -> dict[Any, Any]:
    found = {raw["_id"]: target._from_son(raw) for raw in raws}
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

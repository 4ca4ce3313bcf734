"""References of many rows fetched together: one command, not one a row nor one a collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bson import DBRef
from mongoengine import ReferenceField
from mongoengine.base import BaseField
from mongoengine.connection import DEFAULT_CONNECTION_NAME

from app.fabmongo import embedded, files
from app.fabmongo.columns import kind_of
from app.fabmongo.errors import BadValue

_JOINED = "_joined_"
"""Before its number: where a joined record stands in the row that refers to it."""


def _pending(value: Any) -> Any:
    """The key of a reference that is not loaded yet, or None."""
    return value.id if isinstance(value, DBRef) else None


def target_of(field: BaseField, kind: str) -> Any:
    """The document class that a reference, or a list of them, points at."""
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
        target = target_of(field, kind)
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
    found = load_all(wanted)
    for name, kind, target in plan:
        for item in items:
            _attach(item, name, kind, found[target])
    for container, place, target, key in inside:
        embedded.put(container, place, found[target][key])


def read_with_references(interface: Any, query: Any, names: Iterable[str]) -> Any:
    """The first document of a query with the references in the named columns, by one command; None where it is absent.

    Unscoped like `prefetch`, which is for what this leaves: lists of references, and those whose record is gone.
    """
    plan = [] if query.empty or interface.reads_its_own_way() else _joinable(interface.obj, names)
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
        if isinstance(field, ReferenceField) and database_of(field.document_type) == database_of(document)
    ]


def database_of(document: Any) -> str:
    """The alias of the database in which a document class is stored."""
    return str(document._meta.get("db_alias", DEFAULT_CONNECTION_NAME))


def load_all(wanted: dict[Any, set[Any]]) -> dict[Any, dict[Any, Any]]:
    """{document class: {key: document}}, by one command for all the collections of a database."""
    filters = {target: {"_id": {"$in": list(keys)}} for target, keys in wanted.items() if keys}
    raws = _read_all(filters)
    return {target: _documents(target, keys, raws.get(target, ())) for target, keys in wanted.items()}


def _read_all(filters: dict[Any, dict[str, Any]]) -> dict[Any, list[Any]]:
    """{document class: raw documents that match its filter}, by one command for all the collections of a database."""
    found: dict[Any, list[Any]] = {target: [] for target in filters}
    databases: dict[str, list[Any]] = {}
    for target in filters:
        databases.setdefault(database_of(target), []).append(target)
    for targets in databases.values():
        if len(targets) == 1:
            found[targets[0]] = list(targets[0]._get_collection().find(filters[targets[0]]))
            continue
        parts = [(target._get_collection(), [{"$match": filters[target]}]) for target in targets]
        for number, row in union(parts):
            found[targets[number]].append(row)
    return found


def union(parts: list[tuple[Any, list[dict[str, Any]]]]) -> Iterator[tuple[int, Any]]:
    """(number of the part, raw document) of several aggregations, each (collection, stages), by one command.

    The server runs them one after another, so the rows of a part come in its own order.
    """
    pipelines: list[list[dict[str, Any]]] = [
        [*stages, {"$project": {"_id": 0, "of": {"$literal": number}, "row": "$$ROOT"}}]
        for number, (_, stages) in enumerate(parts)
    ]
    pipeline = pipelines[0]
    for (collection, _), part in zip(parts[1:], pipelines[1:], strict=True):
        pipeline.append({"$unionWith": {"coll": collection.name, "pipeline": part}})
    return ((row["of"], row["row"]) for row in parts[0][0].aggregate(pipeline))


def names_in_scope(interface: Any, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(column, key as text) -> name of those records that the person may read, by one command.

    asked: (reference column, key as text), as an address gives them; what is no key is left out.
    """
    keys: dict[Any, dict[Any, list[tuple[str, str]]]] = {}
    filters: dict[Any, dict[str, Any]] = {}
    for column, text in asked:
        related = interface.get_related_interface(column)
        try:
            keys.setdefault(related.obj, {}).setdefault(related._key(text), []).append((column, text))
        except BadValue:
            continue
        query = related.base_query().where({"_id": {"$in": list(keys[related.obj])}})
        if not query.empty:
            filters[related.obj] = query.filter
    return {
        pair: str(target._from_son(raw))
        for target, raws in _read_all(filters).items()
        for raw in raws
        for pair in keys[target][raw["_id"]]
    }


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

"""One page of a list, read from stored rows: documents are made only where a column needs one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.fabmongo.cells import Row, Table
from app.fabmongo.columns import SIMPLE
from app.fabmongo.query import Query
from app.fabmongo.related import _database, _load_all, union

READABLE = SIMPLE | {"reference", "reference_list", "enum_list", "list"}
"""Kinds whose stored values a `Table` reads as a document would."""


@dataclass(frozen=True)
class Page:
    """`count` up to the bound, the rows' keys as texts, and {column: value as people read it} for each row.

    `named` holds the names of the records that these rows refer to, by (column, key as text).
    """

    count: int = 0
    pks: list[str] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    named: dict[tuple[str, str], str] = field(default_factory=dict)


def readable(interface: Any, columns: Sequence[str]) -> bool:
    """Whether these columns can be shown from stored rows."""
    return bool(columns) and all(interface.kind(name) in READABLE and "." not in name for name in columns)


def read_rows(
    interface: Any, query: Query, columns: Sequence[str], order: tuple[str, str], page: int, size: int
) -> tuple[list[str], list[dict[str, Any]], dict[tuple[str, str], str]]:
    """(keys, values, names) of a page: the fields of the columns are all that is asked for."""
    table = Table(interface, list(columns))
    raws = list(interface.stored(query, *order, page, size, table.projection))
    return _read(interface, columns, raws, table.rows(raws))


def _read(
    interface: Any, columns: Sequence[str], raws: list[Any], rows: list[Row]
) -> tuple[list[str], list[dict[str, Any]], dict[tuple[str, str], str]]:
    values = [dict(zip(columns, row, strict=True)) for row in rows]
    key = interface.field("pk")
    pks = [str(key.to_python(raw["_id"])) for raw in raws]
    named: dict[tuple[str, str], str] = {}
    for name in columns:
        if interface.kind(name) == "reference":
            path = interface.path(name)
            named.update(
                ((name, str(raw[path])), str(row[name]))
                for raw, row in zip(raws, values, strict=True)
                if raw.get(path) is not None
            )
    return pks, values, named


def names_in(
    interface: Any, columns: Sequence[str], items: list[Any], values: list[dict[str, Any]]
) -> dict[tuple[str, str], str]:
    """{(column, key as text): name} of the records that documents refer to, whose values are read already."""
    named = {}
    for name in columns:
        if interface.kind(name) == "reference":
            for item, row in zip(items, values, strict=True):
                key = getattr(item._data.get(name), "pk", None)
                if key is not None:
                    named[name, str(key)] = str(row[name])
    return named


@dataclass(frozen=True)
class Wanted:
    """One page of a list that is read together with others; `filters` are joined with the view's own."""

    interface: Any
    columns: Sequence[str]
    filters: Any
    order: tuple[str, str]
    page: int
    size: int


def read_pages(lists: Sequence[Wanted], bound: int) -> list[Page]:
    """A page of each list, its count exact up to `bound`, by two commands: all rows and counts, then all names in them.

    A list of another database, or one that cannot be shown from stored rows, is read by itself.
    """
    queries = [one.interface.scoped(one.filters) for one in lists]
    together = [number for number, one in enumerate(lists) if _fits(one, lists[0]) and not queries[number].empty]
    tables = {number: Table(lists[number].interface, list(lists[number].columns)) for number in together}
    found: dict[int, tuple[list[Any], int]] = {}
    if together:
        parts = [part for n in together for part in _parts(lists[n], queries[n], tables[n], bound)]
        raws: list[list[Any]] = [[] for _ in parts]
        for number, row in union(parts):
            raws[number].append(row)
        for place, number in enumerate(together):
            count = raws[2 * place + 1]
            found[number] = raws[2 * place], count[0]["n"] if count else 0
    _learn_together([(tables[number], rows) for number, (rows, _) in found.items()])
    return [_page(one, found.get(n), tables.get(n)) for n, one in enumerate(lists)]


def _fits(one: Wanted, first: Wanted) -> bool:
    alike = _database(one.interface.obj) == _database(first.interface.obj)
    return alike and not one.interface._own_reading() and readable(one.interface, one.columns)


def _parts(one: Wanted, query: Query, table: Table, bound: int) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The two aggregations of a list: its rows, and how many there are up to the bound."""
    collection = one.interface.obj._get_collection()
    match: dict[str, Any] = {"$match": query.filter}
    rows: list[dict[str, Any]] = [
        match, {"$sort": dict(one.interface._sort(*one.order))}, {"$skip": one.page * one.size},
        {"$limit": one.size}, {"$project": table.projection},
    ]  # fmt: skip
    count = [match, {"$limit": bound + 1}, {"$count": "n"}]
    return [(collection, rows), (collection, count)]


def _learn_together(read: list[tuple[Table, list[Any]]]) -> None:
    wanted: dict[Any, set[Any]] = {}
    for table, raws in read:
        for target, keys in table.unknown(raws).items():
            wanted.setdefault(target, set()).update(keys)
    names = _load_all(wanted)
    for table, _ in read:
        table.learn(names)


def _page(one: Wanted, found: tuple[list[Any], int] | None, table: Table | None) -> Page:
    if found is None or table is None:
        page: Page = one.interface.rows(one.columns, one.filters, *one.order, page=one.page, page_size=one.size)
        return page
    raws, count = found
    return Page(count, *_read(one.interface, one.columns, raws, table.cells(raws)))

"""Pages of several lists read together: all rows and counts by one command, all names in them by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.fabmongo import index_advice
from app.fabmongo.keyset import Place, beside
from app.fabmongo.query import Query
from app.fabmongo.related import database_of, load_all, union
from app.fabmongo.rows import Page, Stored, by_number, by_place, finished, readable


@dataclass(frozen=True)
class Wanted:
    """One page of a list that is read together with others; `filters` are joined with the view's own."""

    interface: Any
    columns: Sequence[str]
    filters: Any
    order: tuple[str, str]
    page: int
    size: int
    place: Place | None = None


def read_pages(lists: Sequence[Wanted], bound: int) -> list[Page]:
    """A page of each list, its count exact up to `bound`, by two commands.

    A list of another database, or one that cannot be shown from stored rows, is read by itself.
    """
    queries = [one.interface.scoped(one.filters) for one in lists]
    together = [number for number, one in enumerate(lists) if _fits(one, lists[0]) and not queries[number].empty]
    readers = {n: Stored(lists[n].interface, list(lists[n].columns), lists[n].order) for n in together}
    found: dict[int, tuple[list[Any], int]] = {}
    if together:
        parts = [part for n in together for part in _parts(lists[n], queries[n], readers[n], bound)]
        raws: list[list[Any]] = [[] for _ in parts]
        for number, row in union(parts):
            raws[number].append(row)
        for at, number in enumerate(together):
            count = raws[2 * at + 1]
            found[number] = raws[2 * at], count[0]["n"] if count else 0
    _learn_together([(readers[number], rows) for number, (rows, _) in found.items()])
    return [_page(one, found.get(n), readers.get(n)) for n, one in enumerate(lists)]


def _fits(one: Wanted, first: Wanted) -> bool:
    alike = database_of(one.interface.obj) == database_of(first.interface.obj)
    return alike and not one.interface.reads_its_own_way() and readable(one.interface, one.columns)


def _parts(one: Wanted, query: Query, reader: Stored, bound: int) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The two aggregations of a list: its rows, and how many there are up to the bound."""
    collection, keys = one.interface.obj._get_collection(), one.interface.sort_keys(*one.order)
    index_advice.look(one.interface.obj, query.filter, keys)
    rows: list[dict[str, Any]]
    if one.place:
        near = beside(query, keys, one.place)
        rows = [{"$match": near.filter}, {"$sort": dict(near.sort)}, {"$limit": one.size + 1}]
    else:
        rows = [{"$match": query.filter}, {"$sort": dict(keys)}, {"$skip": one.page * one.size}, {"$limit": one.size}]
    count: list[dict[str, Any]] = [{"$match": query.filter}, {"$limit": bound + 1}, {"$count": "n"}]
    return [(collection, [*rows, {"$project": reader.projection}]), (collection, count)]


def _learn_together(read: list[tuple[Stored, list[Any]]]) -> None:
    wanted: dict[Any, set[Any]] = {}
    for reader, raws in read:
        for target, keys in reader.table.unknown(raws).items():
            wanted.setdefault(target, set()).update(keys)
    names = load_all(wanted)
    for reader, _ in read:
        reader.table.learn(names)


def _page(one: Wanted, found: tuple[list[Any], int] | None, reader: Stored | None) -> Page:
    if found is None or reader is None or (one.place and not found[0]):
        # By itself; or nothing is left beside its place, and its number says which page is meant.
        page: Page = one.interface.rows(one.columns, one.filters, *one.order, page=one.page, page_size=one.size)
        return page
    rows, count = found
    if one.place:
        rows, page = by_place(one.interface, rows, count, one.page, one.size, one.place)
    else:
        page = by_number(one.interface, rows, count, one.page, one.size)
    return finished(reader, rows, page, one.size)

"""One page of a list, read from stored rows: documents are made only where a column needs one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.fabmongo.cells import Table, _key
from app.fabmongo.columns import SIMPLE
from app.fabmongo.display import record_name
from app.fabmongo.keyset import Place, beside
from app.fabmongo.query import Query
from app.fabmongo.related import _load_all

READABLE = SIMPLE | {"reference", "reference_list", "enum_list", "list"}
"""Kinds whose stored values a `Table` reads as a document would."""


@dataclass
class Page:
    """`count` up to the bound, the rows' keys as texts, and {column: value as people read it} for each row.

    `named` holds the names of the records that these rows refer to, by (column, key as text). `number` is the page's
    for people to read, from 0; `before` and `after` say whether there are rows on that side, and `ends` are the stored
    first and last row, None where no cursor can be made of them.
    """

    count: int = 0
    pks: list[str] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    number: int = 0
    before: bool = False
    after: bool = False
    ends: tuple[Any, Any] | None = None


class _Names(Table):
    """A table that looks up the names for a page in one command, however many collections hold them."""

    def _learn(self, raws: list[dict[str, Any]]) -> None:
        wanted: dict[Any, set[Any]] = {}
        for path, kind, target in self._references:
            keys = wanted.setdefault(target, set())
            for raw in raws:
                value = raw.get(path)
                keys.update(map(_key, value or ()) if kind == "reference_list" else {_key(value)} - {None})
        for target, found in _load_all(wanted).items():
            self._known[target].update((key, record_name(item)) for key, item in found.items())


def readable(interface: Any, columns: Sequence[str]) -> bool:
    """Whether these columns can be shown from stored rows."""
    return bool(columns) and all(interface.kind(name) in READABLE and "." not in name for name in columns)


@dataclass
class _Documents:
    """Rows as documents, for an interface or columns that need them."""

    interface: Any
    columns: Sequence[str]
    order: tuple[str, str]

    def read(self, query: Query, page: int, size: int) -> list[Any]:
        return list(self.interface.find(query, *self.order, page, size))

    def stored(self, row: Any) -> Any:
        return getattr(row, "_stored", None)

    def show(self, rows: list[Any], page: Page) -> None:
        page.pks = self.interface.get_keys(rows)
        page.values = list(self.interface.get_values(rows, list(self.columns)))


class _Stored(_Documents):
    """Rows as they are stored: the fields of the columns and of the order are all that is asked for."""

    def read(self, query: Query, page: int, size: int) -> list[Any]:
        self.table = _Names(self.interface, list(self.columns))
        keys = dict.fromkeys((path for path, _ in self.interface.sort_keys(*self.order)), 1)
        return list(self.interface.stored(query, *self.order, page, size, {**(self.table.projection or {}), **keys}))

    def stored(self, row: Any) -> Any:
        return row

    def show(self, rows: list[Any], page: Page) -> None:
        key = self.interface.field("pk")
        page.pks = [str(key.to_python(raw["_id"])) for raw in rows]
        page.values = [dict(zip(self.columns, row, strict=True)) for row in self.table.rows(rows)]
        for name in self.columns:
            if self.interface.kind(name) == "reference":
                path = self.interface.path(name)
                page.named.update(
                    ((name, str(raw[path])), str(row[name]))
                    for raw, row in zip(rows, page.values, strict=True)
                    if raw.get(path) is not None
                )


def read_page(
    interface: Any, query: Query, columns: Sequence[str], order: tuple[str, str], number: int, size: int,
    place: Place | None = None,
) -> Page:
    """The page beside `place`; the one of this number where there is no place, or nothing left beside it."""
    if query.empty:
        return Page()
    own = interface.reads_its_own_way() or not readable(interface, columns)
    reader = (_Documents if own else _Stored)(interface, columns, order)
    rows, page = _beside(reader, query, number, size, place) if place and size else ([], Page())
    if not rows:
        rows, page = _numbered(reader, query, number, size)
    if rows and size and interface.pages_by_key(*order):
        first, last = reader.stored(rows[0]), reader.stored(rows[-1])
        page.ends = (first, last) if first and last else None
    reader.show(rows, page)
    return page


def _numbered(reader: _Documents, query: Query, number: int, size: int) -> tuple[list[Any], Page]:
    rows = reader.read(query, number, size)
    count = reader.interface.count_with(query, number, size, len(rows))
    further = reader.interface.uncounted(count) or count > number * size + len(rows)
    return rows, Page(count, number=number, before=number > 0, after=0 < size == len(rows) and further)


def _beside(reader: _Documents, query: Query, number: int, size: int, place: Place) -> tuple[list[Any], Page]:
    keys = reader.interface.sort_keys(*reader.order)
    rows = reader.read(beside(query, keys, place), 0, size + 1)
    further, rows = len(rows) > size, rows[:size]
    if place.back:
        rows.reverse()
    page = Page(reader.interface.count(query) if rows else 0)
    page.before, page.after = (further, True) if place.back else (True, further)
    page.number = _renumbered(page, number, (page.count - 1) // size, reader.interface.uncounted(page.count))
    return rows, page


def _renumbered(page: Page, number: int, last: int, uncounted: bool) -> int:
    """The number of a page by key: where rows came or went meanwhile, the first and the last page still are those."""
    if not page.before:
        return 0
    if uncounted:
        return number
    return max(min(number, last - 1), 0) if page.after else last

"""One page of a list, read from stored rows: documents are made only where a column needs one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.fabmongo.cells import Table
from app.fabmongo.columns import SIMPLE
from app.fabmongo.keyset import Place, beside
from app.fabmongo.query import Query

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


def readable(interface: Any, columns: Sequence[str]) -> bool:
    """Whether these columns can be shown from stored rows."""
    return bool(columns) and all(interface.kind(name) in READABLE and "." not in name for name in columns)


@dataclass
class Documents:
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
        self._name(page, lambda row, name: getattr(row._data.get(name), "pk", None), rows)

    def _name(self, page: Page, key_of: Any, rows: list[Any]) -> None:
        """Keep the names of the records that the rows refer to."""
        for name in self.columns:
            if self.interface.kind(name) == "reference":
                for row, value in zip(rows, page.values, strict=True):
                    key = key_of(row, name)
                    if key is not None:
                        page.named[name, str(key)] = str(value[name])


class Stored(Documents):
    """Rows as they are stored: the fields of the columns and of the order are all that is asked for."""

    def __init__(self, interface: Any, columns: Sequence[str], order: tuple[str, str]) -> None:
        super().__init__(interface, columns, order)
        self.table = Table(interface, list(columns))

    @property
    def projection(self) -> dict[str, int]:
        keys = dict.fromkeys((path for path, _ in self.interface.sort_keys(*self.order)), 1)
        return {**(self.table.projection or {}), **keys}

    def read(self, query: Query, page: int, size: int) -> list[Any]:
        return list(self.interface.stored(query, *self.order, page, size, self.projection))

    def stored(self, row: Any) -> Any:
        return row

    def show(self, rows: list[Any], page: Page) -> None:
        key = self.interface.field("pk")
        page.pks = [str(key.to_python(raw["_id"])) for raw in rows]
        page.values = [dict(zip(self.columns, row, strict=True)) for row in self.table.rows(rows)]
        paths = {name: self.interface.path(name) for name in self.columns}
        self._name(page, lambda raw, name: raw.get(paths[name]), rows)


def read_page(
    interface: Any, query: Query, columns: Sequence[str], order: tuple[str, str], number: int, size: int,
    place: Place | None = None,
) -> Page:
    """The page beside `place`; the one of this number where there is no place, or nothing left beside it."""
    if query.empty:
        return Page()
    own = interface.reads_its_own_way() or not readable(interface, columns)
    reader = (Documents if own else Stored)(interface, columns, order)
    rows: list[Any] = []
    if place and size:
        rows = reader.read(beside(query, interface.sort_keys(*order), place), 0, size + 1)
        rows, page = by_place(interface, rows, interface.count(query) if rows else 0, number, size, place)
    if not rows:
        rows = reader.read(query, number, size)
        page = by_number(interface, rows, interface.count_with(query, number, size, len(rows)), number, size)
    return finished(reader, rows, page, size)


def by_number(interface: Any, rows: list[Any], count: int, number: int, size: int) -> Page:
    """The page of a number, as far as the numbers of rows tell."""
    further = interface.uncounted(count) or count > number * size + len(rows)
    return Page(count, number=number, before=number > 0, after=0 < size == len(rows) and further)


def by_place(
    interface: Any, rows: list[Any], count: int, number: int, size: int, place: Place
) -> tuple[list[Any], Page]:
    """The page beside a place and its rows in order; of `rows`, nearest first, one more than fits tells of others."""
    further, rows = len(rows) > size, rows[:size]
    if place.back:
        rows.reverse()
    page = Page(count)
    page.before, page.after = (further, True) if place.back else (True, further)
    page.number = _renumbered(page, number, max(count - 1, 0) // size, interface.uncounted(count))
    return rows, page


def finished(reader: Documents, rows: list[Any], page: Page, size: int) -> Page:
    """The page with what people read of its rows, and with the rows at its ends."""
    if rows and size and reader.interface.pages_by_key(*reader.order):
        first, last = reader.stored(rows[0]), reader.stored(rows[-1])
        page.ends = (first, last) if first and last else None
    reader.show(rows, page)
    return page


def _renumbered(page: Page, number: int, last: int, uncounted: bool) -> int:
    """The number of a page by key: where rows came or went meanwhile, the first and the last page still are those."""
    if not page.before:
        return 0
    if uncounted:
        return number
    return max(min(number, last - 1), 0) if page.after else last

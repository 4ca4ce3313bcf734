"""One page of a list, read from stored rows: documents are made only where a column needs one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.fabmongo.cells import Table, _key
from app.fabmongo.columns import SIMPLE
from app.fabmongo.display import record_name
from app.fabmongo.query import Query
from app.fabmongo.related import _load_all

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


def read_rows(
    interface: Any, query: Query, columns: Sequence[str], order: tuple[str, str], page: int, size: int
) -> tuple[list[str], list[dict[str, Any]], dict[tuple[str, str], str]]:
    """(keys, values, names) of a page: the fields of the columns are all that is asked for."""
    table = _Names(interface, list(columns))
    raws = list(interface.stored(query, *order, page, size, table.projection))
    values = [dict(zip(columns, row, strict=True)) for row in table.rows(raws)]
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

"""Stored rows as the cells of a file: what the list and the page show of them, many rows at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from bson import DBRef

from app.fabmongo.columns import kind_of
from app.fabmongo.display import NOT_OF_ITS_KIND, as_stored, record_name, shown
from app.fabmongo.formats import formats
from app.fabmongo.query import Query
from app.fabmongo.related import load_all, prefetch, target_of

CHUNK = 250
"""Rows held at a time; after so many the thread lets the others have their turn."""
PAUSE = 0.0005
"""Seconds given up after each chunk: others hardly wait, and 20,000 rows take 0.05 s longer."""
KEPT = 20_000
"""Texts remembered of a column's values, so that memory does not grow with the rows."""
REPEATING = ("enum", "choice", "boolean", "date", "datetime")
"""Kinds whose values come again and again: each is turned into text once."""

Raw = dict[str, Any]
Cell = str | int | float | Decimal
Row = tuple[Cell, ...]
Read = Callable[[Any], Any]


class _Memory(dict[Any, Any]):
    """Remembers what a function gave."""

    def __init__(self, read: Read) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Any) -> Any:
        if len(self) >= KEPT:
            self.clear()
        found = self[value] = self._read(value)
        return found

    def cell(self, value: Any) -> Any:
        """What the function gives for a value, remembered unless it is of a wrong type that cannot be."""
        try:
            return self[value]
        except TypeError:
            return self._read(value)


def _key(value: Any) -> Any:
    """The key a stored reference holds."""
    return value.id if isinstance(value, DBRef) else value


class Table:
    """The cells of some columns for stored rows, as the list and the page show them.

    Rows are read from their stored form: a document is made only where a column is no field. Names
    of referenced records are looked up by key, unscoped like on the list, each once an export.
    """

    def __init__(self, datamodel: Any, names: list[str]) -> None:
        self._datamodel = datamodel
        self._names = names
        self._known: dict[Any, dict[Any, str]] = {}
        fields = [(name, datamodel.field(name)) for name in names]
        self._computed = [name for name, field in fields if field is None]
        self._references = [(f.db_field, kind_of(f), target_of(f, kind_of(f))) for _, f in fields if _refers(f)]
        self._columns = [(field and field.db_field, self._reader(field), _default(field)) for _, field in fields]

    @property
    def projection(self) -> dict[str, int] | None:
        """Stored names to ask for; None is all of them."""
        return None if self._computed else dict.fromkeys((path for path, _, _ in self._columns), 1) | {"_id": 1}

    def _reader(self, field: Any) -> Read:
        """What turns a stored value of a field into a cell."""
        kind = kind_of(field)
        if _refers(field):
            known = self._known.setdefault(target_of(field, kind), {})
            if kind == "reference_list":
                return lambda values: ", ".join(known[_key(value)] for value in values)
            return lambda value: known[_key(value)]
        if kind in ("integer", "float", "decimal") and not getattr(field, "secret", False):
            return _number(field)
        if kind in ("string", "text"):
            # The same as `shown` below, for half the time.
            mask = formats().mask_secret
            return (lambda value: "" if value == "" else mask(str(value))) if getattr(field, "secret", False) else str
        plain = _plain(field)
        return _Memory(plain).cell if kind in REPEATING else plain

    def rows(self, raws: list[Raw]) -> list[Row]:
        """The cells of stored rows; at most one command for the names that are not known yet."""
        self.learn(load_all(self.unknown(raws)))
        return self.cells(raws)

    def unknown(self, raws: list[Raw]) -> dict[Any, set[Any]]:
        """{document class: keys} of the records whose names the cells of these rows need."""
        wanted: dict[Any, set[Any]] = {}
        for path, kind, target in self._references:
            keys = wanted.setdefault(target, set())
            for raw in raws:
                value = raw.get(path)
                if kind == "reference_list":
                    keys.update(map(_key, value or ()))
                elif value is not None:
                    keys.add(_key(value))
        for target, keys in wanted.items():
            known = self._known[target]
            if len(known) > KEPT:
                known.clear()
            keys.difference_update(known)
        return wanted

    def learn(self, found: dict[Any, dict[Any, Any]]) -> None:
        """Take the names of records that were looked up, {document class: {key: document}}."""
        for target, known in self._known.items():
            known.update((key, record_name(item)) for key, item in found.get(target, {}).items())

    def cells(self, raws: list[Raw]) -> list[Row]:
        """The cells of stored rows whose names are known."""
        computed = self._compute(raws)
        columns = []
        for name, (path, read, default) in zip(self._names, self._columns, strict=True):
            if path is None:
                columns.append(computed[name])
                continue
            absent = read(default()) if default else ""
            columns.append([absent if (value := raw.get(path)) is None else read(value) for raw in raws])
        return list(zip(*columns, strict=True))

    def _compute(self, raws: list[Raw]) -> dict[str, list[Cell]]:
        """Columns that a document's own code makes."""
        if not self._computed:
            return {}
        items = [self._datamodel.load(raw) for raw in raws]
        prefetch(items, self._names)
        read = self._datamodel._get_attr_value
        return {name: [read(item, name) for item in items] for name in self._computed}


def _plain(field: Any) -> Read:
    """The text of a value, also of one that is not of its column's kind."""
    def read(value: Any) -> Any:
        try:
            return shown(field.to_python(value), field)
        except NOT_OF_ITS_KIND:
            return as_stored(value, field)

    return read


def _number(field: Any) -> Read:
    """The number a value is, or its text where it is none."""
    def read(value: Any) -> Any:
        try:
            found = field.to_python(value)
        except NOT_OF_ITS_KIND:
            found = None
        return found if isinstance(found, (int, float, Decimal)) else as_stored(value, field)

    return read


def _refers(field: Any) -> bool:
    return kind_of(field) in ("reference", "reference_list")


def _default(field: Any) -> Callable[[], Any] | None:
    """What makes the stored form of a value that a row lacks, as MongoEngine would read it."""
    default = getattr(field, "default", None)
    if default is None or field.null or _refers(field):
        return None
    return lambda: field.to_mongo(default() if callable(default) else default)


def chunks(datamodel: Any, query: Query, order: tuple[str, str], table: Table) -> Iterator[list[Row]]:
    """The rows of a query, some at a time; between them other threads get their turn."""
    if query.empty:
        return
    find = datamodel.obj._get_collection().find
    with find(query.filter, table.projection, sort=datamodel.sort_keys(*order), batch_size=CHUNK) as cursor:
        while raws := list(islice(cursor, CHUNK)):
            yield table.rows(raws)
            time.sleep(PAUSE)

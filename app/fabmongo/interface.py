"""The data interface: every read and write of a view goes through here, inside the scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask_appbuilder.models.base import BaseInterface
from mongoengine import Document
from mongoengine.base import BaseField

from app.fabmongo import columns, filters, index_advice, scope, writes
from app.fabmongo.display import shown
from app.fabmongo.errors import BadValue
from app.fabmongo.keyset import Place
from app.fabmongo.query import Query
from app.fabmongo.related import prefetch, read_with_references
from app.fabmongo.rows import Page, read_page
from app.fabmongo.values import to_raw

EXACT_COUNT_BOUND = 10_000
"""Rows counted exactly; a larger result is reported as one more than this and shown as "more"."""


class MongoInterface(BaseInterface):
    """Flask-AppBuilder's interface over one MongoEngine document class.

    `rules` may check and follow up writes: see `writes.WriteRules`. Reads see the acting person's
    read scope, writes touch its write scope; a document without a scope is reachable by nobody.
    """

    filter_converter_class = filters.MongoFilterConverter

    def __init__(self, obj: type[Document], rules: writes.WriteRules | None = None) -> None:
        super().__init__(obj)
        # The write path stores a version that documents need not declare; reading it must not fail.
        obj._meta["strict"] = False
        self.rules = rules or writes.WriteRules()

    def __getattr__(self, name: str) -> Any:
        # Views name filters through their interface: datamodel.FilterEqual.
        if name in filters.ALL:
            return filters.ALL[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    # -- columns ---------------------------------------------------------------------------

    @property
    def model_name(self) -> str:
        return self.obj.__name__

    def field(self, col_name: str) -> BaseField | None:
        """The declared field of a column, or None."""
        found: BaseField | None = self.obj._fields.get(self._real(col_name))
        return found

    def path(self, col_name: str) -> str:
        """The name under which MongoDB keeps a column."""
        field = self.field(col_name)
        if field is None:
            raise BadValue(f"no column {col_name}")
        return str(field.db_field)

    def kind(self, col_name: str) -> str:
        """One word of `columns.kind_of`; "none" for what is not a field."""
        return columns.kind_of(self.field(col_name))

    def _real(self, col_name: str) -> str:
        return self.get_pk_name() if col_name == "pk" else col_name

    def get_columns_list(self) -> list[str]:
        """All columns but those marked `private`, which no page, form, filter, file or API has."""
        fields = self.obj._fields
        return [name for name in self.obj._fields_ordered if name != "_cls" and not columns.is_private(fields[name])]

    def get_user_columns_list(self) -> list[str]:
        """Columns a person fills in: no audit traces, no derived values, no surrogate key."""
        return [
            name
            for name in self.get_columns_list()
            if not getattr(self.obj._fields[name], "audit", False)
            and not getattr(self.obj._fields[name], "derived", False)
            and columns.kind_of(self.obj._fields[name]) != "object_id"
        ]

    def get_search_columns_list(self) -> list[str]:
        return [name for name in self.get_columns_list() if self.kind(name) in filters.BY_KIND]

    def get_order_columns_list(self, list_columns: Iterable[str] | None = None) -> list[str]:
        """A reference is ordered by its stored key (an LAO by its code), for names stand in another collection."""
        names = list(list_columns) if list_columns is not None else self.get_columns_list()
        # By the order of rows whose values one knows, a masked value could be found out.
        return [
            name
            for name in names
            if self.kind(name) in columns.SIMPLE | {"reference"} and not self.is_secret(name)
        ]

    def get_pk_name(self) -> str:
        return str(self.obj._meta["id_field"])

    def get_pk_value(self, item: Any) -> str:
        return str(item.pk)

    def get_keys(self, lst: Iterable[Any]) -> list[str]:
        return [str(item.pk) for item in lst]

    def get_col_default(self, col_name: str) -> Any:
        field = self.field(col_name)
        default = field.default if field is not None else None
        return default() if callable(default) else default

    def get_max_length(self, col_name: str) -> int:
        return getattr(self.field(col_name), "max_length", None) or -1

    def get_min_length(self, col_name: str) -> int:
        return getattr(self.field(col_name), "min_length", None) or -1

    def is_nullable(self, col_name: str) -> bool:
        field = self.field(col_name)
        return field is None or not field.required

    def is_unique(self, col_name: str) -> bool:
        field = self.field(col_name)
        return self.is_pk(col_name) or (field is not None and bool(field.unique))

    def is_secret(self, col_name: str) -> bool:
        """Whether lists and pages show a column masked."""
        return bool(getattr(self.field(col_name), "secret", False))

    def is_pk(self, col_name: str) -> bool:
        return bool(self._real(col_name) == self.get_pk_name())

    def is_fk(self, col_name: str) -> bool:
        return self.kind(col_name) == "reference"

    def is_string(self, col_name: str) -> bool:
        return self.kind(col_name) in ("string", "choice", "text", "uuid", "object_id")

    def is_text(self, col_name: str) -> bool:
        return self.kind(col_name) == "text"

    def is_integer(self, col_name: str) -> bool:
        return self.kind(col_name) == "integer"

    def is_numeric(self, col_name: str) -> bool:
        return self.kind(col_name) == "decimal"

    def is_float(self, col_name: str) -> bool:
        return self.kind(col_name) == "float"

    def is_boolean(self, col_name: str) -> bool:
        return self.kind(col_name) == "boolean"

    def is_date(self, col_name: str) -> bool:
        return self.kind(col_name) == "date"

    def is_datetime(self, col_name: str) -> bool:
        return self.kind(col_name) == "datetime"

    def is_enum(self, col_name: str) -> bool:
        return self.kind(col_name) == "enum"

    def is_json(self, col_name: str) -> bool:
        return self.kind(col_name) == "dict"

    def is_gridfs_file(self, col_name: str) -> bool:
        return self.kind(col_name) == "file"

    def is_gridfs_image(self, col_name: str) -> bool:
        return self.kind(col_name) == "image"

    # -- relations -------------------------------------------------------------------------

    def is_relation(self, prop: str) -> bool:
        return self.kind(prop) in ("reference", "reference_list")

    def is_relation_col(self, col: str) -> bool:
        return self.is_relation(col)

    def is_relation_many_to_one(self, prop: str) -> bool:
        return self.kind(prop) == "reference"

    def is_relation_many_to_many(self, prop: str) -> bool:
        return self.kind(prop) == "reference_list"

    def get_related_model(self, prop: str) -> type[Document]:
        field: Any = self.field(prop)
        if self.kind(prop) == "reference_list":
            field = field.field
        model: type[Document] = field.document_type
        return model

    def get_related_interface(self, col_name: str) -> MongoInterface:
        return type(self)(self.get_related_model(col_name))

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        return self.get_related_interface(col_name).get(value)

    def get_related_fk(self, model: type[Document]) -> str | None:
        """The column of this document that refers to `model`, the first declared."""
        for name in self.get_columns_list():
            if self.is_relation(name) and issubclass(model, self.get_related_model(name)):
                return name
        return None

    # -- reads -----------------------------------------------------------------------------

    def get_filters(
        self, search_columns: list[str] | None = None, search_filters: Any = None
    ) -> filters.MongoFilters:
        return filters.MongoFilters(
            self.filter_converter_class, self, search_columns or [], search_filters
        )

    def base_query(self) -> Query:
        """Everything the acting person may read."""
        granted = scope.read_filter(self.obj)
        query = Query(empty=True) if granted is None else Query().where(granted)
        if self.obj._meta.get("allow_inheritance"):
            query = query.where({"_cls": {"$in": list(self.obj._subclasses)}})
        return query

    def scoped(self, active: Any = None) -> Query:
        """The base query narrowed by active filters; raises BadValue for what cannot be compared."""
        query = self.base_query()
        return active.apply_all(query) if active else query

    def query(
        self,
        filters: Any = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        **_: Any,
    ) -> tuple[int, list[Any]]:
        """(count up to the bound, documents of the page)."""
        query = self.scoped(filters)
        if query.empty:
            return 0, []
        rows = list(self.find(query, order_column, order_direction, page or 0, page_size or 0))
        return self.count_with(query, page or 0, page_size or 0, len(rows)), rows

    def rows(
        self, columns: Sequence[str], filters: Any = None, order_column: str = "", order_direction: str = "",
        page: int | None = None, page_size: int | None = None, place: Place | None = None,
    ) -> Page:
        """A page of a list as people read it; like `query` and `get_values`, without a document a row.

        With a `place` the rows are those beside it, and `page` is only the number that the page is thought to have.
        """
        order = (order_column, order_direction)
        return read_page(self, self.scoped(filters), columns, order, page or 0, page_size or 0, place)

    def reads_its_own_way(self) -> bool:
        """Whether a subclass reads documents in a way of its own."""
        names = ("query", "find", "load", "get_keys", "get_pk_value", "get_values", "_get_attr_value")
        return any(getattr(type(self), name) is not getattr(MongoInterface, name) for name in names)

    def uncounted(self, count: int) -> bool:
        """Whether a count stands for "more than"."""
        return count > EXACT_COUNT_BOUND

    def count_with(self, query: Query, page: int, size: int, found: int) -> int:
        """The count of a query of which one page is known."""
        known = min(page * size + found, EXACT_COUNT_BOUND + 1) if found or not page else 0
        if size and found < size and (found or not page):
            return known  # The last page: nothing is left to count.
        return max(self.count(query), known)

    def count(self, query: Query) -> int:
        """Rows of a query, exact up to EXACT_COUNT_BOUND and one more beyond it.

        Of a whole collection it is the number MongoDB keeps itself: counting takes as long as showing the page. That
        number is right but after a crash of the server, or where a sharded cluster is moving rows.
        """
        if query.empty:
            return 0
        collection = self.obj._get_collection()
        if not query.filter:
            return min(int(collection.estimated_document_count()), EXACT_COUNT_BOUND + 1)
        return int(collection.count_documents(query.filter, limit=EXACT_COUNT_BOUND + 1))

    def find(
        self, query: Query, order: str = "", direction: str = "", page: int = 0, size: int = 0
    ) -> Iterator[Any]:
        """Documents of a query; `size` 0 is all of them."""
        return (self.load(raw) for raw in self.stored(query, order, direction, page, size))

    def stored(
        self, query: Query, order: str = "", direction: str = "", page: int = 0, size: int = 0,
        projection: Any = None,
    ) -> Iterator[Any]:
        """The stored form of what `find` gives."""
        if query.empty:
            return iter(())
        sort = list(query.sort) or self.sort_keys(order, direction)
        index_advice.look(self.obj, query.filter, sort)
        cursor = self.obj._get_collection().find(query.filter, projection, sort=sort)
        if size:
            cursor = cursor.skip(page * size).limit(size)
        return iter(cursor)

    def load(self, raw: Any) -> Any:
        """A document from its stored form, which it remembers for the write path."""
        item = self.obj._from_son(raw)
        item._stored = raw
        return item

    def sort_keys(self, order: str, direction: str) -> list[tuple[str, int]]:
        """(stored path, 1 or -1) of a column, else of the document's own order; the record's key comes last."""
        keys: dict[str, int] = {}
        # The key breaks ties, so that no row is on two pages; what stands behind it would change nothing.
        for name, sign in [*self._ordering(order, direction), ("pk", -1 if direction == "desc" else 1)]:
            keys.setdefault(self.path(name), sign)
            if self.is_pk(name):
                break
        return list(keys.items())

    def pages_by_key(self, order: str, direction: str) -> bool:
        """Whether a cursor can hold a place in this order: its values are plain, and none of them is secret."""
        names = [name for name, _ in self._ordering(order, direction)]
        return all(self.kind(name) in columns.SIMPLE | {"reference"} and not self.is_secret(name) for name in names)

    def _ordering(self, order: str, direction: str) -> list[tuple[str, int]]:
        if order and self.field(order) is not None:
            return [(order, -1 if direction == "desc" else 1)]
        own = self.obj._meta.get("ordering") or []
        return [(name.lstrip("-+"), -1 if name.startswith("-") else 1) for name in own]

    def _key(self, pk: Any) -> Any:
        field = self.obj._fields[self.get_pk_name()]
        return to_raw(field, pk) if isinstance(pk, str) else pk

    def get(self, pk: Any, filter: Any = None, references: Iterable[str] = ()) -> Any:
        """The document of a key, or None when it is malformed, absent, filtered out or not granted.

        references: columns whose records are wanted too, by the same command.
        """
        try:
            query = self.scoped(filter).where({"_id": self._key(pk)})
        except BadValue:
            return None
        return read_with_references(self, query, references)

    def get_many(self, pks: Iterable[Any], filter: Any = None) -> list[Any]:
        """The reachable documents of several keys, in the order of the keys."""
        try:
            keys = [self._key(pk) for pk in pks]
            if not keys:
                return []
            found = {
                item.pk: item
                for item in self.find(self.scoped(filter).where({"_id": {"$in": keys}}))
            }
        except BadValue:
            return []
        return [found[key] for key in keys if key in found]

    # -- values ----------------------------------------------------------------------------

    def _get_attr_value(self, item: Any, col: str) -> Any:
        field = type(item)._fields.get(col)  # a subclass has more of them
        # The base class would give an enum's stored value; people read its label.
        value = getattr(item, col) if field is not None else BaseInterface._get_attr_value(item, col)
        return shown(value, field)

    def get_values(self, lst: list[Any], list_columns: list[str]) -> Iterator[dict[str, Any]]:
        prefetch(lst, list_columns)
        return super().get_values(lst, list_columns)

    def get_values_item(self, item: Any, show_columns: list[str]) -> list[Any]:
        prefetch([item], show_columns)
        return [self._get_attr_value(item, col) for col in show_columns]

    # -- writes ----------------------------------------------------------------------------

    def add(self, item: Any, commit: bool = True) -> None:
        """Store a new document; raises WriteRefused with the fields at fault."""
        writes.insert(self, item)

    def edit(self, item: Any, commit: bool = True) -> None:
        """Store the changed fields of a loaded document; raises WriteRefused."""
        writes.update(self, item)

    def delete(self, item: Any, commit: bool = True) -> None:
        """Remove a loaded document unless others refer to it; raises WriteRefused."""
        writes.remove(self, item)

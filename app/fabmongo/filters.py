"""The filters a person can put on a column, each a few lines that add one clause to a query."""

from __future__ import annotations

import copy
from typing import Any

from flask_appbuilder.models.filters import BaseFilterConverter, FilterRelation, Filters

from app.fabmongo.columns import SIMPLE, kind_of
from app.fabmongo.filter_base import MongoFilter, behind, literal, two_ends
from app.fabmongo.filters_inside import (
    FilterContainsInside,
    FilterEmpty,
    FilterNear,
    FilterNotEmpty,
    is_findable_place,
    text_paths,
)
from app.fabmongo.filters_time import FilterAfter, FilterBefore, FilterBetweenDays, FilterOnDay
from app.fabmongo.labels import T
from app.fabmongo.query import Query
from app.fabmongo.values import as_choice


class FilterEqual(MongoFilter):
    name = T("เท่ากับ", "Equal to")
    arg_name = "eq"

    def clause(self, value: Any) -> Any:
        return {"$eq": self.raw(value)}

    def apply_many(self, query: Query, values: list[Any]) -> Query:
        return query.where({self.path: {"$in": [self.raw(value) for value in values]}})


class FilterNotEqual(MongoFilter):
    name = T("ไม่เท่ากับ", "Not equal to")
    arg_name = "neq"

    def clause(self, value: Any) -> Any:
        return {"$ne": self.raw(value)}


class FilterGreater(MongoFilter):
    name = T("มากกว่า", "Greater than")
    arg_name = "gt"

    def clause(self, value: Any) -> Any:
        return {"$gt": self.raw(value)}


class FilterSmaller(MongoFilter):
    name = T("น้อยกว่า", "Smaller than")
    arg_name = "lt"

    def clause(self, value: Any) -> Any:
        return {"$lt": self.raw(value)}


class FilterBetween(MongoFilter):
    """Two values with two dots or a tilde between them, both ends included."""

    name = T("ระหว่าง (จาก..ถึง)", "Between (from..to)")
    arg_name = "bt"

    def clause(self, value: Any) -> Any:
        low, high = map(self.raw, two_ends(value))
        return {"$gte": low, "$lte": high}


class FilterStartsWith(MongoFilter):
    """A prefix, as a range of texts: mongod walks that range of an index and need not match a pattern to each key.

    Of a list one item must lie in the range, which a range says only of texts that stand alone: there it is a pattern.
    """

    name = T("ขึ้นต้นด้วย", "Starts with")
    arg_name = "sw"

    def clause(self, value: Any) -> Any:
        text = self.raw(value)
        end = behind(text) if kind_of(self.field) in ("string", "text") else ""
        return {"$gte": text, "$lt": end} if end else {"$regex": "^" + literal(text)}


class FilterContains(MongoFilter):
    name = T("มีคำว่า", "Contains")
    arg_name = "ct"

    def clause(self, value: Any) -> Any:
        return {"$regex": literal(self.raw(value)), "$options": "i"}


class FilterNotContains(MongoFilter):
    name = T("ไม่มีคำว่า", "Does not contain")
    arg_name = "nct"

    def clause(self, value: Any) -> Any:
        return {"$not": {"$regex": literal(self.raw(value)), "$options": "i"}}


class FilterIn(MongoFilter):
    """Any of several values, separated by commas when typed."""

    name = T("เป็นค่าใดค่าหนึ่งใน", "One of")
    arg_name = "in"
    takes_many = True

    def clause(self, value: Any) -> Any:
        return {"$in": [self.raw(item) for item in self._items(value)]}

    def _items(self, value: Any) -> list[Any]:
        # A choice may have a comma of its own.
        if not isinstance(value, str) or as_choice(self.field, value) is not None:
            return list(value) if isinstance(value, (list, tuple)) else [value]
        return [part.strip() for part in value.split(",") if part.strip()]

    def apply_many(self, query: Query, values: list[Any]) -> Query:
        return self.apply(query, [item for value in values for item in self._items(value)])


class FilterRelationOneToManyEqual(FilterEqual, FilterRelation):
    name = T("คือ", "Is")
    arg_name = "rel_o_m"


class FilterRelationOneToManyNotEqual(FilterNotEqual, FilterRelation):
    name = T("ไม่ใช่", "Is not")
    arg_name = "nrel_o_m"


class FilterRelationManyToManyEqual(FilterEqual, FilterRelation):
    name = T("มี", "Includes")
    arg_name = "rel_m_m"


class FilterEqualFunction(MongoFilter):
    """For base filters: compares with what a function returns at the time of the query."""

    name = "Equal to a function's value"
    arg_name = "eqf"

    def clause(self, value: Any) -> Any:
        return {"$eq": value()}


class FilterInFunction(MongoFilter):
    name = "In a function's values"
    arg_name = "inf"

    def clause(self, value: Any) -> Any:
        return {"$in": list(value())}


EMPTINESS = [FilterEmpty, FilterNotEmpty]
TEXT = [FilterContains, FilterStartsWith, FilterEqual, FilterNotEqual, FilterNotContains, *EMPTINESS]
CODE = [FilterStartsWith, FilterEqual, FilterNotEqual, FilterIn, *EMPTINESS]
NUMBER = [FilterEqual, FilterNotEqual, FilterGreater, FilterSmaller, FilterBetween, FilterIn, *EMPTINESS]
DATE = [FilterOnDay, FilterAfter, FilterBefore, FilterBetweenDays, *EMPTINESS]
CHOICE = [FilterEqual, FilterNotEqual, FilterIn, *EMPTINESS]
SECRET = [FilterEqual, *EMPTINESS]
"""Whole values only: by beginnings, one after another, a masked value could be found out."""
BY_KIND: dict[str, list[type[MongoFilter]]] = {
    "reference": [FilterRelationOneToManyEqual, FilterRelationOneToManyNotEqual, *EMPTINESS],
    "reference_list": [FilterRelationManyToManyEqual, *EMPTINESS],
    "string": TEXT,
    "text": TEXT,
    "list": EMPTINESS,
    "uuid": CHOICE,
    "object_id": [FilterEqual, FilterNotEqual],
    "integer": NUMBER,
    "float": NUMBER,
    "decimal": NUMBER,
    "date": DATE,
    "datetime": DATE,
    "boolean": [FilterEqual, FilterNotEqual],
    "enum": CHOICE,
    "choice": CHOICE,
    "enum_list": CHOICE,
    "embedded": EMPTINESS,
    "embedded_list": EMPTINESS,
    "dict": EMPTINESS,
    "point": EMPTINESS,
    "file": EMPTINESS,
    "image": EMPTINESS,
}


class MongoFilterConverter(BaseFilterConverter):
    """Gives each column the filters of its kind."""

    def convert(self, col_name: str) -> list[MongoFilter] | None:
        field = self.datamodel.field(col_name)
        kind = kind_of(field)
        classes = CODE if kind == "string" and getattr(field, "code", False) else BY_KIND.get(kind)
        if kind == "list":
            classes = _of_items(kind_of(field.field))
        if kind in ("embedded", "embedded_list") and text_paths(field):
            classes = [FilterContainsInside, *EMPTINESS]
        if kind == "point" and is_findable_place(self.datamodel.obj, field):
            classes = [FilterNear, *EMPTINESS]
        if getattr(field, "secret", False):
            classes = SECRET
        return [item(col_name, self.datamodel) for item in classes] if classes else None


def _of_items(kind: str) -> list[type[MongoFilter]]:
    """The filters of a list whose items are of a kind; nobody types a list within a list."""
    if kind in ("string", "text", "none"):
        return TEXT
    return CHOICE if kind in SIMPLE else EMPTINESS


class MongoFilters(Filters):
    """Active filters of one request; the possible ones are shared, the active ones never are."""

    def fresh(self) -> MongoFilters:
        """The same possible filters with none active."""
        twin = copy.copy(self)
        twin.clear_filters()
        return twin

    def copy(self) -> MongoFilters:
        twin = self.fresh()
        twin.filters, twin.values = list(self.filters), list(self.values)
        return twin

    def get_joined_filters(self, filters: Filters) -> MongoFilters:
        joined = self.fresh()
        joined.filters = [*self.filters, *filters.filters]
        joined.values = [*self.values, *filters.values]
        return joined

    def apply_all(self, query: Query) -> Query:
        for flt, value in zip(self.filters, self.values, strict=True):
            if isinstance(value, list):
                wanted = [item for item in value if item != ""] or ([""] if not flt.takes_value else [])
                if len(wanted) > 1:
                    query = flt.apply_many(query, wanted)
                elif wanted:
                    query = flt.apply(query, wanted[0])
            else:
                query = flt.apply(query, value)
        return query

    def __repr__(self) -> str:
        # Values stay out: a filter may hold somebody's ID number and this may reach a log.
        return f"<MongoFilters on {[flt.column_name for flt in self.filters]}>"


ALL = {
    cls.__name__: cls
    for cls in list(globals().values())
    if isinstance(cls, type) and issubclass(cls, MongoFilter) and cls is not MongoFilter
}
"""Every filter by name; the interface offers them as attributes, as Flask-AppBuilder expects."""

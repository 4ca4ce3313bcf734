"""Filters on days and moments: what is typed is a stretch of time, as long as its last part says."""

from __future__ import annotations

from typing import Any

from app.fabmongo.filter_base import MongoFilter, two_ends
from app.fabmongo.labels import T
from app.fabmongo.query import Query
from app.fabmongo.values import Span, span


class TimeFilter(MongoFilter):
    """A day is a whole day of the people's own time, "10/06/2567 14:30" a whole minute."""

    def span(self, value: Any) -> Span:
        """From when to before when a typed value goes."""
        return value if isinstance(value, Span) else span(self.field, value)

    def apply_many(self, query: Query, values: list[Any]) -> Query:
        return query.where({"$or": [{self.path: self.clause(value)} for value in values]})


class FilterOnDay(TimeFilter):
    name = T("ในวันที่", "On the day")
    arg_name = "eq"

    def clause(self, value: Any) -> Any:
        wanted = self.span(value)
        return {"$gte": wanted.start, "$lt": wanted.end}


class FilterAfter(TimeFilter):
    name = T("หลังวันที่", "After")
    arg_name = "gt"

    def clause(self, value: Any) -> Any:
        return {"$gte": self.span(value).end}


class FilterBefore(TimeFilter):
    name = T("ก่อนวันที่", "Before")
    arg_name = "lt"

    def clause(self, value: Any) -> Any:
        return {"$lt": self.span(value).start}


class FilterBetweenDays(TimeFilter):
    """Two days or moments, the whole of the last one included."""

    name = T("ระหว่าง (จาก..ถึง)", "Between (from..to)")
    arg_name = "bt"

    def clause(self, value: Any) -> Any:
        low, high = map(self.span, two_ends(value))
        return {"$gte": low.start, "$lt": high.end}

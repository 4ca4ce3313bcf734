"""What every filter on a column is, and patterns that match a text itself."""

from __future__ import annotations

import re
from typing import Any

from flask_appbuilder.models.filters import BaseFilter

from app.fabmongo.errors import BadValue
from app.fabmongo.labels import T
from app.fabmongo.query import Query
from app.fabmongo.values import to_raw


class MongoFilter(BaseFilter):
    """A filter on one column. Subclasses give `clause`; values arrive as typed text."""

    takes_value = True
    takes_many = False
    """Whether several values are one condition: any of them."""

    @property
    def field(self) -> Any:
        return self.datamodel.field(self.column_name)

    @property
    def path(self) -> str:
        return self.datamodel.path(self.column_name)

    def raw(self, value: Any) -> Any:
        return to_raw(self.field, value)

    def apply(self, query: Query, value: Any) -> Query:
        return query.where({self.path: self.clause(value)})

    def apply_many(self, query: Query, values: list[Any]) -> Query:
        """Several values of one filter: all must hold, unless a subclass means any of them."""
        for value in values:
            query = self.apply(query, value)
        return query

    def clause(self, value: Any) -> Any:
        raise NotImplementedError


def behind(prefix: str) -> str:
    """The first text, in the order of code points, after all that begin with `prefix`; "" where there is none."""
    kept = prefix.rstrip("\U0010ffff")
    last = ord(kept[-1]) if kept else 0
    if not kept or 0xD800 <= last <= 0xDFFF:
        return ""
    return kept[:-1] + chr(0xE000 if last == 0xD7FF else last + 1)


def literal(text: str) -> str:
    """A pattern that matches `text` itself; MongoDB takes no NUL in a pattern."""
    return re.escape(text.replace("\0", ""))


def two_ends(value: Any) -> list[Any]:
    """The first and the last value of a range: two of them, or a text with two dots or a tilde between."""
    ends = list(value) if isinstance(value, (list, tuple)) else re.split(r"\.\.|~|–", value)
    if len(ends) != 2:
        raise BadValue(T("พิมพ์ค่าแรก .. ค่าสุดท้าย เช่น 1..40", "Type first .. last, such as 1..40"))
    return [end.strip() if isinstance(end, str) else end for end in ends]

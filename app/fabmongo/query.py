"""A query as a value: clauses are added, nothing is sent until the interface reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

Clause = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """MongoDB clauses that must all hold. `empty` marks a query that can match no row.

    `sort` holds (stored path, 1 or -1) where rows are to come in another order than the one asked for beside the query.
    """

    clauses: tuple[Clause, ...] = ()
    empty: bool = False
    sort: tuple[tuple[str, int], ...] = ()

    def where(self, clause: Clause) -> Query:
        """This query with one more condition."""
        return replace(self, clauses=(*self.clauses, clause)) if clause else self

    def nothing(self) -> Query:
        """A query that matches no row and need not be sent."""
        return replace(self, empty=True)

    def sorted_by(self, keys: Sequence[tuple[str, int]]) -> Query:
        """This query with an order of its own."""
        return replace(self, sort=tuple(keys))

    @property
    def filter(self) -> Clause:
        """The conditions as one MongoDB filter; plain equalities are kept on top for the planner."""
        if not self.clauses:
            return {}
        if len(self.clauses) == 1:
            return self.clauses[0]
        return {"$and": list(self.clauses)}

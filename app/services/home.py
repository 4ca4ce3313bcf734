"""The figures of a person's area in the round of the day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.clock import thai_today
from app.documents.findings import StoredFinding
from app.documents.rounds import Round
from app.documents.submissions import Submission
from app.enums import FindingState, Severity, SubmissionState
from app.rules.completeness import HANDED_IN
from app.rules.deadlines import Standing, standing
from app.services.areas import scope_filter
from app.services.rounds import current_round

Raw = dict[str, Any]

SUMMED = ("missing", "students", "changed", "differing")
MOST_COUNTED = 10_000
"""Findings are counted up to here: beyond it the number says nothing more."""


@dataclass(frozen=True)
class Overview:
    """An area in the current round. students is in persons, errors in findings, everything else in schools.

    missing: without a count. changed: whose roster changed since it was certified. differing: whose count is not that
    of its certified list. errors: findings that nobody has put right, in the whole area.
    """

    round: Round | None
    standing: Standing | None
    states: dict[SubmissionState, int] = field(default_factory=dict)
    missing: int = 0
    students: int = 0
    changed: int = 0
    differing: int = 0
    errors: int = 0

    @property
    def expected(self) -> int:
        return sum(self.states.values())

    def count(self, *states: SubmissionState) -> int:
        """Schools in any of these states."""
        return sum(self.states.get(state, 0) for state in states)

    @property
    def ready(self) -> bool:
        """Whether an LAO can certify: everything is verified or further, and something is left to submit."""
        done = self.count(SubmissionState.VERIFIED, *HANDED_IN)
        return done == self.expected and self.count(SubmissionState.VERIFIED) > 0

    @property
    def reported(self) -> int:
        """Schools whose count is there."""
        return self.expected - self.missing


def overview(actor: Any, today: date | None = None) -> Overview:
    """One aggregation over the submissions that `actor` may read, and one count of findings."""
    today = today or thai_today()
    now = current_round(today)
    if now is None:
        return Overview(None, None)
    where = standing(now.opens_on, now.closes_on, today)
    granted = scope_filter(actor, Submission)
    if granted is None:
        return Overview(now, where)
    by_state = {row["_id"]: row for row in _groups({"round_code": now.code, **granted})}
    sums = {name: sum(row[name] for row in by_state.values()) for name in SUMMED}
    states = {SubmissionState(state): row["schools"] for state, row in by_state.items()}
    return Overview(now, where, states, errors=_open_errors(actor), **sums)


def _groups(where: Raw) -> Iterable[Raw]:
    def count(condition: Any) -> Raw:
        return {"$sum": {"$cond": [condition, 1, 0]}}

    return Submission._get_collection().aggregate(
        [
            {"$match": where},
            {
                "$group": {
                    "_id": "$state",
                    "schools": {"$sum": 1},
                    "missing": count({"$not": [{"$gte": ["$total", 0]}]}),
                    "students": {"$sum": {"$ifNull": ["$total", 0]}},
                    "changed": count({"$eq": ["$roster_changed", True]}),
                    "differing": count({"$eq": ["$list_differs", True]}),
                }
            },
        ]
    )


def _open_errors(actor: Any) -> int:
    granted = scope_filter(actor, StoredFinding)
    if granted is None:
        return 0
    open_ones = {**granted, "state": FindingState.OPEN.value, "severity": Severity.ERROR.value}
    return int(StoredFinding._get_collection().count_documents(open_ones, limit=MOST_COUNTED))

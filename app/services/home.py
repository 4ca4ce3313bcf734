"""The figures of a person's area in the round of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.clock import thai_today
from app.documents.rounds import Round
from app.documents.submissions import Submission
from app.enums import SubmissionState
from app.rules.deadlines import Standing, standing
from app.services.areas import scope_filter
from app.services.rounds import current_round


@dataclass(frozen=True)
class Overview:
    """Schools by state and students of an area in the current round; all counts in persons or schools."""

    round: Round | None
    standing: Standing | None
    expected: int = 0
    not_started: int = 0
    returned: int = 0
    missing: int = 0
    students: int = 0

    @property
    def reported(self) -> int:
        """Schools whose count is there."""
        return self.expected - self.missing


def overview(actor: Any, today: date | None = None) -> Overview:
    """One aggregation over the submissions that `actor` may read."""
    today = today or thai_today()
    now = current_round(today)
    if now is None:
        return Overview(None, None)
    where = standing(now.opens_on, now.closes_on, today)
    granted = scope_filter(actor, Submission)
    if granted is None:
        return Overview(now, where)
    rows = Submission._get_collection().aggregate(
        [
            {"$match": {"round_code": now.code, **granted}},
            {
                "$group": {
                    "_id": "$state",
                    "schools": {"$sum": 1},
                    "missing": {"$sum": {"$cond": [{"$gte": ["$total", 0]}, 0, 1]}},
                    "students": {"$sum": {"$ifNull": ["$total", 0]}},
                }
            },
        ]
    )
    by_state = {row["_id"]: row for row in rows}
    return Overview(
        now,
        where,
        expected=sum(row["schools"] for row in by_state.values()),
        not_started=by_state.get(SubmissionState.NOT_STARTED.value, {}).get("schools", 0),
        returned=by_state.get(SubmissionState.RETURNED.value, {}).get("schools", 0),
        missing=sum(row["missing"] for row in by_state.values()),
        students=sum(row["students"] for row in by_state.values()),
    )

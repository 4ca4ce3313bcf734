"""Who counts in a round: admitted on or before the census date, and not left on or before it.

The rule exists twice: `counts_at` for rows in Python and `census_match` for aggregations. They must agree on every row;
change one only together with the other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any


def as_day(value: date) -> date:
    """The calendar day of a date or of a stored midnight datetime."""
    return value.date() if isinstance(value, datetime) else value


def counts_at(admitted_on: date | None, left_on: date | None, census_date: date) -> bool:
    """Whether a student counts on `census_date`. `left_on` None: still there. No admission date: does not count."""
    census = as_day(census_date)
    if admitted_on is None or as_day(admitted_on) > census:
        return False
    return left_on is None or as_day(left_on) > census


def census_match(census_date: date) -> dict[str, Any]:
    """The same rule as a MongoDB filter (for find, or for the $match of an aggregation) on admitted_on and left_on.

    It compares with the midnight after the census date, so that a stored time of day cannot change the answer.
    """
    next_day = datetime.combine(as_day(census_date) + timedelta(days=1), time())
    return {
        "admitted_on": {"$lt": next_day},
        "$or": [{"left_on": None}, {"left_on": {"$gte": next_day}}],
    }


def count_by(
    rows: Iterable[Mapping[str, Any]], census_date: date, keys: Sequence[str] = ("grade", "sex")
) -> Counter[tuple[Any, ...]]:
    """Numbers of counting students by the values of `keys`; groups without students are absent, not zero.

    rows: raw student documents with admitted_on, left_on and the keys.
    """
    return Counter(
        tuple(row.get(key) for key in keys)
        for row in rows
        if counts_at(row.get("admitted_on"), row.get("left_on"), census_date)
    )

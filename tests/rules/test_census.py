"""Who counts on a census date, and in which group."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.census import as_day, census_match, count_by, counts_at

CENSUS = date(2024, 6, 10)
DAY = timedelta(days=1)
NEAR = st.integers(-400, 400).map(lambda days: CENSUS + timedelta(days=days))


@pytest.mark.parametrize(
    ("admitted", "left", "counts"),
    [
        (CENSUS - DAY, None, True),
        (CENSUS, None, True),
        (CENSUS + DAY, None, False),
        (CENSUS - DAY, CENSUS - DAY, False),
        (CENSUS - DAY, CENSUS, False),
        (CENSUS - DAY, CENSUS + DAY, True),
        (CENSUS, CENSUS + DAY, True),
        (None, None, False),
    ],
)
def test_the_edges_of_the_rule(admitted: date | None, left: date | None, counts: bool) -> None:
    assert counts_at(admitted, left, CENSUS) is counts


@given(NEAR, st.none() | NEAR, NEAR)
def test_stored_datetimes_and_days_give_the_same_answer(admitted: date, left: date | None, census: date) -> None:
    def stored(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 13, 30)

    as_stored = counts_at(stored(admitted), stored(left) if left else None, stored(census))
    assert as_stored is counts_at(admitted, left, census)


@given(NEAR, NEAR)
def test_whoever_stays_counts_from_admission_on(admitted: date, census: date) -> None:
    assert counts_at(admitted, None, census) is (admitted <= census)


@given(NEAR, NEAR, NEAR)
def test_nobody_counts_after_leaving(admitted: date, left: date, census: date) -> None:
    if counts_at(admitted, left, census):
        assert admitted <= census < left


def test_the_filter_compares_with_the_midnight_after_the_census_date() -> None:
    midnight = datetime(2024, 6, 11)
    expected = {"admitted_on": {"$lt": midnight}, "$or": [{"left_on": None}, {"left_on": {"$gte": midnight}}]}
    assert census_match(CENSUS) == census_match(datetime(2024, 6, 10, 9)) == expected


def test_counts_are_by_group_and_absent_groups_are_absent() -> None:
    def row(grade: str, sex: str, admitted: date, left: date | None = None) -> dict[str, object]:
        return {"grade": grade, "sex": sex, "admitted_on": admitted, "left_on": left}

    rows = [
        row("P1", "male", CENSUS),
        row("P1", "male", CENSUS),
        row("P1", "female", CENSUS + DAY),
        row("P2", "male", CENSUS, CENSUS),
    ]
    assert count_by(rows, CENSUS) == {("P1", "male"): 2}
    assert count_by(rows, CENSUS, ["grade"]) == {("P1",): 2}
    assert count_by(rows, CENSUS + DAY) == {("P1", "male"): 2, ("P1", "female"): 1}
    assert count_by([], CENSUS) == {}


def test_a_day_stays_a_day() -> None:
    assert as_day(CENSUS) == as_day(datetime(2024, 6, 10, 23, 59)) == CENSUS

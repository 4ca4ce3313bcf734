"""When a round is open and how long it still is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.deadlines import days_left, phase, standing

OPENS, CLOSES = date(2024, 11, 1), date(2024, 11, 30)
DAYS = st.dates(date(2024, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("today", "now", "left", "english"),
    [
        (date(2024, 10, 31), "before", 30, "Opens on 1 Nov 2567 BE"),
        (date(2024, 11, 1), "open", 29, "29 days left (until 30 Nov 2567 BE)"),
        (date(2024, 11, 29), "open", 1, "1 day left (until 30 Nov 2567 BE)"),
        (date(2024, 11, 30), "open", 0, "Last day: closes today (30 Nov 2567 BE)"),
        (date(2024, 12, 1), "closed", -1, "Closed since 30 Nov 2567 BE"),
    ],
)
def test_the_first_and_the_last_day_are_open(today: date, now: str, left: int, english: str) -> None:
    actual = standing(OPENS, CLOSES, today)
    assert (actual.phase, actual.days_left, actual.en) == (now, left, english)
    assert actual.th and actual.th != actual.en


def test_without_a_last_day_a_round_stays_open() -> None:
    actual = standing(OPENS, None, date(2030, 1, 1))
    assert (actual.phase, actual.days_left) == ("open", None)
    assert "no closing date" in actual.en


@given(DAYS, DAYS, DAYS)
def test_a_round_never_reopens(opens: date, closes: date, today: date) -> None:
    if phase(opens, closes, today) == "closed":
        assert phase(opens, closes, today + timedelta(days=1)) == "closed"
        left = days_left(closes, today)
        assert left is not None and left < 0

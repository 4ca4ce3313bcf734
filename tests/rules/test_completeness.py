"""Completeness: sums of areas, percentages that never flatter, and days of reminders."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import SubmissionState
from app.rules.completeness import Completeness, first_late_moment, reminder_is_due, total

parts = st.builds(
    Completeness,
    st.dictionaries(st.sampled_from(list(SubmissionState)), st.integers(0, 500)),
    *(st.integers(0, 500) for _ in range(6)),
)


@given(st.lists(parts))
def test_the_sum_of_areas_holds_each_school_once(areas: list[Completeness]) -> None:
    whole = total(areas)
    assert whole.expected == sum(area.expected for area in areas)
    assert whole.handed_in == sum(area.handed_in for area in areas)
    assert (whole.laos, whole.students) == (sum(a.laos for a in areas), sum(a.students for a in areas))


@given(parts)
def test_one_hundred_percent_means_that_nothing_is_left(area: Completeness) -> None:
    assert (area.percent == 100) == area.complete
    assert 0 <= area.percent <= 100


def test_an_area_without_schools_is_not_complete() -> None:
    assert not Completeness().complete
    assert Completeness().percent == 0


def test_late_is_from_midnight_in_thailand_after_the_last_day() -> None:
    moment = first_late_moment(date(2024, 11, 30), timedelta(hours=7))
    assert moment == datetime(2024, 11, 30, 17)
    assert first_late_moment(None, timedelta(hours=7)) is None


@pytest.mark.parametrize(("today", "due"), [(23, True), (24, False), (27, True), (30, True)])
def test_reminders_are_due_on_the_named_days_only(today: int, due: bool) -> None:
    assert reminder_is_due(date(2024, 11, 30), date(2024, 11, today), [7, 3, 0]) is due


def test_a_round_that_has_ended_or_has_no_end_reminds_nobody() -> None:
    assert not reminder_is_due(date(2024, 11, 30), date(2024, 12, 1), [7, 3, 1, 0])
    assert not reminder_is_due(None, date(2024, 11, 30), [0])

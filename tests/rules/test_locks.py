"""What locks a submission, until when, and who lifts it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Level, SubmissionState
from app.rules.locks import date_lock, lock
from app.rules.transitions import FROZEN

Raw = dict[str, Any]
S = SubmissionState
ROUND = {"opens_on": datetime(2024, 11, 5), "closes_on": datetime(2024, 11, 30)}
HERE = {"lao_code": "5301401", "school_code": "301401001"}
LAST = date(2024, 11, 30)


def extension(until: date, lao: str = "5301401", school: str | None = None) -> Raw:
    row: Raw = {"lao_code": lao, "until": datetime(until.year, until.month, until.day)}
    return row | ({"school_code": school} if school else {})


def code(today: date, *extensions: Raw, state: S = S.IN_PROGRESS, level: Level = Level.SCHOOL) -> str | None:
    found = lock(ROUND, extensions, state, level, today, HERE)
    return found.code if found else None


@pytest.mark.parametrize(
    ("today", "wanted"),
    [
        (date(2024, 11, 4), "before"), (date(2024, 11, 5), None), (LAST, None), (date(2024, 12, 1), "closed"),
    ],
)  # fmt: skip
def test_a_round_takes_entries_from_its_first_to_its_last_day(today: date, wanted: str | None) -> None:
    assert code(today) == wanted
    assert code(today, level=Level.LAO) == wanted


def test_a_round_without_a_last_day_does_not_close() -> None:
    assert date_lock({"opens_on": ROUND["opens_on"]}, [], Level.LAO, date(2099, 1, 1), HERE) is None


@pytest.mark.parametrize("school", [None, HERE["school_code"]])
def test_an_extension_opens_again_until_its_day_included(school: str | None) -> None:
    more = extension(date(2024, 12, 5), school=school)
    assert code(date(2024, 12, 5), more) is None
    assert code(date(2024, 12, 6), more) == "closed"


@pytest.mark.parametrize(
    "other", [extension(date(2025, 1, 1), lao="6301408"), extension(date(2025, 1, 1), school="301401003")]
)
def test_an_extension_of_others_opens_nothing(other: Raw) -> None:
    assert code(date(2024, 12, 1), other) == "closed"


def test_the_latest_extension_counts_and_none_shortens_the_round() -> None:
    early, late = extension(date(2024, 12, 3)), extension(date(2024, 12, 9), school=HERE["school_code"])
    assert code(date(2024, 12, 9), early, late) is code(date(2024, 12, 9), late, early) is None
    assert code(LAST, extension(date(2024, 11, 10))) is None
    said = lock(ROUND, [extension(date(2024, 11, 10))], S.IN_PROGRESS, Level.LAO, date(2024, 12, 1), HERE)
    assert said is not None and "30 พ" in said.th and "30 Nov" in said.en


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("level", Level)
def test_the_lock_names_its_rule_and_who_lifts_it(state: S, level: Level) -> None:
    found = lock(ROUND, [], state, level, LAST, HERE)
    assert (found is not None) == (state in FROZEN)
    if found is None:
        return
    assert found.code == ("accepted" if state is S.ACCEPTED else "vouched")
    assert found.th and found.en and found.who_th and found.who_en
    if state is S.ACCEPTED:
        assert "กรมส่งเสริม" in found.who_th
    elif level is Level.SCHOOL and state is not S.CERTIFIED:
        assert "อปท." in found.who_th and "Ask your LAO" in found.who_en


def test_what_is_accepted_stays_so_whatever_the_dates_are() -> None:
    for today in (date(2024, 1, 1), LAST, date(2025, 1, 1)):
        assert code(today, state=S.ACCEPTED, level=Level.COUNTRY) == "accepted"


def test_dates_do_not_bind_the_country() -> None:
    assert code(date(2025, 1, 1), level=Level.COUNTRY) is None


@given(st.integers(-40, 40), st.lists(st.integers(-40, 40), max_size=3), st.sampled_from(list(S)))
def test_a_longer_extension_never_locks_more(offset: int, days: list[int], state: S) -> None:
    today = LAST + timedelta(days=offset)
    rows = [extension(LAST + timedelta(days=day)) for day in days]
    less = lock(ROUND, rows[:-1], state, Level.LAO, today, HERE)
    more = lock(ROUND, rows, state, Level.LAO, today, HERE)
    assert not (less is None and more is not None)
    if (less and less.code) == "before":
        assert (more and more.code) == "before"

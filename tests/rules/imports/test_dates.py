"""Every day of forty years in both eras, as text, date cell and number; what is asked, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from app.rules.imports import questions
from app.rules.imports.cells import text_of
from app.rules.imports.dates import DateReader

TODAY = date(2026, 11, 23)
EPOCH = date(1899, 12, 30)


def days(first: int, last: int) -> Iterator[date]:
    day = date(first, 1, 1)
    while day.year <= last:
        yield day
        day += timedelta(days=1)


def reader(**answers: str) -> DateReader:
    told = {questions.key("birth_date", kind.replace("_", "-")): answer for kind, answer in answers.items()}
    return DateReader("birth_date", told, TODAY)


def test_each_day_of_forty_years_is_read_in_both_eras() -> None:
    read = reader().read
    for day in days(1985, 2027):
        stored, be = datetime(day.year, day.month, day.day), day.year + 543
        for text in (
            f"{day.day:02}/{day.month:02}/{be}", f"{day.day}-{day.month}-{day.year}", day.isoformat(), text_of(day),
            str((day - EPOCH).days),
        ):  # fmt: skip
            if read(text).value != stored:
                pytest.fail(f"{text} of {day} is read as {read(text)}")


def test_each_date_cell_of_a_buddhist_year_is_the_day_543_years_before() -> None:
    read = reader().read
    for cell in days(2520, 2570):
        seen = read(text_of(cell))
        if (cell.month, cell.day) == (2, 29) and not _is_leap(cell.year - 543):
            assert seen.troubles
        else:
            assert seen.value == datetime(cell.year - 543, cell.month, cell.day)
            assert read(str((cell - EPOCH).days)).value == seen.value


def test_each_misread_year_is_asked_and_no_other() -> None:
    asked = {day.year for day in days(1900, 2026) if day.day == 1 and reader().read(text_of(day)).questions}
    assert asked == set(range(1930, 1970))
    for year in asked:
        text = text_of(date(year, 6, 10))
        assert reader(excel_year="be").read(text).value == datetime(year + 57, 6, 10)
        assert reader(excel_year="ce").read(text).value == datetime(year, 6, 10)


@pytest.mark.parametrize("era", ["be", "ce"])
def test_two_digits_are_the_latest_year_that_can_have_been(era: str) -> None:
    years = [reader(two_digit_era=era).read(f"10/06/{two:02}").value.year for two in range(100)]
    offset = 543 if era == "be" else 0
    assert [(year + offset) % 100 for year in years] == list(range(100))
    assert min(years) == 1928
    assert max(years) == 2027


@pytest.mark.parametrize("answer", ["", "dmy", "mdy"])
def test_day_and_month_in_every_order(answer: str) -> None:
    read = reader(day_month=answer).read
    for first in range(1, 32):
        for second in range(1, 32):
            seen = read(f"{first}/{second}/2560")
            day, month = (second, first) if answer == "mdy" else (first, second)
            if not answer and first <= 12 < second:
                assert seen.questions
                assert seen.value is None
            elif month > 12 or (month == 2 and day > 28) or (month in (4, 6, 9, 11) and day > 30):
                assert seen.troubles
            else:
                assert seen.value == datetime(2017, month, day)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)

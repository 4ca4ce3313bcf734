"""Digits, codes, names, dates and years as people in Thailand write them."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import thai
from app.errors import Problem

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
CENSUS = date(2024, 6, 10)


@given(st.integers(min_value=0))
def test_digits_go_both_ways(number: int) -> None:
    written = thai.to_thai_digits(str(number))
    assert not set(written) & set("0123456789")
    assert thai.to_arabic_digits(written) == str(number)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("๖๓๐๑๔๐๘", "6301408"),
        (" 1-2345-67890-12-3 ", "1234567890123"),
        ("1–2345‑6789012 3", "1234567890123"),
        ("\ufeff30\u200b14\u00a0", "3014"),
        ("03-01\t", "0301"),
        ("g99", "g99"),
        ("", ""),
    ],
)
def test_codes_are_stored_without_noise(typed: str, stored: str) -> None:
    assert thai.normalise_code(typed) == stored


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert thai.normalise_code(thai.normalise_code(text)) == thai.normalise_code(text)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  โรงเรียน   วัด\u200bใหม่\n", "โรงเรียน วัดใหม่"),
        ("เเดง", "แดง"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("Mae\u00a0Sot", "Mae Sot"),
    ],
)
def test_names_are_stored_in_one_spelling(typed: str, stored: str) -> None:
    assert thai.normalise_name(typed) == stored


@pytest.mark.parametrize(
    ("locale", "style", "written"),
    [
        ("th", "short", "10 มิ.ย. 2567"),
        ("th", "long", "10 มิถุนายน 2567"),
        ("th", "numeric", "10/06/2567"),
        ("en", "short", "10 Jun 2567 BE"),
        ("en_GB", "long", "10 June 2567 BE"),
        ("en", "numeric", "10/06/2567"),
    ],
)
def test_dates_are_written_in_the_buddhist_era(
    locale: str, style: Literal["short", "long", "numeric"], written: str
) -> None:
    assert thai.format_date(CENSUS, locale, style) == written


@given(DAYS, st.sampled_from(["th", "en"]), st.sampled_from(["short", "long", "numeric"]), st.booleans())
def test_every_written_date_is_read_back(
    day: date, locale: str, style: Literal["short", "long", "numeric"], thai_digits: bool
) -> None:
    written = thai.format_date(day, locale, style)
    assert thai.parse_date(thai.to_thai_digits(written) if thai_digits else written) == day


@given(DAYS)
def test_iso_dates_are_read_in_both_eras(day: date) -> None:
    assert thai.parse_date(day.isoformat()) == day
    assert thai.parse_date(f"{day.year + 543}-{day.month:02}-{day.day:02}") == day


@pytest.mark.parametrize(
    "typed",
    [
        "10/06/2567", "10/6/2024", "๑๐/๐๖/๒๕๖๗", "10-06-2567", "10.06.2567", "2567-06-10", "2024-06-10", " 10/06/2567 ",
        "10 มิ.ย. 2567", "10มิย2567", "10 มิถุนายน พ.ศ. 2567", "วันที่ ๑๐ มิถุนายน พ.ศ.๒๕๖๗", "10 มิถุนายน ค.ศ. 2024",
        "10 June 2024", "10 jun 2567 BE", "10 June B.E. 2567", "10 มิถุนายน 2024",
    ],
)  # fmt: skip
def test_the_census_date_in_many_hands(typed: str) -> None:
    assert thai.parse_date(typed) == CENSUS


@pytest.mark.parametrize("typed", ["29/02/2567", "29 ก.พ. 2567", "2024-02-29"])
def test_leap_days_follow_the_common_era(typed: str) -> None:
    assert thai.parse_date(typed) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("typed", "english"),
    [
        ("10/06/67", "two digits"),
        ("10 มิ.ย. 67", "two digits"),
        ("10/06/2300", "fits neither era"),
        ("10/06/2967", "fits neither era"),
        ("10/06/1567", "fits neither era"),
        ("10 มิ.ย. พ.ศ. 2024", "fits neither era"),
        ("10 มิ.ย. ค.ศ. 2567", "fits neither era"),
        ("29/02/2566", "no such day"),
        ("06/13/2567", "no such day"),
        ("10 อะไร 2567", "no such day"),
        ("0/06/2567", "no such day"),
        ("", "cannot be read"),
        ("10/06-2567", "cannot be read"),
        ("20240610", "cannot be read"),
        ("45453", "cannot be read"),
        ("10/06/25677", "cannot be read"),
        ("วันนี้", "cannot be read"),
        ("²/06/2567", "cannot be read"),
    ],
)
def test_doubtful_dates_are_refused_with_a_reason(typed: str, english: str) -> None:
    with pytest.raises(Problem) as caught:
        thai.parse_date(typed, "birth_date")
    assert english in caught.value.en
    assert caught.value.th == str(caught.value)
    assert (caught.value.field, caught.value.kind) == ("birth_date", "invalid")


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_problem(text: str) -> None:
    try:
        assert isinstance(thai.parse_date(text), date)
    except Problem as problem:
        assert problem.th and problem.en


@pytest.mark.parametrize(
    ("day", "academic", "fiscal"),
    [
        (date(2024, 5, 15), 2566, 2567),
        (date(2024, 5, 16), 2567, 2567),
        (date(2024, 9, 30), 2567, 2567),
        (date(2024, 10, 1), 2567, 2568),
        (date(2025, 1, 1), 2567, 2568),
    ],
)
def test_school_and_budget_years_turn_on_their_days(day: date, academic: int, fiscal: int) -> None:
    assert (thai.academic_year(day), thai.fiscal_year(day)) == (academic, fiscal)


def test_years_convert_both_ways() -> None:
    assert (thai.to_be(2024), thai.to_ce(2567)) == (2567, 2024)


def test_importing_leaves_pythainlp_for_later_and_writes_no_home_folder() -> None:
    code = (
        "import sys, app.thai; assert 'pythainlp' not in sys.modules;"
        "assert app.thai.to_arabic_digits('๑') == '1'; assert 'pythainlp' in sys.modules"
    )
    root = Path(__file__).parents[1]
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_many_threads_may_need_the_digits_first() -> None:
    """The first pages after a start come together, and pythainlp's modules import each other in circles."""
    code = """
import sys, threading, time, app.thai

class SlowDisk:
    def find_spec(self, name, path=None, target=None):
        time.sleep(0.01 if name.startswith("pythainlp") else 0)

def use(number):
    time.sleep(number / 100)
    try:
        app.thai.to_arabic_digits("๑") if number % 2 else app.thai.parse_date("1 มกราคม 2567")
    except Exception as error:
        failed.append(error)

failed = []
sys.meta_path.insert(0, SlowDisk())
everybody = [threading.Thread(target=use, args=[number]) for number in range(100)]
for one in everybody: one.start()
for one in everybody: one.join()
assert not failed, failed[0]
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])

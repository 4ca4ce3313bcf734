"""Codes of local administrative organisations as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Problem
from app.rules.lao import district_of, normalise_lao_code, province_of
from app.thai import to_thai_digits


@pytest.mark.parametrize("typed", ["6301408", "๖๓๐๑๔๐๘", "06301408", " 6-30-14-08 ", "๐๖๓๐๑๔๐๘"])
def test_one_code_in_many_hands(typed: str) -> None:
    assert normalise_lao_code(typed) == "6301408"


@given(st.integers(1_000_000, 9_999_999))
def test_every_seven_digits_are_a_code(number: int) -> None:
    code = str(number)
    assert normalise_lao_code(to_thai_digits(f"0{code}")) == code
    assert (province_of(code), district_of(code)) == (code[1:3], code[1:5])


@pytest.mark.parametrize(
    ("typed", "english"),
    [
        ("630140", "has 6 digits"),
        ("16301408", "has 8 digits"),
        ("063014080", "has 9 digits"),
        ("0301408", "is not an LAO code"),
        ("63O1408", "is not an LAO code"),
        ("6301408.0", "is not an LAO code"),
        ("630140²", "is not an LAO code"),
        ("", "is not an LAO code"),
    ],
)
def test_other_codes_are_refused_with_a_reason(typed: str, english: str) -> None:
    with pytest.raises(Problem) as caught:
        normalise_lao_code(typed, "lao_code")
    assert english in caught.value.en and caught.value.field == "lao_code"

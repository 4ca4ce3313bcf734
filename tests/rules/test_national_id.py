"""Identity numbers: check digit, leading zeros, G-codes, masks and the sentences for wrong ones."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.th import pin

from app.rules import national_id
from app.thai import to_thai_digits

BODIES = st.text("0123456789", min_size=12, max_size=12)


@given(BODIES)
def test_the_check_digit_makes_a_valid_number(body: str) -> None:
    number = body + national_id.check_digit(body)
    assert national_id.is_valid_thai_id(number)
    assert national_id.problem(number) is None
    assert pin.is_valid(number) is (number[0] not in "09")


@given(st.text("0123456789", min_size=13, max_size=13))
def test_where_stdnum_has_an_opinion_it_is_the_same(number: str) -> None:
    assume(number[0] not in "09")
    assert national_id.is_valid_thai_id(number) is pin.is_valid(number)


@given(BODIES, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_seen_wherever_the_formula_can_see_it(body: str, place: int, shift: int) -> None:
    number = body + national_id.check_digit(body)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    if national_id.is_valid_thai_id(wrong):
        # The third digit weighs 11, which is 0 modulo 11; the remainders 0 and 10 share the check digit 1.
        assert place == 2 or number[12] == "1"


@given(BODIES)
def test_thai_digits_and_hyphens_are_the_same_number(body: str) -> None:
    number = body + national_id.check_digit(body)
    typed = f" {number[0]}-{number[1:5]}-{number[5:10]}-{number[10:12]}-{number[12]}\u200b"
    assert national_id.normalise(to_thai_digits(typed)) == number


@pytest.mark.parametrize(
    "body", ["", "1", "12345678901", "1234567890123", "12345678901x", "๑23456789012", "12345678901²"]
)
def test_a_check_digit_needs_twelve_digits(body: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        national_id.check_digit(body)


def test_g_codes_are_numbers_of_their_own() -> None:
    assert national_id.normalise("g 12345-6789012") == "G123456789012"
    assert national_id.is_g_code("G123456789012")
    assert national_id.problem("g๑๒๓๔๕๖๗๘๙๐๑๒") is None
    assert not national_id.is_g_code("G12345678901")
    assert not national_id.is_valid_thai_id("G123456789012")


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("1301234567893", "1-3012-xxxxx-xx-3"),
        ("๑-๓๐๑๒-๓๔๕๖๗-๘๙-๓", "1-3012-xxxxx-xx-3"),
        ("G301234567893", "G-3012-xxxxx-xx-3"),
        ("130123456789", "x-xxxx-xxxxx-xx-x"),
        ("สมมติ", "x-xxxx-xxxxx-xx-x"),
        ("", "x-xxxx-xxxxx-xx-x"),
    ],
)
def test_a_mask_hides_the_middle(number: str, masked: str) -> None:
    assert national_id.mask(number) == masked


@pytest.mark.parametrize(
    ("typed", "english"),
    [
        ("", "is missing"),
        ("1234567890123", "last digit does not fit"),
        ("12345", "has 5 digits"),
        ("12345678901234", "has 14 digits"),
        ("123456789012x", "not digits"),
        ("G1234", "followed by 12 digits"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(typed: str, english: str) -> None:
    finding = national_id.problem(typed, "student_id")
    assert finding is not None and english in finding.en and finding.th
    assert (finding.field, finding.severity) == ("student_id", "error")


@given(st.text("0123456789", min_size=11, max_size=11))
def test_a_leading_zero_lost_in_a_spreadsheet_is_told(rest: str) -> None:
    assume(not rest.startswith("0"))
    body = "0" + rest
    finding = national_id.problem((body + national_id.check_digit(body))[1:])
    assert finding is not None and "leading 0" in finding.en


@given(st.text(max_size=20))
def test_no_message_repeats_the_number(typed: str) -> None:
    number = national_id.normalise(typed)
    finding = national_id.problem(typed)
    assert finding is None or len(number) < 4 or number not in finding.th + finding.en

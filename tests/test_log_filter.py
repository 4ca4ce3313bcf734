"""No ID number in any log, however it is written; codes stay readable."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.log_filter import MASK, install_log_filter, mask

THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
GAPS = st.sampled_from([" ", "-", " - ", "–", "\u00a0", "%20", "%2D", "+"])
DIGITS = st.text("0123456789", min_size=13, max_size=13)
# Text between numbers: no digit, no separator, no G, and nothing that looks like an escape.
WORDS = st.text(st.sampled_from("กขคabhxyz:;,.!()[]{}'\"/=\n"), max_size=20)


@st.composite
def written_ids(draw: st.DrawFn) -> str:
    """An ID number as people and programs write it."""
    digits, form = draw(DIGITS), draw(st.integers(0, 5))
    if form == 1:
        gap = draw(GAPS)
        digits = gap.join((digits[0], digits[1:5], digits[5:10], digits[10:12], digits[12]))
    elif form == 2:
        digits = draw(GAPS).join(digits)
    elif form == 3:
        digits = draw(st.sampled_from(["G", "g", "G-", "G "])) + digits[:12]
    if draw(st.booleans()):
        thai = digits.translate(THAI) if "%" not in digits else digits
        return draw(st.sampled_from([thai, quote(thai, safe="%"), json.dumps(thai)[1:-1]]))
    return digits


@given(WORDS, written_ids(), WORDS)
@example("", "1-1000-12345-67-8", "")
@example("", "๑๑๐๐๐๑๒๓๔๕๖๗๘", "")
def test_an_id_number_is_masked_and_the_words_around_it_stay(before, written, after):
    assert mask(f"{before}{written}{after}") == f"{before}{MASK}{after}"


@given(WORDS, st.from_regex(r"\A[0-9]{1,12}\Z"), WORDS)
@example("", "5301401", "")
@example("", "1030201401", "")
def test_shorter_numbers_stay(before, number, after):
    assert mask(before + number + after) == before + number + after


@given(st.lists(st.from_regex(r"\A([0-9]{7}|[0-9]{10})\Z"), min_size=1), st.sampled_from([" ", "-", ", ", "/"]))
def test_codes_in_a_row_stay(codes, between):
    assert mask(between.join(codes)) == between.join(codes)


@given(st.text(max_size=200))
def test_masking_twice_is_masking_once(text):
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "text",
    [
        '127.0.0.1 - - [23/Nov/2026:13:10:00 +0700] "GET /schools/list/?p=2 HTTP/1.1" 200 5120 "-"',
        "2026-11-23 13:10:00,123 INFO lao 5301401 school 1030201401 of 2567-1",
        "task 12345678-1234-4123-8123-123456789012 row 123456789012345678901a3c",
        "succeeded in 0.00451234567890123s",
        "port 8080, pid 12345, 5894420 rows",
        "the code 53014 0123456 was refused",
    ],
)
def test_ordinary_lines_stay(text):
    assert mask(text) == text


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("GET /students/show/1100012345678?next=x HTTP/1.1", f"GET /students/show/{MASK}?next=x HTTP/1.1"),
        ("?q=1+2345+67890+12+3&p=1", f"?q={MASK}&p=1"),
        ("name=%E0%B8%81" + "1-1000-12345-67-8", f"name=%E0%B8%81{MASK}"),
        ("row 12 1-1000-12345-67-8", f"row 12 {MASK}"),
        ("on 23 11 2567 1-1000-12345-67-8", f"on {MASK}"),
        ("1100012345678 5301401 1100012345678", f"{MASK} 5301401 {MASK}"),
        ("12345678901234", MASK),
        ("LEG 1234567", "LEG 1234567"),
        ("G123456789012,g-1234-5678-9012", f"{MASK},{MASK}"),
        ("１１０００１２３４５６７８", MASK),
    ],
)
def test_particular_lines(text, wanted):
    assert mask(text) == wanted


@pytest.fixture
def lines() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of its own with the filter installed, and what it has written."""
    before = logging.getLogRecordFactory()
    install_log_filter()
    install_log_filter()
    stream = io.StringIO()
    logger, handler = logging.getLogger("some.library"), logging.StreamHandler(stream)
    logger.addHandler(handler)
    logger.propagate, level = False, logger.level
    logger.setLevel(logging.INFO)
    yield logger, stream
    logger.removeHandler(handler)
    logger.propagate = True
    logger.setLevel(level)
    logging.setLogRecordFactory(before)


def test_messages_and_arguments_of_every_kind_are_masked(lines):
    logger, stream = lines
    logger.info("1100012345678")
    logger.info("pupil %s of %d", "1100012345678", 5301401)
    logger.info("pupil %(id)s", {"id": 1100012345678})
    logger.info("rows %r", [{"id": b"1100012345678"}])
    assert stream.getvalue().count(MASK) == 4
    assert "11000" not in stream.getvalue() and "of 5301401" in stream.getvalue()


def test_exceptions_and_stacks_are_masked(lines):
    logger, stream = lines
    try:
        raise ValueError("1-1000-12345-67-8 occurs twice") from KeyError("G123456789012")
    except ValueError:
        logger.exception("import failed for %s", "1100012345678", stack_info=True)
    text = stream.getvalue()
    assert text.count(MASK) >= 3 and "12345" not in text
    assert "ValueError" in text and "Traceback" in text and "Stack (most recent call last)" in text


def test_a_wrong_format_does_not_raise_and_is_masked(lines):
    logger, stream = lines
    logger.info("%d pupils", "1100012345678")
    assert MASK in stream.getvalue() and "11000" not in stream.getvalue()


def test_exc_info_without_an_exception(lines):
    logger, stream = lines
    logger.info("nothing", exc_info=True)
    assert "nothing" in stream.getvalue()

"""Any text fits its box whole: the rules of breaking and shrinking, and the printed page for whatever is typed."""

import re
import unicodedata
from contextlib import nullcontext

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.enums import Grade
from app.reports.forms.fitting import LINE, fit, printable
from app.reports.forms.lec2 import lec2_pdf
from app.reports.forms.paper import Paper
from app.reports.forms.rows import FormHead, NameRow
from app.thai import words
from tests.reports.pdf_reading import DAY, HEAD, texts

THAI = st.text(st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B))
SYLLABLES = st.lists(
    st.sampled_from(["น้ำ", "กำ", "ปั้น", "ญี่", "ปุ่น", "ปั๊ม", "ฎี", "ผู้", "ใหญ่", " ", "เก๋", "A1"]), max_size=60
)
TYPED = st.text() | THAI | SYLLABLES.map("".join)
NO_DEADLINE = settings(deadline=None)  # the first text waits for the dictionary to load
MARKS = "\u0e31\u0e33\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c"


def columns(text: str) -> float:
    """A measure like a font's: 0.6 a letter, nothing a mark above or below."""
    return 0.6 * sum(unicodedata.category(char) != "Mn" for char in text)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(TYPED, st.floats(5, 300), st.floats(3, 40), st.floats(4, 20))
@NO_DEADLINE
def test_fitted_text_is_inside_its_box_and_whole(text: str, width: float, height: float, size: float) -> None:
    text = " ".join(text.split())
    fitted, lines = fit(text, columns, width, height, size)
    assert 0 < fitted <= size
    assert len(lines) * fitted * LINE <= height * 1.0001
    assert all(columns(line) * fitted <= width * 1.0001 for line in lines)
    assert squeezed("".join(lines)) == squeezed(text)


@given(SYLLABLES.map("".join), st.floats(20, 60))
@NO_DEADLINE
def test_no_line_begins_with_a_mark(text: str, width: float) -> None:
    _, lines = fit(text.strip(), columns, width, 400, 10)
    assert not any(line.startswith(tuple(MARKS)) or line.endswith(("เ", "ใ")) for line in lines)


def test_lines_break_at_a_space_before_they_break_in_a_name_and_then_between_words() -> None:
    assert fit("ทุ่งน้ำใส ญี่ปุ่น", columns, 40, 40, 10)[1] == ["ทุ่งน้ำใส", "ญี่ปุ่น"]
    size, lines = fit("โรงเรียนประถมศึกษานครราชสีมา", columns, 70, 40, 10)
    assert (size > 8, "".join(lines)) == (True, "โรงเรียนประถมศึกษานครราชสีมา")
    assert lines[0] in ("โรงเรียน", "โรงเรียนประถม", "โรงเรียนประถมศึกษา")


@given(TYPED)
@NO_DEADLINE
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text


def test_words_are_found_without_spaces() -> None:
    assert words("โรงเรียนบ้านน้ำใส LEC ๑") == ["โรงเรียน", "บ้าน", "น้ำ", "ใส", " ", "LEC", " ", "๑"]


def test_what_the_font_lacks_is_replaced_and_what_does_not_print_is_gone() -> None:
    glyphs = frozenset(map(ord, "ab ๑๒"))
    assert printable("a\u200b\tb\n12\x00\ud800中😀", glyphs) == "a b ๑๒■■■"
    assert printable("12", glyphs | {0x31, 0x32}, thai_digits=False) == "12"


@given(TYPED, TYPED)
@settings(max_examples=25, deadline=None)
@example("😀 <b>**=1**</b>\n\\)(", "\ud800\x00")
@example("น้ำ" * 300, "ปั๊ม " * 100)
def test_whatever_is_typed_is_printed_on_one_page_and_copies_out(name: str, school: str) -> None:
    row = NameRow("1", name, "1990000000000", Grade.P1, "1")
    head = FormHead(2567, 2, school, school, school, None, school, school, school, school, school)
    [page] = texts(lec2_pdf(head, [row], made_on=DAY))
    wanted = squeezed(printable(name, Paper("", DAY).glyphs))
    assert f"๑๑{wanted}๑๙๙๐๐๐๐๐๐๐๐๐๐" in squeezed(page)


def test_readers_that_know_no_actual_text_get_no_control_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Paper, "_copied_as", lambda self, text: nullcontext())
    [page] = texts(lec2_pdf(HEAD, [NameRow("1", "น้ำ กำ", "1990000000000", Grade.P1, "1")], made_on=DAY))
    assert "น้ำ\u200b กำ\u200b" in page
    assert not any(unicodedata.category(char) == "Cc" for char in page.replace("\n", ""))


def test_a_title_with_control_characters_is_cleaned() -> None:
    head = FormHead(2567, 2, "ก\x00ข\nค\ud800", HEAD.affiliation, HEAD.lao)
    assert texts(lec2_pdf(head, [], made_on=DAY))[0].count("กข ค■") == 1

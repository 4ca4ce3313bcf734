"""Cells as text: reading a text that was read before gives the same text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.rules.imports.cells import text_of


@given(st.text(alphabet="'=+-@ \t\r\n\u202e\u00a0กA1", max_size=12) | st.text())
@example("'\n\u202e")
@example("'\n'=1")
def test_a_text_read_twice_is_the_same(text: str) -> None:
    assert text_of(text_of(text)) == text_of(text)


@pytest.mark.parametrize(("cell", "text"), [("'=1", "=1"), ("'\n=1", "=1"), ("'ก", "'ก"), ("''=1", "''=1"), ("'", "'")])
def test_only_what_an_export_puts_before_a_formula_goes(cell: str, text: str) -> None:
    assert text_of(cell) == text

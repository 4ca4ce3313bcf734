"""What the workbooks of rosters have in common: fonts, formats, and a table written row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import isfinite
from typing import Any

from app.reports.xlsx import FONT

LONGEST = 32_767
"""Characters a cell of a sheet holds."""
FIRST_DAY = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was: days before it cannot be written as days."""
EXACT = 2**53
"""Up to here a sheet, which knows floats only, keeps an integer's digits."""
Value = str | int | float | bool | date | None


def formats(book: Any) -> dict[str, Any]:
    """Formats by name; the colours are those of the pages."""
    base = {"font_name": FONT, "font_size": 14, "valign": "vcenter"}
    edge = {"border": 1, "border_color": "#D8D4CB"}
    head = {**base, "bold": True, "text_wrap": True, "align": "center", "border": 1, "border_color": "#B9D5DB"}
    looks: dict[str, dict[str, Any]] = {
        "title": {**base, "bold": True, "font_size": 18},
        "line": base,
        "quiet": {**base, "font_color": "#6B675F"},
        "head": {**head, "bg_color": "#E7F1F3"},
        "needed": {**head, "bg_color": "#0F6B7A", "font_color": "#FFFFFF", "border_color": "#0B5561"},
        "group": {**head, "bg_color": "#CFE4E8"},
        "note": {**base, "font_size": 12, "font_color": "#6B675F", "bg_color": "#F7F5F0", "text_wrap": True,
                 "valign": "top", **edge},
        "text": {**base, **edge, "num_format": "@"},
        "centre": {**base, **edge, "num_format": "@", "align": "center"},
        "wrapped": {**base, **edge, "num_format": "@", "text_wrap": True, "valign": "top"},
        "number": {**base, **edge, "num_format": "#,##0"},
        "decimal": {**base, **edge, "num_format": "0.0##"},
        "day": {**base, **edge, "num_format": "dd/mm/yyyy"},
        "trouble": {**base, **edge, "num_format": "@", "text_wrap": True, "valign": "top", "bg_color": "#FBEBE8",
                    "font_color": "#8C2A1C"},
        "trouble_head": {**head, "bg_color": "#B3361F", "font_color": "#FFFFFF", "border_color": "#8C2A1C"},
    }  # fmt: skip
    return {name: book.add_format(look) for name, look in looks.items()}


def write(sheet: Any, line: int, column: int, value: Value, look: dict[str, Any], name: str = "text") -> None:
    """Write one cell. A text is always a string cell, so that nothing in it can become a formula.

    Of a day before Excel's calendar the ISO text is written.
    """
    if value is None or value == "":
        sheet.write_blank(line, column, None, look[name])
    elif isinstance(value, str) or _is_no_cell(value):
        value = str(value)
        sheet.write_string(line, column, value[:LONGEST], look[name])
    elif isinstance(value, bool):
        sheet.write_boolean(line, column, value, look[name])
    elif isinstance(value, date):
        if value < FIRST_DAY:
            sheet.write_string(line, column, value.isoformat(), look["text"])
        else:
            sheet.write_datetime(line, column, value, look["day"])
    else:
        sheet.write_number(line, column, value, look["number" if isinstance(value, int) else "decimal"])


def _is_no_cell(value: object) -> bool:
    """Whether a number is one that a sheet cannot hold: no number at all, or an integer that a float would change."""
    if isinstance(value, float):
        return not isfinite(value)
    return isinstance(value, int) and abs(value) > EXACT


def print_setup(sheet: Any, first: int, last: int) -> None:
    """Landscape A4, as wide as the page, with the rows `first` to `last` on top of each page."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(first, last)


def table(
    sheet: Any, look: dict[str, Any], line: int, columns: dict[str, int], rows: Iterable[Sequence[Value]],
    wrapped: frozenset[str] = frozenset(),
) -> int:  # fmt: skip
    """Write a header at `line` and the rows below it, and freeze what is above them; the number of rows.

    columns: heading -> width in characters. wrapped: headings whose long texts take several lines.
    """
    for column, (heading, width) in enumerate(columns.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(line, column, heading, look["head"])
    sheet.freeze_panes(line + 1, 0)
    print_setup(sheet, line, line)
    styles = ["wrapped" if heading in wrapped else "text" for heading in columns]
    number = 0
    for number, row in enumerate(rows, start=1):
        for column, (value, style) in enumerate(zip(row, styles, strict=True)):
            write(sheet, line + number, column, value, look, style)
    return number

"""What goes wrong in cells on the way from a school's list to its file: one function for each quirk, by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.rules.titles import short_title
from app.thai import to_thai_digits
from tests.factories.rosters.lines import Line, every

Quirk = Callable[[list[Line]], None]

DAYS = ("birth_date", "admitted_on")
LONG_NAME = "กมลทิพย์ประภาศรีวิไลวรรณรัตนาภรณ์พิมพ์ชนกธิดารัตน์มณีฉาย"
"""60 characters."""
EPOCH = datetime(1899, 12, 30)
"""Day 0 of spreadsheets, as it works out from March 1900 on."""


def thai_digits(lines: list[Line]) -> None:
    """Numbers and dates in Thai digits."""
    for line in lines:
        for name in ("national_id", "student_no", "room", *DAYS):
            line.mend(name, "thai-digits", to_thai_digits(str(line.cells[name])))


def lost_zeros(lines: list[Line]) -> None:
    """ID and pupil numbers as numbers: what led by 0 is shorter now. A pupil number stays as short as it has become."""
    for line in lines:
        number = str(line.cells["national_id"])
        if number.startswith("0"):
            line.mend("national_id", "leading-zeros", int(number))
        elif number.isdigit():
            line.cells["national_id"] = int(number)
        line.cells["student_no"] = int(str(line.cells["student_no"]))
        line.pupil["student_no"] = str(line.cells["student_no"])


def scientific(lines: list[Line]) -> None:
    """ID numbers as 1.234567890123E+12, which still has all digits, and every fifth as 1.23457E+12, which has not."""
    for place, line in enumerate(lines):
        number = str(line.cells["national_id"])
        if not number.isdigit() or number.startswith("0"):
            continue
        if place % 5 == 0:
            line.cells["national_id"] = f"{int(number):.5E}"
            line.refused = "national_id"
        else:
            line.mend("national_id", "scientific", f"{int(number):.12E}")


def id_hyphens(lines: list[Line]) -> None:
    """1-2345-67890-12-3, and for every third blanks instead."""
    for place, line in enumerate(lines):
        number = str(line.cells["national_id"])
        parts = (number[:1], number[1:5], number[5:10], number[10:12], number[12:])
        line.mend("national_id", "separators", (" " if place % 3 == 0 else "-").join(parts))


def ce_dates(lines: list[Line]) -> None:
    """Days as dd/mm/yyyy in the Common Era."""
    for line, name, day in _days(lines):
        line.mend(name, "era", f"{day:%d/%m/%Y}")


def excel_dates(lines: list[Line]) -> None:
    """Days as the date cells of a spreadsheet: nothing is wrong with them."""
    for line, name, day in _days(lines):
        line.cells[name] = day


def excel_be_dates(lines: list[Line]) -> None:
    """Date cells into which the year of the Buddhist era was typed: 2560."""
    for line, name, day in _days(lines):
        cell = _in_year(day, day.year + 543)
        if cell is not None:  # 29 February 2559 is no day to a spreadsheet, so it stays the text that it is
            line.mend(name, "be-in-date-cell", cell)


def serials(lines: list[Line]) -> None:
    """Date cells that lost their format: the number of days since 1900."""
    for line, name, day in _days(lines):
        line.mend(name, "excel-serial", (day - EPOCH).days)


def two_digit_years(lines: list[Line]) -> None:
    """16/05/60: asked, not assumed."""
    for line, name, day in _days(lines):
        line.cells[name] = f"{day.day:02}/{day.month:02}/{(day.year + 543) % 100:02}"
        line.asked[f"{name}:two-digit-era"] = "be"
        line.repairs.append((name, "two-digit-year"))


def excel_years(lines: list[Line]) -> None:
    """Date cells of 1960 where somebody typed 16/5/60 and meant 2560."""
    for line, name, day in _days(lines):
        cell = _in_year(day, 1900 + (day.year + 543) % 100)
        if cell is None:
            continue
        line.cells[name] = cell
        line.asked[f"{name}:excel-year"] = "be"
        line.repairs.append((name, "excel-year"))


def us_dates(lines: list[Line]) -> None:
    """05/16/2560, the month first: a day above 12 raises the question, a smaller one depends on the answer."""
    for line, name, day in _days(lines):
        line.cells[name] = f"{day.month:02}/{day.day:02}/{day.year + 543}"
        if day.day != day.month:
            line.repairs.append((name, "day-month"))
            asked = line.asked if day.day > 12 else line.depends
            asked[f"{name}:day-month"] = "mdy"


def short_titles(lines: list[Line]) -> None:
    """ด.ช. for เด็กชาย."""
    for line in lines:
        title = short_title(str(line.cells["title"]))
        if title != line.cells["title"]:
            line.mend("title", "short-title", title)


def no_sex(lines: list[Line]) -> None:
    """Nothing about the sex: it follows from the title."""
    for line in lines:
        line.mend("sex", "sex-from-title", None)


def run_together_titles(lines: list[Line]) -> None:
    """The title in front of the first name, its own cell empty."""
    for line in lines:
        line.mend("first_name", "title-split", f"{line.cells['title']}{line.cells['first_name']}")
        line.mend("title", "title-split", None)


def run_together_names(lines: list[Line]) -> None:
    """First and last name in one cell, the other empty."""
    for line in lines:
        line.mend("first_name", "name-split", f"{line.cells['first_name']} {line.cells['last_name']}")
        line.mend("last_name", "name-split", None)


def invisible(lines: list[Line]) -> None:
    """Zero-width spaces, no-break spaces and blanks around names, as they come with text pasted from elsewhere."""
    for line in lines:
        line.mend("first_name", "invisible", f"\u200b{line.cells['first_name']}\ufeff")
        line.mend("last_name", "invisible", f"\u00a0{line.cells['last_name']} \u200b")
        line.mend("national_id", "invisible", f"{line.cells['national_id']}\u200b")


def wrong_ids(lines: list[Line]) -> None:
    """Every sixth ID number with another last digit."""
    for line in every(lines, 6, 1):
        number = str(line.cells["national_id"])
        if number.isdigit():
            line.cells["national_id"] = number[:12] + str((int(number[12]) + 1) % 10)
            line.refused = "national_id"


def long_names(lines: list[Line]) -> None:
    """Every fifth first name of 60 characters, which is no fault, and one of 120, which is."""
    for line in every(lines, 5):
        line.cells["first_name"] = line.pupil["first_name"] = LONG_NAME
    lines[-1].cells["first_name"] = LONG_NAME * 2
    lines[-1].refused = "first_name"


def emoji(lines: list[Line]) -> None:
    """Every sixth first name with a picture behind it."""
    for line in every(lines, 6, 2):
        line.cells["first_name"] = f"{line.cells['first_name']}😀"
        line.refused = "first_name"


def rtl(lines: list[Line]) -> None:
    """Every sixth last name in right-to-left script between marks of direction, which are invisible."""
    for line in every(lines, 6, 3):
        line.pupil["last_name"] = "عبد الله"
        line.mend("last_name", "invisible", "\u202bعبد الله\u202c")


def unknown_grades(lines: list[Line]) -> None:
    """Every sixth line in a grade that there is not."""
    for line in every(lines, 6, 4):
        line.cells["grade"] = "ป.9"
        line.refused = "grade"


IN_CELLS: dict[str, Quirk] = {
    quirk.__name__: quirk
    for quirk in (
        thai_digits, lost_zeros, scientific, id_hyphens, ce_dates, excel_dates, excel_be_dates, serials,
        two_digit_years, excel_years, us_dates, short_titles, no_sex, run_together_titles, run_together_names,
        invisible, wrong_ids, long_names, emoji, rtl, unknown_grades,
    )
}  # fmt: skip
"""Quirks of single cells."""

OF_DAYS = (
    "ce_dates", "excel_dates", "excel_be_dates", "serials", "two_digit_years", "excel_years", "us_dates",
)  # fmt: skip
"""Quirks of days: a line has one of them at most."""

IN_SHEETS = (
    "merged_cells", "mixed_sheets", "blank_rows", "repeated_header", "signatures", "doubled_rows", "closed_school",
)  # fmt: skip
"""Quirks of where lines stand; the layouts make them (see `sheets`), but for a closed school (see `files`)."""

QUIRKS = (*IN_CELLS, *IN_SHEETS)

TYPED = ("excel_dates", "excel_be_dates", "excel_years", "lost_zeros", "serials")
"""Quirks of cells with a type, which a text file has not; there the last two are plain digits."""


def _days(lines: list[Line]) -> list[tuple[Line, str, datetime]]:
    return [(line, name, line.pupil[name]) for line in lines for name in DAYS]


def _in_year(day: datetime, year: int) -> datetime | None:
    """The same day of another year; None where that is 29 February of a year without one."""
    try:
        return day.replace(year=year)
    except ValueError:
        return None

"""Dates in files: both eras, words, spreadsheets' numbers; what could be read two ways is asked, not assumed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.errors import Problem
from app.rules.imports import questions
from app.rules.imports.cells import BE_OFFSET, shown, worded
from app.rules.imports.seen import Seen, blank, mended, refused, tidied, too_long
from app.thai import parse_date, to_arabic_digits

LONGEST = 60
_CLOCK = re.compile(r"[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:AM|PM|น\.?))?Z?$", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,2})\s*([/.\-\s])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([/.\-])(\d{1,2})\2(\d{1,2})", re.ASCII)
_WORDED = re.compile(
    r"(?:วันที่\s*)?(?P<day>\d{1,2})[\s\-/.]*(?:เดือน\s*)?(?P<month>[^\d\s\-/]+?)[\s\-/]*(?:ปี\s*)?"
    r"(?P<era>พ\.?\s?ศ\.?|ค\.?\s?ศ\.?|B\.?E\.?|C\.?E\.?|A\.?D\.?)?\s*(?P<year>\d{4}|\d{2})(?P<after>\s*(?:B\.?E\.?|C\.?E\.?|A\.?D\.?))?",
    re.ASCII | re.IGNORECASE,
)
_SERIAL = re.compile(r"(\d{5,6})(?:\.\d+)?", re.ASCII)
_COMPACT = re.compile(r"\d{7,8}", re.ASCII)
_SERIAL_DAYS = (range(10_000, 73_051), range(182_622, 308_000))
"""Days since 30 December 1899 of CE years 1927-2099, and of BE years 2400-2743 taken for CE."""
_MISREAD = range(1930, 1970)
"""CE years that a spreadsheet makes of two-digit BE years ("60" becomes 1960) and that then lie in BE 2530-2569."""


@dataclass(slots=True)
class _Way:
    """How a text leads to a day: what was put right, asked, and what else could turn it."""

    text: str
    kinds: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    depends: list[str] = field(default_factory=list)


class DateReader:
    """Reads the dates of one field by the answers given for the file. today: decides what a two-digit year can be."""

    def __init__(self, name: str, answers: Mapping[str, str], today: date) -> None:
        self._field = name
        self._today = today
        kinds = ("two-digit-era", "excel-year", "day-month")
        self._keys = {kind: questions.key(name, kind) for kind in kinds}
        self._answers = {kind: answers.get(key, "") for kind, key in self._keys.items()}

    def read(self, text: str) -> Seen:
        """A midnight datetime; or why there is none, or what must be asked first."""
        if nothing := blank(self._field, text):
            return nothing
        if len(text) > LONGEST:
            return too_long(self._field, text, LONGEST)
        clean, kinds = tidied(text)
        arabic = to_arabic_digits(clean)
        way = _Way(arabic, [kind for kind in kinds if kind != "spaces"])
        if arabic != clean:
            way.kinds.append("thai-digits")
        if bare := _CLOCK.sub("", arabic):
            way.kinds += ["date-form"] if bare != arabic and "00:00" not in arabic else []
            arabic = bare
        try:
            day = self._day(arabic, way)
        except Problem as problem:
            return refused(self._field, text, shown(problem.th, 400), shown(problem.en, 400))
        asked = tuple(self._keys[kind] for kind in way.asked)
        depends = tuple(self._keys[kind] for kind in way.depends if kind not in way.asked)
        if day is None:
            return Seen(questions=asked, depends=depends)
        after = worded(day.day, day.month, day.year + BE_OFFSET)
        return Seen(
            datetime(day.year, day.month, day.day), mended(self._field, text, after, way.kinds), depends=depends
        )

    def _day(self, text: str, way: _Way) -> date | None:
        if found := _NUMERIC.fullmatch(text):
            return self._numeric(int(found[1]), int(found[3]), found[4], way)
        if found := _YEAR_FIRST.fullmatch(text):
            year = self._four_digits(int(found[1]), way)
            if int(found[1]) >= 2400 or found[2] != "-":
                way.kinds.append("date-form")
            return None if year is None else _checked(int(found[4]), int(found[3]), year)
        if found := _SERIAL.fullmatch(text):
            return self._serial(int(found[1]), way)
        if _COMPACT.fullmatch(text):
            return self._compact(text, way)
        if found := _WORDED.fullmatch(text):
            return self._worded(found, way)
        return parse_date(text, self._field)  # which says what is wrong

    def _numeric(self, first: int, second: int, written: str, way: _Way) -> date | None:
        day, month = self._in_order(first, second, way)
        year = self._year(written, "", way)
        return None if way.asked or year is None else _checked(day, month, year)

    def _in_order(self, first: int, second: int, way: _Way) -> tuple[int, int]:
        """Day and month; which is which is asked as soon as the second number can only be a day."""
        answer = self._answers["day-month"]
        if first == second or (first > 12 and second > 12):
            return first, second
        if second > 12 and not answer:
            way.asked.append("day-month")
        else:
            way.depends.append("day-month")
        if answer == "mdy":
            way.kinds.append("day-month")
            return second, first
        return first, second

    def _year(self, written: str, era: str, way: _Way) -> int | None:
        """The Common-era year of two or four digits; None where it must be asked."""
        if len(written) == 4:
            year = self._four_digits(int(written), way)
            if year == int(written) and not era and "excel-year" not in way.kinds:
                way.kinds.append("era")
            return year
        era = era or self._answers["two-digit-era"]
        if era not in ("be", "ce"):
            way.asked.append("two-digit-era")
            return None
        way.kinds.append("two-digit-year")
        return self._latest(int(written), BE_OFFSET if era == "be" else 0)

    def _latest(self, two: int, offset: int) -> int:
        """The latest year not after next year that ends in these two digits, counted in the era of the offset."""
        last = self._today.year + 1 + offset
        return last - (last - two) % 100 - offset

    def _four_digits(self, year: int, way: _Way) -> int | None:
        """The Common-era year; None where a spreadsheet may have made it of a two-digit one."""
        if 2400 <= year <= 2743:
            return year - BE_OFFSET
        if not 1900 <= year <= 2200:
            raise Problem(
                f"ปี {year} ไม่ใช่ทั้ง พ.ศ. 2400-2743 และ ค.ศ. 1900-2200 โปรดตรวจสอบและพิมพ์ปีสี่หลัก เช่น 10/06/2567",
                f"The year {year} fits neither era. Use 2400-2743 (BE) or 1900-2200 (CE), as in 10/06/2567.",
            )
        if year in _MISREAD and self._latest(year % 100, BE_OFFSET) > year:
            answer = self._answers["excel-year"]
            if answer == "be":
                way.kinds.append("excel-year")
                return self._latest(year % 100, BE_OFFSET)
            if answer != "ce":
                way.asked.append("excel-year")
                return None
        return year

    def _serial(self, days: int, way: _Way) -> date | None:
        if not any(days in known for known in _SERIAL_DAYS):
            return parse_date(way.text, self._field)
        way.kinds.append("excel-serial")
        stored = date(1899, 12, 30) + timedelta(days=days)
        year = self._four_digits(stored.year, way)
        return None if year is None else _checked(stored.day, stored.month, year)

    def _compact(self, text: str, way: _Way) -> date | None:
        """ "10062567" or "25670610", where only one of the two gives a day."""
        eight = text.zfill(8)
        found = set()
        for dd, mm, yyyy in ((eight[:2], eight[2:4], eight[4:]), (text[6:], text[4:6], text[:4])):
            if len(dd) == 2 and (2440 <= int(yyyy) <= 2643 or 1930 <= int(yyyy) <= 2100):
                found.add((int(dd), int(mm), int(yyyy)))
        possible = [one for one in found if _is_day(*one)]
        if len(possible) != 1:
            return parse_date(text, self._field)
        first, second, written = possible[0]
        way.kinds.append("date-form")
        year = self._four_digits(written, way)
        return None if year is None else _checked(first, second, year)

    def _worded(self, found: re.Match[str], way: _Way) -> date | None:
        mark = (found["era"] or found["after"] or "").strip()
        era = "" if not mark else "be" if mark[0] in "พBb" else "ce"
        written = found["year"]
        if len(written) == 4 and era:  # the mark must fit the year
            return parse_date(f"{found['day']} {found['month']} {mark} {written}", self._field)
        year = self._year(written, era, way)
        if year is None:
            return None
        return parse_date(f"{found['day']} {found['month']} {year + BE_OFFSET}", self._field)


def _is_day(day: int, month: int, year: int) -> bool:
    try:
        date(year - BE_OFFSET if year >= 2400 else year, month, day)
    except ValueError:
        return False
    return True


def _checked(day: int, month: int, year: int) -> date:
    """The day of a Common-era year, or a Problem that says what is wrong."""
    if _is_day(day, month, year):
        return date(year, month, day)
    return parse_date(f"{day:02}/{month:02}/{year + BE_OFFSET}")

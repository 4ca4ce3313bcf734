"""Thai habits of writing: digits, codes, names, Buddhist-era dates, academic and fiscal years (thin over pythainlp)."""

import os
import re
import unicodedata
from datetime import date
from functools import cache
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Literal, NoReturn

from app.errors import Problem

BE_OFFSET = 543
_BE_YEARS = range(2400, 2744)
_CE_YEARS = range(1900, 2201)
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_CODE_NOISE = re.compile(r"[\s\-\u2010-\u2015\u2212]")
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_ERA = r"(?P<{}>พ\.?\s?ศ\.?|ค\.?\s?ศ\.?|B\.?E\.?|C\.?E\.?|A\.?D\.?)"
_WORDED = re.compile(
    r"(?:วันที่\s*)?(?P<day>\d{1,2})\s*(?P<month>[^\d\s]+?)\s*"
    + rf"(?:{_ERA.format('era')}\s*)?(?P<year>\d{{4}})(?:\s*{_ERA.format('era_after')})?",
    re.ASCII | re.IGNORECASE,
)
_TWO_DIGIT_YEAR = re.compile(r"\d{1,2}\D+(?:\d{1,2}\D+)?\d{2}", re.ASCII)
# Thai and ASCII signs with single spaces between, none of them in an order that `reorder_vowels` or NFC would change:
# most names are so, and need nothing done.
_PLAIN = re.compile(r"(?:[!-~\u0e01-\u0e5b]+(?: [!-~\u0e01-\u0e5b]+)*)?")
_OUT_OF_ORDER = re.compile(
    "\u0e40\u0e40|[\u0e3a\u0e45\u0e4d]|[\u0e48-\u0e4c][\u0e31\u0e34-\u0e39]|[\u0e30\u0e32\u0e33][\u0e48-\u0e4b]"
)
_importing = Lock()


@cache
def pythainlp(module: str) -> ModuleType:
    """pythainlp's module of this name, imported at first use: about 50 ms, which a start-up need not wait for.

    By one thread at a time: its modules import each other in circles, which two threads see half done.
    """
    # Without this the import makes a data folder in the home directory, and fails where there is none.
    if "PYTHAINLP_READ_MODE" not in os.environ:
        os.environ.setdefault("PYTHAINLP_READ_ONLY", "1")
    with _importing:
        return import_module(f"pythainlp.{module}")


def to_arabic_digits(text: str) -> str:
    """`text` with ๐-๙ as 0-9; everything else unchanged."""
    if text.isascii():
        return text
    return str(pythainlp("util.digitconv").thai_digit_to_arabic_digit(text))


def to_thai_digits(text: str) -> str:
    """`text` with 0-9 as ๐-๙; everything else unchanged."""
    return str(pythainlp("util.digitconv").arabic_digit_to_thai_digit(text))


def _without_invisible(text: str) -> str:
    """`text` in NFC without format and control characters; line breaks and tabs count as spaces."""
    spaced = (" " if ch in "\t\r\n" else ch for ch in unicodedata.normalize("NFC", text))
    return "".join(ch for ch in spaced if unicodedata.category(ch) not in ("Cf", "Cc"))


def normalise_code(text: str) -> str:
    """A code or number as stored: Arabic digits, no spaces, hyphens or invisible characters. Case is kept."""
    if text.isascii() and text.isalnum():
        return text
    return _CODE_NOISE.sub("", to_arabic_digits(_without_invisible(text)))


def normalise_name(text: str) -> str:
    """A name as stored: no invisible characters, single spaces, vowels in order (two sara e become sara ae)."""
    if _PLAIN.fullmatch(text) and not _OUT_OF_ORDER.search(text):
        return text
    spaced = " ".join(_without_invisible(text).split())
    return str(pythainlp("util.normalize").reorder_vowels(spaced))


def words(text: str) -> list[str]:
    """Words and spaces of `text` in order, where a line may be broken; joined they are `text` again.

    Thai is written without spaces between words: a dictionary finds them. Without Thai, only spaces separate.
    """
    pieces: list[str] = []
    for part in re.split("( )", text):
        pieces.extend([part] if part.isascii() else _thai_words(part))
    return [piece for piece in pieces if piece]


def _thai_words(text: str) -> list[str]:
    found = [str(word) for word in pythainlp("tokenize").word_tokenize(text, engine="newmm")]
    return found if "".join(found) == text else [text]


def to_be(year: int) -> int:
    """Buddhist-era year of a Common-era year (2024 -> 2567)."""
    return year + BE_OFFSET


def to_ce(year: int) -> int:
    """Common-era year of a Buddhist-era year (2567 -> 2024)."""
    return year - BE_OFFSET


def academic_year(day: date) -> int:
    """Academic year (BE) of a day: 16 May to 15 May (Ministry of Education rule on the academic year, BE 2549)."""
    return to_be(day.year if (day.month, day.day) >= (5, 16) else day.year - 1)


def fiscal_year(day: date) -> int:
    """Government fiscal year (BE) of a day: 1 October to 30 September, named after the year it ends in."""
    return to_be(day.year + 1 if day.month >= 10 else day.year)


def format_date(day: date, locale: str = "th", style: Literal["short", "long", "numeric"] = "short") -> str:
    """A date in the Buddhist era.

    short "10 มิ.ย. 2567" / "10 Jun 2567 BE", long "10 มิถุนายน 2567" / "10 June 2567 BE", numeric "10/06/2567" in both.
    Any locale that does not begin with "en" is written in Thai. `parse_date` reads every form back.
    """
    year = to_be(day.year)
    if style == "numeric":
        return f"{day.day:02}/{day.month:02}/{year}"
    if locale.startswith("en"):
        month = _ENGLISH_MONTHS[day.month - 1]
        return f"{day.day} {month if style == 'long' else month[:3]} {year} BE"
    names = pythainlp("util.date")
    months = names.thai_full_months if style == "long" else names.thai_abbr_months
    return f"{day.day} {months[day.month - 1]} {year}"


def parse_date(text: str, field: str | None = None) -> date:
    """The day written in `text`, in Thai or Arabic digits.

    Reads dd/mm/yyyy (also with - or .), yyyy-mm-dd, "10 มิ.ย. 2567", "10 มิถุนายน พ.ศ. 2567", "10 June 2567 BE". Years
    2400-2743 are Buddhist era, 1900-2200 Common era. Raises Problem (on `field`) for anything else.
    """
    cleaned = to_arabic_digits(normalise_name(text))
    if match := _NUMERIC.fullmatch(cleaned):
        day, month, year, era = match[1], int(match[3]), match[4], None
    elif match := _ISO.fullmatch(cleaned):
        day, month, year, era = match[3], int(match[2]), match[1], None
    elif match := _WORDED.fullmatch(cleaned):
        day, month, year = match["day"], _month(match["month"]), match["year"]
        era = match["era"] or match["era_after"]
    else:
        _refuse_form(cleaned, field)
    ce_year = _ce_year(int(year), era, cleaned, field)
    try:
        return date(ce_year, month, int(day))
    except ValueError:
        raise Problem(
            f"วันที่ “{cleaned[:40]}” ไม่มีในปฏิทิน โปรดตรวจสอบวันและเดือน เช่น 10/06/2567",
            f"There is no such day as “{cleaned[:40]}”. Check the day and the month, as in 10/06/2567.",
            field,
        ) from None


@cache
def _months() -> dict[str, int]:
    """Month number by name: Thai and English, full and short, lower case, without dots."""
    names = pythainlp("util.date")
    found: dict[str, int] = {}
    for number, english in enumerate(_ENGLISH_MONTHS, start=1):
        thai = [name for name in names.thai_full_month_lists[number - 1] if not name.isdigit()]
        for name in (*thai, names.thai_abbr_months[number - 1], english, english[:3]):
            found[_month_key(name)] = number
    return found


def _month(name: str) -> int:
    """Month number of a name, 0 (which no calendar has) where it is unknown."""
    return _months().get(_month_key(name), 0)


def _month_key(name: str) -> str:
    return name.replace(".", "").lower()


def _ce_year(year: int, era: str | None, text: str, field: str | None) -> int:
    """The Common-era year; an era that is written must fit the year."""
    buddhist = era is not None and era[0].upper() in "พB"
    if year in _BE_YEARS and (era is None or buddhist):
        return to_ce(year)
    if year in _CE_YEARS and (era is None or not buddhist):
        return year
    raise Problem(
        f"ไม่ทราบว่าปี {year} ใน “{text[:40]}” เป็น พ.ศ. หรือ ค.ศ. โปรดใช้ พ.ศ. 2400-2743 หรือ ค.ศ. 1900-2200",
        f"The year {year} in “{text[:40]}” fits neither era. Use 2400-2743 (BE) or 1900-2200 (CE).",
        field,
    )


def _refuse_form(text: str, field: str | None) -> NoReturn:
    if _TWO_DIGIT_YEAR.fullmatch(text):
        raise Problem(
            f"ปีใน “{text[:40]}” มีเพียงสองหลัก จึงไม่ทราบว่าเป็น พ.ศ. หรือ ค.ศ. โปรดพิมพ์ปีสี่หลัก เช่น 10/06/2567",
            f"The year in “{text[:40]}” has two digits, so its era is unknown. Type four digits, as in 10/06/2567.",
            field,
        )
    raise Problem(
        f"อ่านวันที่ “{text[:40]}” ไม่ได้ โปรดพิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 10/06/2567",
        f"“{text[:40]}” cannot be read as a date. Type day/month/year (BE), as in 10/06/2567.",
        field,
    )

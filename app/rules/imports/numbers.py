"""Numbers in files: ID numbers, numbers of students, rooms and schools, weights and heights, years and terms."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from app.rules import national_id
from app.rules.imports.cells import BE_OFFSET
from app.rules.imports.fields import label
from app.rules.imports.seen import Seen, blank, mended, odd, refused, tidied, too_long
from app.thai import normalise_code, to_arabic_digits

MOST = {"student_no": 20, "room": 10, "school_code": 20}
RANGES = {"weight_kg": (1, 300), "height_cm": (30, 250)}
LONGEST_ID = 60
"""Characters of a cell, with all that may stand around the digits."""
SHORTEST_ID = 10
"""Digits of an ID from which lost zeros may be put back: the check digit fits one number in ten by chance."""
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})")
_FORMULA_TEXT = re.compile(r'="?([^"]*)"?')
_WHOLE = re.compile(r"([0-9]+)\.0+")
_MEASURE = re.compile(
    r"([0-9]+(?:[.,][0-9]+)*)\s*(?:กิโลกรัม|กิโล|โล|เซนติเมตร|เซ็นติเมตร|เซน|kgs?|cms?|ก\.?ก|ซ\.?ม)?\.?", re.IGNORECASE
)
_MONTH_NAMED = re.compile(r"\d{1,2} (?:ม\.ค|ก\.พ|มี\.ค|เม\.ย|พ\.ค|มิ\.ย|ก\.ค|ส\.ค|ก\.ย|ต\.ค|พ\.ย|ธ\.ค)\. \d{4}")
_ROOM_WORD = re.compile(r"(?:ห้อง(?:เรียน)?(?:ที่)?|room)\s*", re.IGNORECASE)


def read_id(text: str, field: str = "national_id") -> Seen:
    """An ID number or a G-code. Lost zeros are put back only where the check digit then fits."""
    if nothing := blank(field, text):
        return nothing
    if len(text) > LONGEST_ID:
        return too_long(field, text, LONGEST_ID)
    number, kinds = _code(text)
    if number.upper() != number:
        number, kinds = number.upper(), [*kinds, "letters"]
    if lost := _SCIENTIFIC.fullmatch(number):
        written = _written_out(lost)
        if written is None:
            return _digits_lost(field, text)
        number, kinds = written, [*kinds, "scientific"]
    if SHORTEST_ID <= len(number) < 13 and number.isdigit() and national_id.is_valid_thai_id(number.zfill(13)):
        number, kinds = number.zfill(13), [*kinds, "leading-zeros"]
    if wrong := national_id.problem(number):
        return refused(field, text, wrong.th, wrong.en)
    return Seen(number, mended(field, text, number, kinds)) if kinds else Seen(number)


def read_code(text: str, field: str) -> Seen:
    """A number in the school, a room or a school's code: text of letters and digits, leading zeros kept."""
    if nothing := blank(field, text):
        return nothing
    if text.isascii() and text.isalnum() and len(text) <= MOST[field] and not _SCIENTIFIC.fullmatch(text):
        return Seen(text)
    if len(text) > 4 * MOST[field]:
        return too_long(field, text, MOST[field])
    if _MONTH_NAMED.fullmatch(text):
        return _made_a_date(field, text)
    number, kinds = _code(text)
    if field == "room" and (word := _ROOM_WORD.match(number)) and word.end() < len(number):
        number, kinds = number[word.end() :], [*kinds, "unit"]
    if _SCIENTIFIC.fullmatch(number) and "+" in number:
        return _digits_lost(field, text)
    if len(number) > MOST[field]:
        return too_long(field, number, MOST[field])
    if wrong := odd(field, number):
        return wrong
    return Seen(number or None, mended(field, text, number, kinds))


def read_measure(text: str, field: str) -> Seen:
    """A weight in kilograms or a height in centimetres, as a float."""
    if nothing := blank(field, text):
        return nothing
    clean, kinds = tidied(text)
    if not clean.isascii() and (arabic := to_arabic_digits(clean)) != clean:
        clean, kinds = arabic, [*kinds, "thai-digits"]
    found = _MEASURE.fullmatch(clean)
    value = _decimal(found[1]) if found else None
    th, en = label(field)
    if value is None or found is None:
        return refused(
            field, text,
            f"อ่าน{th}ไม่ได้ โปรดพิมพ์เป็นตัวเลขอย่างเดียว เช่น 25.5",
            f"“{en}” cannot be read. Type a plain number, as in 25.5.",
        )  # fmt: skip
    if value == 0:
        return Seen(repairs=mended(field, text, "", ["blank-mark"]))
    low, high = RANGES[field]
    if not low <= value <= high:
        return refused(
            field, text,
            f"{th}ต้องอยู่ระหว่าง {low} ถึง {high} โปรดตรวจสอบตัวเลขและหน่วย (น้ำหนักเป็นกิโลกรัม ส่วนสูงเป็นเซนติเมตร)",
            f"“{en}” lies between {low} and {high}. Check the number and its unit (kilograms, centimetres).",
        )  # fmt: skip
    plain = f"{value.normalize():f}"
    if found[1] != clean:
        kinds.append("unit")
    if "," in found[1]:
        kinds.append("number-form")
    return Seen(float(value), mended(field, text, plain, kinds))


def read_year(text: str, field: str = "academic_year") -> Seen:
    """An academic year in the Buddhist era, as text of four digits; "2567", "1/2567" and 2024 are understood."""
    if nothing := blank(field, text):
        return nothing
    found = re.search(r"(?<!\d)(\d{4})(?!\d)", to_arabic_digits(text))
    year = int(found[1]) if found else 0
    if 1900 <= year <= 2200:
        return Seen(str(year + BE_OFFSET), mended(field, text, str(year + BE_OFFSET), ["era"]))
    if not 2400 <= year <= 2743:
        return refused(
            field, text,
            "อ่านปีการศึกษาไม่ได้ โปรดพิมพ์ พ.ศ. สี่หลัก เช่น 2567",
            "The academic year cannot be read. Type four digits (BE), as in 2567.",
        )  # fmt: skip
    return Seen(str(year))


def read_term(text: str, field: str = "term") -> Seen:
    """A term, "1" to "3"; "1/2567" and "ภาคเรียนที่ 1" are understood."""
    if nothing := blank(field, text):
        return nothing
    found = re.search(r"(?<!\d)([1-3])(?!\d)", to_arabic_digits(text))
    if found is None:
        return refused(
            field, text,
            "อ่านภาคเรียนไม่ได้ โปรดพิมพ์ 1 หรือ 2",
            "The term cannot be read. Type 1 or 2.",
        )  # fmt: skip
    return Seen(found[1])


def _code(text: str) -> tuple[str, list[str]]:
    """A number without what people and spreadsheets put around it, however deep; the kinds of mending done."""
    clean, kinds = tidied(text)
    kinds = [kind for kind in kinds if kind != "spaces"]
    if (arabic := to_arabic_digits(clean)) != clean:
        kinds.append("thai-digits")
    if arabic.startswith("'") or (found := _FORMULA_TEXT.fullmatch(arabic)):
        arabic = arabic[1:] if arabic.startswith("'") else found[1]  # type: ignore[index]
        kinds.append("number-form")
    if whole := _WHOLE.fullmatch(arabic):
        arabic = whole[1]
        kinds.append("number-form")
    if _SCIENTIFIC.fullmatch(arabic.replace(" ", "")):
        return arabic.replace(" ", ""), kinds
    bare = normalise_code(arabic)
    if bare == arabic:
        return bare, kinds
    inner, more = _code(bare)  # below a sign or a space may lie an apostrophe, or a number with ".0"
    return inner, [*kinds, "separators", *more]


def _written_out(lost: re.Match[str]) -> str | None:
    """The number of a scientific notation, or None where it does not hold every digit."""
    digits, power = lost[1] + (lost[2] or ""), int(lost[3])
    return digits if len(digits) == power + 1 else None


def _decimal(text: str) -> Decimal | None:
    """25.5, 1,050 and 25,5 as numbers; None for 1,05,0."""
    if re.fullmatch(r"[0-9]+,[0-9]{1,2}", text):
        text = text.replace(",", ".")
    elif "," in text:
        if not re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", text):
            return None
        text = text.replace(",", "")
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _digits_lost(field: str, text: str) -> Seen:
    th, en = label(field)
    return refused(
        field, text,
        f"{th}ถูกตารางคำนวณย่อเป็นเลขยกกำลัง ตัวเลขบางหลักหายไปแล้ว โปรดจัดรูปแบบคอลัมน์เป็นข้อความ (Text) แล้วพิมพ์เลขใหม่",
        f"“{en}” was shortened to scientific notation and lost digits. Format the column as text and type it anew.",
    )  # fmt: skip


def _made_a_date(field: str, text: str) -> Seen:
    th, en = label(field)
    return refused(
        field, text,
        f"{th}ถูกตารางคำนวณเปลี่ยนเป็นวันที่ โปรดจัดรูปแบบคอลัมน์เป็นข้อความ (Text) แล้วพิมพ์ใหม่",
        f"“{en}” was turned into a date by the spreadsheet. Format the column as text and type it anew.",
    )  # fmt: skip

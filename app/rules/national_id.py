"""Identity numbers of learners: 13-digit Thai IDs with their check digit, and G-codes for those who have none.

A leading 0 is allowed (people without civil status have such numbers and do attend school); python-stdnum refuses it.
No function here puts a number into a message: messages may be logged.
"""

import re
from operator import mul

from app.rules.findings import Finding
from app.thai import normalise_code

_THAI_ID = re.compile(r"[0-9]{13}")
_G_CODE = re.compile(r"G[0-9]{12}")
_TWELVE = re.compile(r"[0-9]{12}")
_WEIGHTS = tuple(range(13, 1, -1))
_OF_ZEROS = sum(_WEIGHTS) * ord("0")
_MASKED = "x-xxxx-xxxxx-xx-x"
_SHOWN = re.compile(r"[0-9G]-[0-9]{4}-xxxxx-xx-[0-9]")


def normalise(text: str) -> str:
    """The number as stored: Arabic digits, capital G, no spaces, hyphens or invisible characters. No check is made."""
    return normalise_code(text).upper()


def check_digit(first_twelve: str) -> str:
    """Check digit of 12 ASCII digits: (11 - sum of (14 - i) * digit i mod 11) mod 10, i counted from 1.

    Raises ValueError for anything but 12 digits.
    """
    if not _TWELVE.fullmatch(first_twelve):
        raise ValueError("12 digits are needed")
    return _check_digit(first_twelve)


def _check_digit(digits: str) -> str:
    # The codes of ASCII digits begin at 48: taking that off the sum is faster than making a number of each.
    total = sum(map(mul, _WEIGHTS, digits.encode())) - _OF_ZEROS
    return str((11 - total % 11) % 10)


def is_valid_thai_id(number: str) -> bool:
    """Whether a normalised number has 13 digits and the right check digit; a leading 0 is allowed."""
    return _THAI_ID.fullmatch(number) is not None and _check_digit(number[:12]) == number[12]


def is_g_code(number: str) -> bool:
    """Whether a normalised number is "G" and 12 digits; G-codes have no check digit."""
    return _G_CODE.fullmatch(number) is not None


def mask(number: str) -> str:
    """The number fit for a list or a log: "1-3012-xxxxx-xx-3". Anything that is no ID or G-code is masked whole.

    What is masked already stays as it is.
    """
    if _SHOWN.fullmatch(number):
        return number
    cleaned = normalise(number)
    if not (_THAI_ID.fullmatch(cleaned) or _G_CODE.fullmatch(cleaned)):
        return _MASKED
    return f"{cleaned[0]}-{cleaned[1:5]}-xxxxx-xx-{cleaned[12]}"


def problem(text: str, field: str = "national_id") -> Finding | None:
    """What is wrong with a number as typed (it is normalised first), or None."""
    if is_valid_thai_id(text):
        return None  # as nearly every stored one is
    number = normalise(text)
    if is_g_code(number) or is_valid_thai_id(number):
        return None
    return Finding(*_reason(number), field)


def _reason(number: str) -> tuple[str, str]:
    """The Thai and English sentence for a number that is neither a valid ID nor a G-code."""
    if not number:
        return (
            "ยังไม่ได้กรอกเลขประจำตัวประชาชน โปรดกรอกเลข 13 หลัก หรือรหัส G",
            "The ID number is missing. Enter 13 digits, or the G-code.",
        )
    if number.startswith("G"):
        return (
            "รหัส G ต้องเป็นตัวอักษร G ตามด้วยตัวเลข 12 หลัก โปรดตรวจสอบ",
            "A G-code is the letter G followed by 12 digits. Check it.",
        )
    if not re.fullmatch(r"[0-9]+", number):
        return (
            "เลขประจำตัวประชาชนมีอักขระที่ไม่ใช่ตัวเลข โปรดกรอกตัวเลข 13 หลัก",
            "The ID number holds characters that are not digits. Enter 13 digits.",
        )
    if len(number) == 13:
        return (
            "เลขประจำตัวประชาชนไม่ถูกต้อง (เลขหลักสุดท้ายไม่ตรง) โปรดตรวจสอบกับบัตรหรือทะเบียนบ้าน",
            "The ID number is wrong (its last digit does not fit). Check it against the card or house registration.",
        )
    return _wrong_length(number)


def _wrong_length(number: str) -> tuple[str, str]:
    th = f"เลขประจำตัวประชาชนมี {len(number)} หลัก แต่ต้องมี 13 หลัก"
    en = f"The ID number has {len(number)} digits and needs 13."
    if len(number) < 13 and is_valid_thai_id(number.zfill(13)):
        return (
            f"{th} โปรแกรมตารางคำนวณอาจตัดเลข 0 ข้างหน้าออก โปรดเติมให้ครบ",
            f"{en} A spreadsheet may have dropped its leading 0; put it back.",
        )
    return f"{th} โปรดตรวจสอบ", f"{en} Check it."

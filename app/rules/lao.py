"""Codes of local administrative organisations: seven digits T PP AA NN.

PP is the province and PPAA the district (DOPA). T is no safe source of the type: organisations are upgraded and keep
their code.
"""

import re

from app.errors import Problem
from app.thai import normalise_code

_SEVEN_DIGITS = re.compile(r"[1-9][0-9]{6}")


def normalise_lao_code(text: str, field: str = "code") -> str:
    """The seven-digit code; takes Thai digits, spaces, hyphens and the eight-digit form with a leading 0.

    Raises Problem on `field` for anything else.
    """
    code = normalise_code(text)
    if len(code) == 8 and code.startswith("0"):
        code = code[1:]
    if _SEVEN_DIGITS.fullmatch(code):
        return code
    if code.isascii() and code.isdigit() and len(code) != 7:
        raise Problem(
            f"รหัส อปท. “{code[:20]}” มี {len(code)} หลัก แต่ต้องมี 7 หลัก โปรดตรวจสอบ",
            f"The LAO code “{code[:20]}” has {len(code)} digits and needs 7. Check it.",
            field,
        )
    raise Problem(
        f"รหัส อปท. “{code[:20]}” ไม่ถูกต้อง ต้องเป็นตัวเลข 7 หลักที่ไม่ขึ้นต้นด้วย 0 เช่น 6301408",
        f"“{code[:20]}” is not an LAO code. It is 7 digits that do not begin with 0, such as 6301408.",
        field,
    )


def province_of(code: str) -> str:
    """Two-digit province code inside a seven-digit LAO code."""
    return code[1:3]


def district_of(code: str) -> str:
    """Four-digit district code inside a seven-digit LAO code."""
    return code[1:5]

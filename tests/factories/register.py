"""Small register files as the DLA writes them: good rows, and one of each kind of broken row."""

from collections.abc import Iterable
from pathlib import Path

from app.rules.lao_register import COLUMNS

HEADER = ",".join(COLUMNS)

GOOD = (
    "5301401,ตะขบ,เทศบาลตำบล,30,ปักธงชัย,14.64,101.8,12.6",
    "6301408,ตะขบ,องค์การบริหารส่วนตำบล,30,ปักธงชัย,14.64,101.8,330",
    "3300102,นครราชสีมา,เทศบาลนคร,30,เมืองนครราชสีมา,,,",
)

BROKEN = {
    "bad code": ("63X1409,ก,เทศบาลตำบล,30,ปักธงชัย,,,", "lao_code"),
    "wrong digit count": ("630140,ก,เทศบาลตำบล,30,ปักธงชัย,,,", "lao_code"),
    "duplicate code": (GOOD[0], "lao_code"),
    "unknown district": ("6301410,ก,องค์การบริหารส่วนตำบล,30,ไม่มีอำเภอนี้,,,", "district_th"),
    "wrong province": ("6301411,ก,องค์การบริหารส่วนตำบล,31,ปักธงชัย,,,", "province_code"),
    "unknown type": ("6301412,ก,หมู่บ้าน,30,ปักธงชัย,,,", "type_th"),
    "no name": ("6301413,,องค์การบริหารส่วนตำบล,30,ปักธงชัย,,,", "name_th"),
    "not a number": ("6301414,ก,องค์การบริหารส่วนตำบล,30,ปักธงชัย,เหนือ,,", "latitude"),
    "too few cells": ("6301415,ก,องค์การบริหารส่วนตำบล", ""),
}
"""Kind of fault -> (line, column at fault)."""

FULL_REGISTER = Path(__file__).parents[3] / "shared" / "data" / "lao_register.csv"
"""The real register beside a checkout of the project's own workshop; absent elsewhere."""


def register(rows: Iterable[str] = GOOD, header: str = HEADER, encoding: str = "utf-8") -> bytes:
    """The bytes of a register file."""
    return "\n".join([header, *rows, ""]).encode(encoding)


def broken_register() -> bytes:
    """The good rows, then one broken row of each kind, then one whose bytes are not UTF-8."""
    bad = "6301416,ก,องค์การบริหารส่วนตำบล,30,ปักธงชัย,,,".encode("cp874")
    return register([*GOOD, *(line for line, _ in BROKEN.values())]) + bad + b"\n"

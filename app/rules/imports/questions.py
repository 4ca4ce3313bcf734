"""What a file can leave open so that a person must say it, once for the whole file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A question and its answers. options: (value, th, en); none: a text is asked for. suggested: "" for none."""

    th: str
    en: str
    options: tuple[tuple[str, str, str], ...] = ()
    suggested: str = ""


_ERAS = (("be", "พุทธศักราช (พ.ศ.)", "Buddhist era"), ("ce", "คริสต์ศักราช (ค.ศ.)", "Common era"))

KINDS: dict[str, Kind] = {
    "two-digit-era": Kind(
        "ปีในไฟล์มีสองหลัก เช่น 10/06/60 ปีเหล่านี้เป็น พ.ศ. หรือ ค.ศ.",
        "Years in the file have two digits, as in 10/06/60. Which era are they?",
        _ERAS,
        "be",
    ),
    "excel-year": Kind(
        "ไฟล์มีปี ค.ศ. 1930-1969 ซึ่งมักเกิดจากการพิมพ์ปี พ.ศ. สองหลัก เช่น 60 แล้วโปรแกรมเก็บเป็น 1960 ปีที่พิมพ์คือ พ.ศ. 2560 "
        "(เลือก พ.ศ.) หรือเป็นปี ค.ศ. 1960 จริง (เลือก ค.ศ.)",
        "The file has years 1930-1969. A spreadsheet makes them of two-digit years: 60, meant as BE 2560, becomes "
        "1960. Were they typed as Buddhist-era years, or are they right as they are?",
        _ERAS,
        "be",
    ),
    "day-month": Kind(
        "ไฟล์มีวันที่ซึ่งเลขตัวที่สองมากกว่า 12 เช่น 06/25/2560 วันที่ในไฟล์นี้เขียน วัน/เดือน/ปี หรือ เดือน/วัน/ปี",
        "The file has dates whose second number is above 12, as in 06/25/2560. Is the day or the month written first?",
        (("dmy", "วัน/เดือน/ปี", "Day/month/year"), ("mdy", "เดือน/วัน/ปี", "Month/day/year")),
    ),
    "admitted-on": Kind(
        "ไฟล์ไม่มีวันที่เข้าเรียน นักเรียนที่เพิ่มใหม่เข้าเรียนวันใด (วว/ดด/ปปปป พ.ศ.)",
        "The file has no admission date. When were the new students admitted (dd/mm/yyyy, BE)?",
    ),
}
"""kind -> the question; keys of `ImportRun.answers` are made by `key`."""


def key(field: str, kind: str) -> str:
    """The key of a question about a field: "birth_date:two-digit-era"."""
    return f"{field}:{kind}"

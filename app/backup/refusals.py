"""What is said of a backup file that cannot be used, once for reading, checking and restoring."""

from __future__ import annotations

from app.errors import Problem


def damaged(why_th: str, why_en: str) -> Problem:
    """The sentence about a file whose content is not what was written."""
    return Problem(
        f"ไฟล์สำรองข้อมูลเสียหาย ({why_th}): ใช้ไฟล์นี้ไม่ได้ โปรดใช้สำเนาอื่น",
        f"The backup file is damaged ({why_en}): it cannot be used; take another copy.",
    )


def not_a_backup() -> Problem:
    return Problem(
        "ไฟล์นี้ไม่ใช่ไฟล์สำรองข้อมูลของ LEC: ตรวจสอบชื่อไฟล์อีกครั้ง",
        "This file is not a backup of LEC: look at its name again.",
    )


def newer_format() -> Problem:
    return Problem(
        "ไฟล์สำรองนี้สร้างโดย LEC รุ่นใหม่กว่า: ปรับรุ่นโปรแกรมก่อน แล้วกู้คืนอีกครั้ง",
        "This backup was made by a newer LEC: upgrade the program first, then restore.",
    )

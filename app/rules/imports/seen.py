"""What looking at one text gives: a value, what was put right, what is wrong, what is open."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from app.rules.imports.cells import shown
from app.rules.imports.fields import label
from app.rules.imports.terms import Repair, RowRead, Trouble
from app.thai import normalise_name

BLANK_MARKS = frozenset(
    {"-", "--", "---", "–", "—", "ไม่มี", "ไม่ระบุ", "ไม่มีข้อมูล", "n/a", "na", "#n/a", "null", "none", "nan", ".", "_"}
)
"""Lower-case texts that stand for nothing in a field that may be empty."""
_NAMES = frozenset({"first_name", "last_name", "name"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One text of one field as understood; `noted`: there is more to it than a value."""

    value: Any = None
    repairs: tuple[Repair, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    questions: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()

    @property
    def noted(self) -> bool:
        return bool(self.repairs or self.troubles or self.questions or self.depends)


EMPTY = Seen()


def mended(field: str, before: str, after: str, kinds: list[str]) -> tuple[Repair, ...]:
    """One repair for every kind of mending that led from one text to the other; each kind once."""
    return tuple(Repair(field, kind, before, after) for kind in dict.fromkeys(kinds))


def refused(field: str, text: str, th: str, en: str) -> Seen:
    """A text that cannot be taken. th, en: whole sentences without the text, which is kept, masked, beside them."""
    return Seen(troubles=(Trouble(field, shown(text), th, en),))


def too_long(field: str, text: str, most: int) -> Seen:
    """A text longer than the field may hold."""
    th, en = label(field)
    return refused(
        field, text,
        f"{th}ยาวเกินไป ({len(text)} ตัวอักษร) ใส่ได้ไม่เกิน {most} ตัวอักษร โปรดตัดให้สั้นลงหรือตรวจสอบว่าเลือกคอลัมน์ถูกต้อง",
        f"“{en}” is too long: {len(text)} characters, at most {most}. Shorten it, or check that the column is right.",
    )  # fmt: skip


def blank(field: str, text: str) -> Seen | None:
    """An empty cell, or a mark that stands for one; None for a text that says something."""
    if not text:
        return EMPTY
    if is_mark(field, text):
        return Seen(repairs=(Repair(field, "blank-mark", text, ""),))
    return None


def is_mark(field: str, text: str) -> bool:
    """Whether a text stands for nothing; Na, Nan and None do not where they are names of people."""
    if len(text) > 12 or text.lower() not in BLANK_MARKS:
        return False
    return field not in _NAMES or not (text.isascii() and text.isalpha())


def tidied(text: str) -> tuple[str, list[str]]:
    """A text with single spaces, without invisible characters and with vowels in order; the kinds of mending done."""
    clean = normalise_name(text)
    if clean == text:
        return text, []
    kinds = []
    bare = "".join(ch for ch in text if ch in "\t\r\n" or unicodedata.category(ch) not in ("Cf", "Cc"))
    if bare != text:
        kinds.append("invisible")
    spaced = " ".join(bare.split())
    if spaced != bare.strip():
        kinds.append("spaces")
    if clean != spaced:
        kinds.append("spelling")
    return clean, kinds


def odd_sign(text: str) -> str | None:
    """The first character that no name or word holds: an emoji, a picture, what a broken encoding leaves."""
    if text.isascii():
        return None
    for ch in text:
        if ch > "\u0e5b" or ch < "\u0e01":
            kind = unicodedata.category(ch)
            if kind in ("So", "Sk", "Co", "Cn", "Cs") or ch == "\ufffd":
                return ch
    return None


def odd(field: str, text: str) -> Seen | None:
    """The refusal of a text with a sign that no name or word holds; None for a text without one."""
    if odd_sign(text) is None:
        return None
    th, en = label(field)
    return refused(
        field, text,
        f"{th}มีอักขระที่ไม่ใช่ตัวอักษร (เช่น อีโมจิ หรือตัวที่อ่านไม่ออกเพราะรหัสอักษรของไฟล์ผิด) โปรดพิมพ์ใหม่",
        f"“{en}” holds a sign that is no letter: an emoji, or what a wrong encoding left. Type it anew.",
    )  # fmt: skip


def take(read: RowRead, field: str, seen: Seen) -> None:
    """Put what was seen of one field into the row; a refused or asked one gets no value."""
    if seen.repairs:
        read.repairs.extend(seen.repairs)
    if seen.depends:
        read.depends.extend(seen.depends)
    if seen.troubles or seen.questions:
        read.troubles.extend(seen.troubles)
        read.questions.extend(seen.questions)
    else:
        read.values[field] = seen.value


def troubled(read: RowRead, field: str) -> bool:
    """Whether a field of the row is refused."""
    return any(trouble.field == field for trouble in read.troubles)

"""Names, titles and sexes: short titles written out, what runs together taken apart, the sex by the title."""

from __future__ import annotations

import re
from functools import lru_cache

from app.enums import Sex
from app.rules import titles
from app.rules.imports.fields import label
from app.rules.imports.seen import EMPTY, Seen, blank, is_mark, mended, odd, refused, tidied, too_long
from app.rules.imports.terms import Repair
from app.thai import to_arabic_digits

MOST = {
    "title": 30, "first_name": 80, "last_name": 80, "name": 200, "nationality": 40, "religion": 40, "school_name": 200,
}  # fmt: skip
FAR_TOO_LONG = 400
"""From here on a text is not even tidied, which takes a while."""
_LETTER = re.compile(r"[^\W\d_]")
_SAFE_FORMS = ("เด็กชาย", "เด็กหญิง", "นางสาว", "ด.ช.", "ด.ญ.", "น.ส.", "ด.ช", "ด.ญ", "น.ส", "สามเณร")
"""Titles that no name begins with, so that they are a title even without a space behind."""
_RARELY_RUN_ON = ("พระ", "เณร", "ส.ณ.", "สณ.", "พระภิกษุ")
"""Titles that names begin with ("พระพาย"): they are one only where a space follows."""
_SEXES = {
    "ช": (Sex.MALE, True), "ชาย": (Sex.MALE, True), "male": (Sex.MALE, True), "m": (Sex.MALE, False),
    "เพศชาย": (Sex.MALE, False), "ช.": (Sex.MALE, False), "boy": (Sex.MALE, False), "ผู้ชาย": (Sex.MALE, False),
    "ญ": (Sex.FEMALE, True), "หญิง": (Sex.FEMALE, True), "female": (Sex.FEMALE, True), "f": (Sex.FEMALE, False),
    "เพศหญิง": (Sex.FEMALE, False), "ญ.": (Sex.FEMALE, False), "girl": (Sex.FEMALE, False), "ผู้หญิง": (Sex.FEMALE, False),
}  # fmt: skip
"""Lower-case text -> the sex, and whether it is one of the usual ways to write it."""
_SEX_CODES = {"1": Sex.MALE, "2": Sex.FEMALE}


@lru_cache(maxsize=1024)
def read_title(text: str) -> Seen:
    """The full form of a title; an unknown one as it is."""
    if nothing := blank("title", text):
        return nothing
    if len(text) > FAR_TOO_LONG:
        return too_long("title", text, MOST["title"])
    clean, kinds = tidied(text)
    full = titles.full_title(clean)
    if full != clean:
        kinds.append("short-title")
    if len(full) > MOST["title"]:
        return too_long("title", full, MOST["title"])
    return odd("title", full) or Seen(full or None, mended("title", text, full, kinds))


@lru_cache(maxsize=32768)
def read_name(text: str, field: str) -> Seen:
    """A first, last or whole name as stored."""
    if not text:
        return EMPTY
    if len(text) > FAR_TOO_LONG:
        return too_long(field, text, MOST[field])
    clean, kinds = tidied(text)
    if not _LETTER.search(clean) or is_mark(field, clean):
        th, en = label(field)
        return refused(
            field, text,
            f"ไม่มี{th} โปรดพิมพ์{th} หรือตรวจสอบว่าเลือกคอลัมน์ถูกต้อง",
            f"“{en}” holds no name. Type it, or check that the column is right.",
        )  # fmt: skip
    if len(clean) > MOST[field]:
        return too_long(field, clean, MOST[field])
    return odd(field, clean) or Seen(clean, mended(field, text, clean, kinds))


@lru_cache(maxsize=4096)
def read_words(text: str, field: str) -> Seen:
    """A nationality, a religion or a school's name: text that may be empty."""
    if nothing := blank(field, text):
        return nothing
    if len(text) > FAR_TOO_LONG:
        return too_long(field, text, MOST[field])
    clean, kinds = tidied(text)
    if len(clean) > MOST[field]:
        return too_long(field, clean, MOST[field])
    return odd(field, clean) or Seen(clean or None, mended(field, text, clean, kinds))


@lru_cache(maxsize=1024)
def read_sex(text: str, by_title: Sex | None) -> Seen:
    """A sex as written. The codes 1 and 2 count only where the title says the same."""
    if nothing := blank("sex", text):
        return nothing
    clean, kinds = tidied(text)
    known = _SEXES.get(clean.lower())
    if known is None and (sex := titles.sex_of_title(clean)):
        known = (sex, False)
    if known is None and (sex := _SEX_CODES.get(to_arabic_digits(clean))) and sex is by_title:
        known = (sex, False)
    if known is None:
        return refused(
            "sex", text,
            "ไม่ทราบว่าเป็นเพศใด โปรดพิมพ์ ชาย หรือ หญิง",
            "The sex is unclear. Type ชาย (male) or หญิง (female).",
        )  # fmt: skip
    sex, usual = known
    return Seen(sex.value, mended("sex", text, sex.th, kinds if usual else [*kinds, "sex-form"]))


@lru_cache(maxsize=1024)
def sex_by_title(title: str) -> Sex | None:
    """The sex that follows from a full title."""
    return titles.sex_of_title(title)


def sex_repair(title: str, sex: Sex) -> Repair:
    """Tells that the sex was taken from the title."""
    return _sex_repair(title, sex)


@lru_cache(maxsize=256)
def _sex_repair(title: str, sex: Sex) -> Repair:
    return Repair("sex", "sex-from-title", title, sex.th)


def split_title(name: str, title: str = "") -> tuple[str, str]:
    """(title as written, rest) of a name; ("", name) where none is in front, or where it could be part of the name.

    title: the full title known from its own column. Then only the same one, said twice, is taken off.
    """
    form = _form_before(name[:12])
    if not form:
        return "", name
    rest = name[len(form) :]
    if len(rest.strip()) < 2 or not _LETTER.search(rest):
        return "", name
    if title and (titles.full_title(form) != title or (form not in _SAFE_FORMS and not rest.startswith(" "))):
        return "", name
    if form in _RARELY_RUN_ON and not rest.startswith(" "):
        return "", name
    return form, rest.strip()


@lru_cache(maxsize=32768)
def _form_before(beginning: str) -> str:
    return titles.split_title(beginning + "กก")[0]


def run_together(field: str, text: str) -> Seen:
    """The refusal of a whole name without a space in it."""
    return refused(
        field, text,
        "ไม่พบนามสกุล ชื่อกับนามสกุลอาจเขียนติดกัน โปรดเว้นวรรคระหว่างชื่อกับนามสกุล",
        "There is no last name; perhaps first and last name run together. Put a space between them.",
    )  # fmt: skip

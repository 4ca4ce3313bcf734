"""Grades as people write them: ป.1, ป1, ประถมศึกษาปีที่ 1, ป.1/2, อนุบาล 2, อายุ 3 ปี, ปวช.1, or a number beside its level."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from app.enums import Grade
from app.rules.imports.seen import Seen, blank, mended, refused
from app.thai import normalise_name, to_arabic_digits

_CODES = frozenset(grade.value for grade in Grade)
_ROOM = r"(?:(?:/|ห้องที่|ห้อง|ทับ)(?P<room>[^/\\]{1,10}))?"
_STAGES = re.compile(
    r"(?:ระดับ)?(?:ชั้น)?(?:"
    r"(?P<K>อนุบาลศึกษา|อนุบาล|อ|kindergarten|kg|k)"
    r"|(?P<V>ประกาศนียบัตรวิชาชีพ(?:\(ปวช\))?|ปวช|voc|v)"
    r"|(?P<D>ประกาศนียบัตรวิชาชีพชั้นสูง(?:\(ปวส\))?|ปวส|dip|d)"
    r"|(?P<P>ประถมศึกษา|ประถม|ป|prathom|primary|p)"
    r"|(?P<M>(?:มัธยมศึกษา|มัธยม|ม|mathayom|m)(?P<part>ตอนต้น|ต้น|ตอนปลาย|ปลาย)?)"
    r")(?:ชั้นปีที่|ปีที่|ปี|ที่)?(?P<n>\d)(?:\(\d(?:ขวบ|ปี)\))?" + _ROOM
)
_AGES = re.compile(
    r"(?:ระดับ)?(?:ชั้น|ห้อง|กลุ่ม)?(?:เด็กเล็ก|เตรียมอนุบาล|เด็ก|ศพด|เนอสเซอรี่|เนอร์สเซอรี่|ปฐมวัย)?"
    r"\(?(?:(?:กลุ่ม)?อายุ(?P<n>\d)(?:ปี|ขวบ)?|(?P<old>\d)(?:ปี|ขวบ)|age(?P<age>\d)|c(?P<c>\d))\)?" + _ROOM
)
_BARE = re.compile(r"(?P<n>\d)" + _ROOM)
_USUAL = re.compile(
    r"(?:ชั้น)?(?:อ\.|ป\.|ม\.|ปวช\.|ปวส\.|อนุบาล|อนุบาลปีที่|อนุบาลศึกษาปีที่|ประถมศึกษาปีที่|มัธยมศึกษาปีที่)[0-9](?:/[0-9]{1,3})?"
    r"|อายุ[2-5]ปี|[CKPMVD][0-9]|[KPM]\.[0-9]|Voc\.[0-9]|Dip\.[0-9]|Age[2-5]"
)
"""Spellings that are right as they are, spaces apart: nothing is put right by understanding them."""
_LEVELS: tuple[tuple[str, str, str], ...] = (
    ("เด็กเล็ก", "C", ""), ("เตรียมอนุบาล", "C", ""), ("ก่อนประถม", "K", ""),
    ("อนุบาล", "K", ""), ("ปฐมวัย", "K", ""), ("ประถม", "P", ""),
    ("มัธยมศึกษาตอนต้น", "M", "ต้น"), ("มัธยมต้น", "M", "ต้น"), ("มต้น", "M", "ต้น"), ("มัธยมศึกษาตอนปลาย", "M", "ปลาย"),
    ("มัธยมปลาย", "M", "ปลาย"), ("มปลาย", "M", "ปลาย"), ("มัธยม", "M", ""),
    ("ปวช", "V", ""), ("ปวส", "D", ""),
    ("วิชาชีพชั้นสูง", "D", ""), ("วิชาชีพ", "V", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GradeRead:
    """A grade and the room written with it ("" for none); usual: written in one of the usual ways."""

    grade: Grade
    room: str = ""
    usual: bool = True


@lru_cache(maxsize=8192)
def read_grade(text: str, level: str = "") -> GradeRead | None:
    """The grade that a text means; a bare number means something only beside its level. None for anything unclear."""
    plain = to_arabic_digits(normalise_name(text[:100]))
    squeezed = re.sub(r"[\s.]+", "", plain.lower())
    usual = _USUAL.fullmatch(text.replace(" ", "")) is not None
    if match := _STAGES.fullmatch(squeezed):
        stage = next(name for name in "KVDPM" if match[name])
        return _member(stage, int(match["n"]), _part(match["part"] or ""), match["room"], usual)
    if match := _AGES.fullmatch(squeezed):
        years = match["n"] or match["old"] or match["age"] or match["c"]
        return _member("C", int(years), "", match["room"], usual)
    if (match := _BARE.fullmatch(squeezed)) and level:
        known = _level(level)
        return known and _member(known[0], int(match["n"]), known[1], match["room"], usual=True)
    return None


def see_grade(text: str, level: str, field: str) -> tuple[Seen, str]:
    """A grade's text as understood, and the room in it."""
    if nothing := blank(field, text):
        return nothing, ""
    found = read_grade(text, level)
    if found is None:
        return _unknown(field, text), ""
    after = f"{found.grade.th}/{found.room}" if found.room else found.grade.th
    if found.usual or (text.replace(" ", "") == after):
        return Seen(found.grade.value), found.room
    kind = "thai-digits" if to_arabic_digits(text).replace(" ", "") == after else "grade-form"
    return Seen(found.grade.value, mended(field, text, after, [kind])), found.room


def _part(text: str) -> str:
    return text.removeprefix("ตอน")


def _member(stage: str, number: int, part: str, room: str | None, usual: bool) -> GradeRead | None:
    if (part == "ต้น" and number > 3) or (part == "ปลาย" and number < 4):
        return None  # "upper secondary 1": the first of three, or ม.1? Nobody knows
    code = f"{stage}{number}"
    return GradeRead(Grade(code), (room or "").strip("()"), usual) if code in _CODES else None


def _level(text: str) -> tuple[str, str] | None:
    squeezed = re.sub(r"[\s.]+", "", normalise_name(text[:100]))
    return next(((stage, part) for word, stage, part in _LEVELS if word in squeezed), None)


def _unknown(field: str, text: str) -> Seen:
    bare = to_arabic_digits(text).strip()
    if bare.isdigit():
        return refused(
            field, text,
            "ชั้นเป็นตัวเลขอย่างเดียว จึงไม่ทราบว่าเป็นอนุบาล ประถม หรือมัธยม โปรดพิมพ์ให้ครบ เช่น อ.2 ป.1 ม.3",
            "The grade is a bare number, so its level is unknown. Write it like อ.2, ป.1 or ม.3.",
        )  # fmt: skip
    return refused(
        field, text,
        "ไม่รู้จักระดับชั้นนี้ หรือระดับชั้นไม่ชัดเจน โปรดใช้รูปแบบ เช่น อ.2 ป.1 ม.3 ปวช.1 ป.1/2 หรือ อายุ 3 ปี",
        "The grade is unknown or unclear. Write it like อ.2, ป.1, ม.3, ปวช.1, ป.1/2 or อายุ 3 ปี.",
    )  # fmt: skip

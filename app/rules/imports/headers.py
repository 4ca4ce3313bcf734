"""Headers of sheets: headings tidied, merged headings over several rows put together, facts above the header read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.rules.imports.cells import shown, text_of
from app.rules.imports.terms import Cell, SheetHead
from app.thai import normalise_name, to_arabic_digits

BETWEEN = " › "
"""Between a group and the heading below it, where both are shown."""
LONGEST_HEADING = 250
_HINT = re.compile(
    r"[(\[{]\s*(?:กก|กิโลกรัม|ซม|เซนติเมตร|เซ็นติเมตร|ซ\.ม|ก\.ก|kg|cm|พ\.?\s?ศ|ค\.?\s?ศ|ว+\s?/|วัน\s?/|dd|d/|ปี|ถ้ามี|ภาษาไทย|ไทย|thai"
    r"|(?:เลข\s?)?13|ชาย\s?/|ช\s?/|ด\.?ช|เช่น|\*|ตัวอย่าง|บังคับ|จำเป็น|required)[^)\]}]*[)\]}]?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*\(?\d{1,3}\s*[.)]\s*(?=\D)")
_OTHERS = (
    "บิดา", "มารดา", "ผู้ปกครอง", "พ่อ", "แม่", "คู่สมรส", "ที่อยู่", "ติดต่อ", "พี่น้อง", "ครู", "ผู้บริหาร", "ผู้อำนวยการ",
    "father", "mother", "guardian", "parent", "address", "contact", "teacher",
)  # fmt: skip
_FACTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("school_code", re.compile(r"รหัส\s*(?:สถานศึกษา|โรงเรียน)\s*[:：]?\s*([0-9A-Za-z-]{4,20})")),
    ("academic_year", re.compile(r"ปีการศึกษา\s*[:：]?\s*(?:พ\.?\s?ศ\.?\s*)?(\d{4})")),
    ("term", re.compile(r"(?:ภาคเรียน(?:ที่)?|เทอม)\s*[:：]?\s*(\d)")),
    (
        "school_name",
        re.compile(
            r"(?:^|\s)(?:ชื่อ)?((?:โรงเรียน|สถานศึกษา|ศูนย์พัฒนาเด็กเล็ก|วิทยาลัย|ศพด\.?|ร\.?ร\.)(?!\s*สังกัด)\s*[:：]?\s*[^:：|]{2,120}?)"
            r"\s*(?=สังกัด|ตำบล|อำเภอ|จังหวัด|ปีการศึกษา|ภาคเรียน|รหัส|ประจำปี|เพื่อ|อปท|ชั้น|จำนวน|$)"
        ),
    ),
)
_SAID_TWICE = re.compile(r"^สถานศึกษา\s*[:：]?\s*")
_APART = re.compile(r"^(โรงเรียน|วิทยาลัย|ศูนย์พัฒนาเด็กเล็ก)\s*[:：]?\s+")
_FILLER = re.compile(r"[.…_\u2026]{3,}")


@dataclass(frozen=True, slots=True)
class Heading:
    """One column's heading: its place from 0, its text, tidied, and the tidied headings above it, joined."""

    place: int
    text: str
    tidied: str
    group: str = ""
    above: str = ""

    @property
    def whole(self) -> str:
        """The heading for people: "บิดา › ชื่อ"."""
        return f"{self.above}{BETWEEN}{self.text}" if self.above else self.text

    @property
    def of_others(self) -> bool:
        """Whether a heading above says that the column is about a parent, a guardian or an address."""
        return names_others(self.group)


@lru_cache(maxsize=4096)
def tidy(text: str) -> str:
    """A heading without what people write differently: spaces, punctuation, units, numbering, capitals, Thai digits."""
    plain = to_arabic_digits(normalise_name(text[:LONGEST_HEADING]))
    plain = _HINT.sub(" ", _NUMBERED.sub("", plain)) or plain
    return "".join(ch for ch in plain.lower() if unicodedata.category(ch)[0] in "LMN")


def names_others(tidied: str) -> bool:
    """Whether a tidied heading names somebody or something other than the pupil."""
    return any(word in tidied for word in _OTHERS)


def compose(head: SheetHead, row: int) -> list[Heading]:
    """The headings of a header whose last row is `row`, by place; columns without one are left out.

    A column without a text in that row takes the one above it. Texts above a heading are its groups, spread over the
    merged cells where these are known, else over the empty cells to the right.
    """
    own = texts(head, row)
    up = _group_rows(head, row)
    found: list[Heading] = []
    for place in range(max([len(own), *(len(cells) for cells in up)], default=0)):
        column = [cells[place] if place < len(cells) else "" for cells in (*up, own)]
        parts = [part for at, part in enumerate(column) if part and part not in column[at + 1 :]]
        if parts:
            *groups, text = parts
            found.append(Heading(place, text, tidy(text), tidy(" ".join(groups)), " ".join(groups)))
    return found


def texts(head: SheetHead, row: int) -> list[str]:
    """The texts of one row of the head, with single spaces."""
    cells: Sequence[Cell] = head.top[row] if 0 <= row < len(head.top) else ()
    return [" ".join(text_of(cell)[:LONGEST_HEADING].split()) for cell in cells]


def named(headings: Sequence[Heading]) -> dict[int, str]:
    """place -> heading for people; of several alike the second is "… (2)", the third "… (3)"."""
    seen: dict[str, int] = {}
    names: dict[int, str] = {}
    for heading in headings:
        nth = seen[heading.whole] = seen.get(heading.whole, 0) + 1
        names[heading.place] = shown(heading.whole, 200) + (f" ({nth})" if nth > 1 else "")
    return names


def facts(head: SheetHead, header: int) -> dict[str, str]:
    """field -> text of what the lines above the header say: school, its code, academic year, term."""
    found: dict[str, str] = {}
    for row in range(max(header, 0)):
        line = " ".join(dict.fromkeys(text for text in texts(head, row) if text))
        line = _FILLER.sub(" ", to_arabic_digits(normalise_name(line[:LONGEST_HEADING])))
        for field, pattern in _FACTS:
            if field not in found and (match := pattern.search(line)):
                found[field] = match[1].strip(" :：")
    if name := _SAID_TWICE.sub("", found.get("school_name", "")):
        found["school_name"] = _APART.sub(r"\1", name)
    return found


def _group_rows(head: SheetHead, row: int) -> list[list[str]]:
    """The rows above `row` that belong to the header, top first, each spread over the columns it stands over."""
    rows: list[list[str]] = []
    below = texts(head, row)
    for at in (row - 1, row - 2):
        above = texts(head, at)
        if len({text for text in above if text}) < 2 or max(map(len, above)) > 120:
            break  # a title, or the end of the sheet
        spread = _spread(above, below, [area for area in head.merged if area[0] <= at <= area[2]])
        rows.insert(0, spread)
        below = spread
    return rows


def _spread(above: list[str], below: list[str], merged: list[tuple[int, int, int, int]]) -> list[str]:
    width = max(len(above), len(below))
    row = above + [""] * (width - len(above))
    if merged:
        for _, first, _, last in merged:
            if first < width and row[first]:
                row[first : min(last + 1, width)] = [row[first]] * (min(last + 1, width) - first)
        return row
    group = ""
    for place in range(width):
        under = below[place] if place < len(below) else ""
        if row[place]:
            group = row[place] if under and under != row[place] else ""
        elif under:
            row[place] = group
        else:
            group = ""
    return row

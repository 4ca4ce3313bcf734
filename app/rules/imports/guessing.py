"""A best guess at an unknown sheet: which row is its header, and which column holds what."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import cache, lru_cache

from app.rules.imports.fields import HEADINGS, PERSONAL, enough
from app.rules.imports.headers import Heading, compose, names_others, texts, tidy
from app.rules.imports.looks import looks, thai_words
from app.rules.imports.terms import SheetHead

_ALIKE = 0.82
"""From this likeness on (0 to 1) a heading is taken for a known one that is spelled otherwise."""
_MOST_COMPARED = 4
"""Rows whose headings are compared letter by letter, which takes long: those with the most headings that are known."""
_SURE, _NEARLY, _CONTAINED = 1.0, 0.95, 0.7
_PUPIL = re.compile(r"(?:ของ)?(?:นักเรียน|เด็ก|ผู้เรียน)$")
_SUB_HEADINGS = (
    "เชื้อชาติ", "อาชีพ", "รายได้", "โทรศัพท์", "เบอร์โทร", "เบอร์โทรศัพท์", "ความเกี่ยวข้อง", "ความสัมพันธ์", "เกี่ยวข้องเป็น",
    "บ้านเลขที่", "เลขที่", "หมู่", "หมู่ที่",
    "ซอย", "ถนน", "ตำบล", "อำเภอ", "จังหวัด", "รหัสไปรษณีย์", "ลำดับ", "ลำดับที่", "ที่", "หมายเหตุ",
)  # fmt: skip


def best(head: SheetHead) -> tuple[int, dict[int, str]] | None:
    """(last row of the header, place -> field), -1 for a sheet without a header; None for nothing like a table."""
    rows = [row for row in range(len(head.top) - 1) if sum(bool(text) for text in texts(head, row)) >= 2]
    known = [(_score(_by_headings(compose(head, row), _known_as)), -row) for row in rows]
    likely = [-row for _, row in sorted(known, reverse=True)[:_MOST_COMPARED]]
    choices = [(_score(found), -row, found) for row in likely for found in [_by_headings(compose(head, row), _like)]]
    if not choices:
        return None
    score, up, found = max(choices, key=lambda choice: choice[:2])
    if score < 2:  # no heading is known: perhaps there is no header at all
        bare = _by_looks(head, -1, {})
        if enough(bare.values()) and len(bare) >= 2:
            return _above(head, bare)
    return -up, _filled(head, -up, found)


def _above(head: SheetHead, bare: dict[int, str]) -> tuple[int, dict[int, str]]:
    """Headings that nobody knows stand right above the first row with digits; -1 where there is no such row."""
    cells = [texts(head, row) for row in range(len(head.top))]
    numbered = (row for row, found in enumerate(cells) if any(char.isdigit() for text in found for char in text or ""))
    above = next(numbered, 0) - 1
    if above < 0 or sum(bool(text) for text in cells[above]) < 2:
        return -1, bare
    return above, bare


def is_heading(text: str) -> bool:
    """Whether a text is a usual heading, of a pupil's or of a parent's columns."""
    return tidy(text) in _vocabulary()


def tidy_row(head: SheetHead, row: int) -> str:
    """The different texts of a row, tidied and joined."""
    return " ".join(dict.fromkeys(tidy(text) for text in texts(head, row) if text))


def _score(found: dict[int, tuple[str, float]]) -> float:
    return sum(weight for _, weight in found.values())


def _by_headings(headings: list[Heading], likeness: Callable[[str], dict[str, float]]) -> dict[int, tuple[str, float]]:
    """place -> (field, likeness), each field once: the likeliest first, then the leftmost."""
    fits = []
    for heading in headings:
        for field, weight in likeness(heading.tidied).items():
            if field in PERSONAL and heading.of_others:
                continue
            fits.append((-weight, heading.place, field))
    found: dict[int, tuple[str, float]] = {}
    taken: set[str] = set()
    for weight, place, field in sorted(fits):
        if place not in found and field not in taken:
            found[place] = (field, -weight)
            taken.add(field)
    return found


@lru_cache(maxsize=4096)
def _known_as(tidied: str) -> dict[str, float]:
    """field -> 0 to 1, how surely a tidied heading says it: in full, or with a word more."""
    if not tidied or names_others(tidied):
        return {}
    found: dict[str, float] = {}
    for field, known in _known().items():
        if tidied in known:
            found[field] = _SURE
        elif _PUPIL.sub("", tidied) in known:
            found[field] = _NEARLY
        elif any(len(one) >= 5 and one in tidied and len(tidied) <= len(one) * 2 for one in known):
            found[field] = _CONTAINED
    return found


@lru_cache(maxsize=4096)
def _like(tidied: str) -> dict[str, float]:
    """The same, headings that are spelled otherwise besides."""
    found = _known_as(tidied)
    if found or not 4 <= len(tidied) <= 40 or names_others(tidied):
        return found
    matcher = SequenceMatcher(None, "", tidied, autojunk=False)
    alike: dict[str, float] = {}
    for field, known in _known().items():
        for one in known:
            if abs(len(one) - len(tidied)) > len(tidied) // 3:
                continue
            matcher.set_seq1(one)
            if matcher.quick_ratio() >= _ALIKE and (ratio := matcher.ratio()) >= _ALIKE:
                alike[field] = max(alike.get(field, 0.0), ratio * _NEARLY)
    return alike


def _filled(head: SheetHead, row: int, found: dict[int, tuple[str, float]]) -> dict[int, str]:
    columns = {}
    for place, (field, weight) in found.items():
        seen = looks(head, row, place)
        if field in ("national_id", "birth_date", "sex") and weight < _SURE and seen.get(field, 0) < 0.3:
            continue  # spelled otherwise, and holding something else
        if field == "student_no" and seen.get("national_id", 0) > 0.5:
            field = "national_id" if "national_id" not in {one for one, _ in found.values()} else field
        if field == "first_name" and seen.get("name", 0) > 0.5 and "last_name" not in {f for f, _ in found.values()}:
            field = "name"
        if field == "grade" and seen.get("grade_room", 0) > 0.5:
            field = "grade_room"
        columns[place] = field
    return _by_looks(head, row, columns)


def _by_looks(head: SheetHead, row: int, columns: dict[int, str]) -> dict[int, str]:
    """The columns, and besides those whose cells leave little doubt, of fields that no heading named."""
    found = dict(columns)
    others = {heading.place for heading in compose(head, row) if heading.of_others or names_others(heading.tidied)}
    known = {heading.place for heading in compose(head, row) if is_heading(heading.text)} if row >= 0 else set()
    width = max((len(cells) for cells in head.top), default=0)
    for place in range(min(width, 200)):
        if place in found or place in others or place in known:
            continue
        for field, share in sorted(looks(head, row, place).items(), key=lambda item: -item[1]):
            if share >= 0.8 and field not in found.values() and _wanted(field, found):
                found[place] = field
                break
    _names_beside_titles(head, row, found)
    return dict(sorted(found.items()))


def _wanted(field: str, found: dict[int, str]) -> bool:
    have = set(found.values())
    if field in ("grade", "grade_room"):
        return not have & {"grade", "grade_room"}
    return not (field == "name" and have & {"first_name", "last_name"})


def _names_beside_titles(head: SheetHead, row: int, found: dict[int, str]) -> None:
    """Two columns of Thai words right of the titles are the first and the last name."""
    title = next((place for place, field in found.items() if field == "title"), None)
    if title is None or {"name", "first_name", "last_name"} & set(found.values()):
        return
    if title + 1 not in found and title + 2 not in found and thai_words(head, row, title + 1) > 0.8:
        found[title + 1] = "first_name"
        if thai_words(head, row, title + 2) > 0.8:
            found[title + 2] = "last_name"


@cache
def _known() -> dict[str, frozenset[str]]:
    return {field: frozenset(tidy(text) for text in headings) for field, headings in HEADINGS.items()}


@cache
def _vocabulary() -> frozenset[str]:
    every = {one for known in _known().values() for one in known}
    return frozenset(every | {tidy(text) for text in _SUB_HEADINGS})

"""OneRoster 1.2 CSV: students of users.csv joined with their school, class, enrolment and demographics to one table.

Standard library alone: the process that reads files imports it.

- Only students: by the role in users.csv (1.1), in roles.csv, or in enrollments.csv; where none of them tells any
  role, everybody in users.csv.
- The school is that of the enrolment, else of the role, else the user's primary organisation; its LEC code is the
  organisation's identifier.
- Of several enrolments that of a homeroom counts first, then the primary one, then the latest. Admission is the first
  day at that school, leaving the last, unless one of its enrolments has no end. An end that is only the end of the
  class's term says nothing of leaving and is left out.
- A user marked "tobedeleted" gets the status discharged; rows of other tables so marked are not read.
- Columns `metadata.…` of users.csv are LEC's own extension and go before what is derived.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

HEADINGS = (
    "sourcedId", "nationalId", "studentNo", "title", "givenName", "familyName", "sex", "birthDate", "nationality",
    "religion", "weightKg", "heightCm", "grade", "room", "studentStatus", "beginDate", "endDate", "schoolCode",
    "schoolName",
)  # fmt: skip
"""Headings of the joined table."""

EXTENSIONS = ("title", "studentNo", "nationality", "religion", "weightKg", "heightCm", "status", "grade", "room")
"""LEC's extension columns of users.csv, written `metadata.<name>`."""

GRADES = {
    "KG": "K3",
    **{f"{year:02}": f"P{year}" for year in range(1, 7)},
    **{f"{year:02}": f"M{year - 6}" for year in range(7, 13)},
}
"""CEDS code -> LEC grade. KG is the year before grade 1; PK may be any year before that, so it is not translated."""

Tables = Callable[[str], Iterable[Sequence[str]]]
"""Rows of a table by its OneRoster name, the first of them its header; no rows where the zip lacks it."""

Value = TypeVar("Value")

_DELETED = "tobedeleted"
_USER_ID = re.compile(r"\{\s*([^:{}]+?)\s*:\s*([^{}]*?)\s*\}")
_ID_TYPES = {"nationalid", "citizenid", "thaiid", "thainationalid", "pid"}
_LONG_NUMBER = re.compile(r"G?[\d๐-๙]{10,}", re.IGNORECASE)
_ROOM = re.compile(r".*?\d\s*/\s*(\w{1,10})\s*")


class NotARoster(ValueError):
    """There is no users.csv, or it has no column sourcedId."""


class TooMany(ValueError):
    """More rows than may be kept."""


@dataclass(slots=True)
class _Place:
    """Where a student is enrolled; the higher rank is taken."""

    rank: tuple[bool, bool, str]
    school: str
    group: str
    begin: str
    end: str


@dataclass(slots=True)
class _Group:
    """A class: whether a homeroom, its grades, its room, the last days of its terms."""

    homeroom: bool
    grade: str
    room: str
    ends: frozenset[str]


class Joined:
    """The tables of one zip. Of the tables beside the users it keeps one small record for a user, class or school.

    most: rows of users, and records of each other table. rows: those of users.csv, its header among them. Raises
    NotARoster or TooMany.
    """

    def __init__(self, tables: Tables, most: int) -> None:
        heads = [head.strip().lower() for head in next(iter(tables("users")), ())]
        if "sourcedid" not in heads:
            raise NotARoster
        self._tables = tables
        self._most = most
        self.rows = sum(1 for _ in tables("users"))
        if self.rows > most + 1:
            raise TooMany
        self._own = "metadata.status" in heads
        self._told = "role" in heads
        self._schools = self._kept(
            (row["sourcedid"], (row.get("identifier", ""), row.get("name", ""))) for row in self._live("orgs")
        )
        self._groups = self._kept(self._classes())
        self._places = self._enrolled()
        self._roles = self._kept(self._told_roles())
        self._people = self._kept(
            (row["sourcedid"], (row.get("birthdate", "")[:10], row.get("sex", "")))
            for _, row in _rows(tables, "demographics")
        )

    def students(self) -> Iterator[tuple[int, list[object]]]:
        """(row of users.csv from 0, cells under `HEADINGS`) of each student; "" where nothing is known."""
        for number, row in _rows(self._tables, "users"):
            if self._is_student(row):
                yield number, self._student(row)

    def _live(self, table: str) -> Iterator[dict[str, str]]:
        return (row for _, row in _rows(self._tables, table) if row.get("status", "").lower() != _DELETED)

    def _kept(self, pairs: Iterable[tuple[str, Value]]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, value in pairs:
            found[key] = value
            if len(found) > self._most:
                raise TooMany
        return found

    def _classes(self) -> Iterator[tuple[str, _Group]]:
        terms = self._kept((row["sourcedid"], row.get("enddate", "")[:10]) for row in self._live("academicSessions"))
        for row in self._live("classes"):
            ends = frozenset(terms.get(term, "") for term in _listed(row.get("termsourcedids", "")))
            room = _ROOM.fullmatch(row.get("title", "")) or _ROOM.fullmatch(row.get("classcode", ""))
            homeroom = row.get("classtype", "").lower() == "homeroom"
            yield row["sourcedid"], _Group(homeroom, row.get("grades", ""), room[1] if room else "", ends)

    def _enrolled(self) -> dict[str, _Place]:
        found: dict[str, _Place] = {}
        for row in self._live("enrollments"):
            self._told = True
            if row.get("role", "").lower() == "student":
                user = row.get("usersourcedid", "")
                found[user] = _joined(self._place(row), found.get(user))
                if len(found) > self._most:
                    raise TooMany
        return found

    def _place(self, row: dict[str, str]) -> _Place:
        code = row.get("classsourcedid", "")
        group = self._groups.get(code)
        begin, end = row.get("begindate", "")[:10], row.get("enddate", "")[:10]
        if group is not None and end in group.ends and not self._own:
            end = ""
        rank = (group is not None and group.homeroom, row.get("primary", "").lower() == "true", begin)
        return _Place(rank, row.get("schoolsourcedid", ""), code, begin, end)

    def _told_roles(self) -> Iterator[tuple[str, str]]:
        """(user, school) of students in roles.csv."""
        for row in self._live("roles"):
            self._told = True
            if row.get("role", "").lower() == "student":
                yield row.get("usersourcedid", ""), row.get("orgsourcedid", "")

    def _is_student(self, row: dict[str, str]) -> bool:
        user = row["sourcedid"]
        return not self._told or row.get("role", "").lower() == "student" or user in self._roles or user in self._places

    def _student(self, row: dict[str, str]) -> list[object]:
        user = row["sourcedid"]
        place = self._places.get(user) or _NOWHERE
        group = self._groups.get(place.group) or _NO_GROUP
        own = {
            name: row.get(f"metadata.{name.lower()}") or row.get(f"metadata.lec.{name.lower()}", "")
            for name in EXTENSIONS
        }
        birth, sex = self._people.get(user, ("", ""))
        first = _listed(row.get("orgsourcedids", ""))
        org = (
            place.school
            or self._roles.get(user, "")
            or row.get("primaryorgsourcedid", "")
            or (first[0] if first else "")
        )
        code, name = self._schools.get(org, ("", ""))
        national, number = _numbers(row)
        gone = row.get("status", "").lower() == _DELETED
        return [
            user, national, own["studentNo"] or number, own["title"], row.get("givenname", ""),
            row.get("familyname", ""), sex, birth, own["nationality"], own["religion"], own["weightKg"],
            own["heightCm"], own["grade"] or _grade(row.get("grades", "") or group.grade), own["room"] or group.room,
            "discharged" if gone and own["status"] in ("", "studying") else own["status"], place.begin, place.end,
            code, name,
        ]  # fmt: skip


_NOWHERE = _Place((False, False, ""), "", "", "", "")
_NO_GROUP = _Group(False, "", "", frozenset())


def _rows(tables: Tables, table: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(number of the row, heading in small letters -> text) of a table; rows without a key are no records."""
    rows = iter(tables(table))
    heads = [head.strip().lower() for head in next(rows, ())]
    for number, row in enumerate(rows, start=1):
        found = dict(zip(heads, map(str.strip, row), strict=False))
        if found.get("sourcedid"):
            yield number, found


def _joined(new: _Place, old: _Place | None) -> _Place:
    """The higher of two enrolments; of the same school with the days of both."""
    if old is None:
        return new
    best = max(new, old, key=lambda place: place.rank)
    if new.school != old.school:
        return best
    begins = [day for day in (new.begin, old.begin) if day]
    end = max(new.end, old.end) if new.end and old.end else ""
    return _Place(best.rank, best.school, best.group, min(begins, default=""), end)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(row: dict[str, str]) -> tuple[str, str]:
    """(national ID, student number): the ID by its type in userIds, else an identifier that is as long as one."""
    identifier = row.get("identifier", "")
    typed = {kind.replace("_", "").lower(): value for kind, value in _USER_ID.findall(row.get("userids", ""))}
    for kind, value in typed.items():
        if kind in _ID_TYPES and value:
            return value, "" if identifier == value else identifier
    if _LONG_NUMBER.fullmatch(re.sub(r"[\s-]", "", identifier)):
        return identifier, ""
    return "", identifier


def _grade(grades: str) -> str:
    """The first of a list of grades as a LEC code, or as it is where it has no translation."""
    first = next(iter(_listed(grades)), "")
    return GRADES.get(first.upper(), first)

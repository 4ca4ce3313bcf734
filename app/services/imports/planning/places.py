"""Which school a row of a file belongs to: the run's own, or the one that the row names inside the run's area."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pymongo.client_session import ClientSession

from app.documents.schools import School
from app.enums import SchoolKind
from app.errors import Problem
from app.fabmongo.scope import Filter, matches
from app.rules.imports.matching import place_of
from app.services.students import SCHOOL_FIELDS, check_has_roster
from app.thai import normalise_code, normalise_name

Raw = dict[str, Any]
Named = tuple[str, str]
"""Code and name of a school as a row has them; empty where it says nothing."""

_FIELDS = dict.fromkeys((*SCHOOL_FIELDS, "name_th", "district_code", "province_code"), 1)
_LENGTHS = (8, 9, 10)
_SHORT = ((re.compile(r"^(ร\.?ร\.|รร\.?(?=\s)|โรงเรียน)\s*"), ""), (re.compile(r"^ศพด\.?\s*"), "ศูนย์พัฒนาเด็กเล็ก"))


class Found(NamedTuple):
    """The raw school of a row, or the trouble with what it says; repair: a code whose leading zeros were lost."""

    school: Raw | None = None
    trouble: Raw | None = None
    repair: Raw | None = None


class Places:
    """The schools that a raw run may write to, each read once.

    granted: what the acting person may write of students; a school outside it is as good as one that is not there.
    """

    def __init__(self, run: Raw, granted: Filter | None, session: ClientSession | None = None) -> None:
        self.own: str | None = run.get("school_code")
        self.lao: str | None = run.get("lao_code")
        self.granted = granted
        self.session = session
        self.by_code: dict[str, Raw] = {}
        self.by_name: dict[str, set[str]] = {}
        self.asked: set[str] = set()
        self.answers: dict[Named, Found] = {}
        if self.lao:
            self._read({"lao_code": self.lao})

    def learn(self, named: Iterable[Named]) -> None:
        """Read the schools that some rows name and that are not known yet; one command at most."""
        codes, names = set(), set()
        for code, name in set(named) - self.answers.keys():
            codes |= set(_codes(code)) - self.by_code.keys()
            if not self.lao and not code and name:
                names.add(normalise_name(name))
        new = {*codes, *names} - self.asked
        if new:
            self.asked |= new
            either: list[Raw] = [{"_id": {"$in": sorted(codes & new)}}]
            if names & new:
                either.append({"name_th": {"$in": sorted(names & new)}})
            self._read({"$or": either})

    def school_of(self, code: str, name: str) -> Found:
        """The school of a row whose names `learn` has seen."""
        found = self.answers.get((code, name))
        if found is None:
            found = self._own(code, name) if self.own else self._named(code, name)
            if found.school is not None:
                found = _checked(found, code or name)
            self.answers[code, name] = found
        return found

    def _read(self, where: Raw) -> None:
        for row in School._get_collection().find(where, _FIELDS, session=self.session):
            self.by_code[row["_id"]] = row
            if self._is_mine(row):
                self.by_name.setdefault(name_key(row["name_th"]), set()).add(row["_id"])

    def _is_mine(self, school: Raw) -> bool:
        inside = not self.lao or school.get("lao_code") == self.lao
        return inside and matches(place_of(school), self.granted)

    def _own(self, code: str, name: str) -> Found:
        """The school that was chosen, unless the row clearly names another. A code LEC does not know may be SMIS's."""
        own = self.by_code.get(self.own or "")
        if own is None or not self._is_mine(own):
            return Found(None, _trouble("school_code", code, *_NOT_YOURS))
        known = [self.by_code[each] for each in _codes(code) if each in self.by_code]
        if known and own not in known:
            return Found(None, _trouble("school_code", code, *_of_another(own)))
        alike = self.by_name.get(name_key(name), set()) if name and not known else set()
        if alike and self.own not in alike:
            return Found(None, _trouble("school_name", name, *_of_another(own)))
        return Found(own)

    def _named(self, code: str, name: str) -> Found:
        if code:
            return self._by_code(code)
        if not name:
            return Found(None, _trouble("school_code", "", *_UNSAID))
        alike = sorted(self.by_name.get(name_key(name), ()))
        if len(alike) > 1:
            return Found(None, _trouble("school_name", name, *_namesakes(alike)))
        return Found(self.by_code[alike[0]]) if alike else Found(None, _trouble("school_name", name, *_UNKNOWN))

    def _by_code(self, code: str) -> Found:
        mine = [each for each in _codes(code) if each in self.by_code and self._is_mine(self.by_code[each])]
        if not mine:
            return Found(None, _trouble("school_code", code, *_UNKNOWN))
        if len(mine) > 1 and mine[0] != code:
            return Found(None, _trouble("school_code", code, *_namesakes(mine)))
        lost = {"field": "school_code", "kind": "leading-zeros", "before": code, "after": mine[0]}
        return Found(self.by_code[mine[0]], repair=lost if mine[0] != code else None)


def code_of(typed: Mapping[str, Any]) -> str:
    """The school's code among the typed fields of a row."""
    return normalise_code(str(typed.get("school_code") or ""))


def name_key(name: str) -> str:
    """A school's name without what people write this way or that: kind, spaces, dots."""
    text = normalise_name(name)
    for pattern, full in _SHORT:
        text = pattern.sub(full, text)
    return re.sub(r"[\s.]", "", text)


def _codes(code: str) -> list[str]:
    """What a code can stand for: itself, then itself with leading zeros that a spreadsheet took away."""
    if not code:
        return []
    return list(dict.fromkeys((code, *(code.zfill(length) for length in _LENGTHS if code.isdigit()))))


def _checked(found: Found, value: str) -> Found:
    if found.school is not None and found.school["kind"] == SchoolKind.OTHER.value:
        try:
            check_has_roster(found.school)
        except Problem as problem:
            return Found(None, _trouble("school_code", value, problem.th, problem.en))
    return found


def _trouble(field: str, value: str, th: str, en: str) -> Raw:
    return {"field": field, "value": value[:80], "th": th, "en": en}


_UNSAID = (
    "แถวนี้ไม่บอกว่าเป็นของสถานศึกษาใด โปรดเติมรหัสสถานศึกษา หรือนำเข้าทีละสถานศึกษา",
    "This row does not say which school it is of. Add the school's code, or import one school at a time.",
)
_UNKNOWN = (
    "ไม่พบสถานศึกษานี้ในพื้นที่ของการนำเข้า โปรดตรวจสอบรหัสหรือชื่อกับรายการสถานศึกษาของ อปท.",
    "There is no such school in the area of this import. Check code or name against the LAO's list of schools.",
)
_NOT_YOURS = (
    "สถานศึกษาของการนำเข้านี้อยู่นอกพื้นที่ที่ผู้นำเข้าดูแล",
    "The school of this import lies outside the area of whoever imports.",
)


def _of_another(own: Raw) -> tuple[str, str]:
    return (
        f"แถวนี้ระบุสถานศึกษาอื่น แต่การนำเข้านี้เป็นของ {own['name_th']} ({own['_id']}) "
        "โปรดตรวจสอบว่าเลือกไฟล์ถูก หรือนำเข้าในนามของ อปท.",
        f"This row names another school, but the import is of {own['name_th']} ({own['_id']}). "
        "Check that it is the right file, or import for the whole LAO.",
    )


def _namesakes(codes: list[str]) -> tuple[str, str]:
    listed = ", ".join(codes[:8])
    return (
        f"มีสถานศึกษาชื่อนี้มากกว่าหนึ่งแห่ง โปรดใส่รหัสสถานศึกษา: {listed}",
        f"More than one school goes by this. Put the school's code: {listed}",
    )

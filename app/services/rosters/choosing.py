"""The school or the LAO whose files are wanted, inside a person's area."""

from __future__ import annotations

from typing import Any

from app.clock import thai_today
from app.documents.schools import School
from app.documents.students import Student
from app.enums import Grade, Level, SchoolKind, SchoolStatus
from app.errors import Problem
from app.fabmongo.scope import Actor, Area
from app.reports.rosters.rows import RosterHead, RosterSchool
from app.rules.census import as_day
from app.services.areas import Place, find_place_inside, names_of, scope_filter
from app.services.rounds import current_round
from app.thai import academic_year

Raw = dict[str, Any]
_ABOVE = (Level.PROVINCE, Level.DISTRICT, Level.LAO)


def choose(
    actor: Actor, school: str = "", lao: str = "", *, may_write: bool = True, rosters_only: bool = True
) -> RosterHead | None:
    """What files of this school, or of this LAO, are about; without either, of the actor's own school or LAO.

    None where the actor's area is wider than an LAO and nothing was chosen. may_write: whether the actor's roles let
    rosters be changed; with that and an area that may, ID numbers are whole. rosters_only: schools of other
    affiliation, which have no roster, are left out. Raises Problem "not_found" for what is out of reach, and on
    "school" for a school that has no roster.
    """
    place = _place(actor.area, school, lao)
    if place is None:
        return None
    schools = _schools(actor, place, rosters_only)
    if place.level is Level.SCHOOL and not schools:
        raise Problem(
            "สถานศึกษาสังกัดอื่นไม่มีทะเบียนรายคนในระบบนี้ โปรดเลือกสถานศึกษาของ อปท.",
            "A school of another affiliation has no roster here. Choose a school of the LAO's own.",
            "school",
        )
    round_ = current_round()
    return RosterHead(
        name=place.name,
        code=place.code,
        schools=tuple(schools),
        academic_year=round_.academic_year if round_ else academic_year(thai_today()),
        number=round_.number if round_ else 1,
        census_date=as_day(round_.census_date) if round_ else None,
        made_on=thai_today(),
        single=place.level is Level.SCHOOL,
        whole=may_write and actor.area is not None and Student.scope.writes(actor.area) is not None,
    )


def _place(area: Area | None, school: str, lao: str) -> Place | None:
    if area is None:
        raise _not_found()
    if not school and not lao:
        if area.level not in (Level.SCHOOL, Level.LAO):
            return None
        level, code = Level(area.level), area.codes.get(area.level, "")
    else:
        level, code = (Level.SCHOOL, school) if school else (Level.LAO, lao)
    place = find_place_inside(area, level, code)
    if place is None:
        raise _not_found()
    return place


def _not_found() -> Problem:
    return Problem(
        "ไม่พบสถานศึกษาหรือ อปท. นี้ในพื้นที่ของท่าน โปรดเลือกจากรายการ",
        "There is no such school or LAO in your area. Choose one of the list.",
        "school",
        "not_found",
    )


def _schools(actor: Actor, place: Place, rosters_only: bool) -> list[RosterSchool]:
    granted = scope_filter(actor, School)
    if granted is None:
        raise _not_found()
    narrow: Raw = {"_id" if place.level is Level.SCHOOL else "lao_code": place.code}
    if rosters_only:
        narrow["kind"] = {"$ne": SchoolKind.OTHER.value}
    rows = list(School._get_collection().find({"$and": [granted, narrow]}).sort("_id", 1))
    names = {level: names_of(level, {row[f"{level}_code"] for row in rows}) for level in _ABOVE}
    return [_school(row, names) for row in rows]


def _school(row: Raw, names: dict[Level, dict[str, str]]) -> RosterSchool:
    province, district, lao = (names[level].get(row[f"{level}_code"], "") for level in _ABOVE)
    grades = sorted((Grade(code) for code in row.get("grades") or ()), key=lambda grade: grade.order)
    return RosterSchool(
        row["_id"], row["name_th"], SchoolKind(row["kind"]), tuple(grades), row["lao_code"], lao, district, province,
        row.get("head_name") or "", row.get("status") in (None, SchoolStatus.OPEN.value),
    )  # fmt: skip

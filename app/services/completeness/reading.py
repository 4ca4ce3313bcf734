"""Reading completeness: one aggregation over the submissions of an area, never over students."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.clock import AHEAD
from app.documents.lao import Lao
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import VERIFIED_STATES, CountSource, Level, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.rules.completeness import HANDED_IN, Completeness, first_late_moment, total
from app.services.areas import Place, names_of, scope_filter

Raw = dict[str, Any]

_VERIFIED = [state.value for state in VERIFIED_STATES]
_HANDED_IN = [state.value for state in HANDED_IN]


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One area of the page. `above` is the code of the area between it and the page's own, "" where there is none."""

    level: Level
    code: str
    name: str
    numbers: Completeness
    above: str = ""
    email: str = ""
    phone: str = ""

    @property
    def key(self) -> str:
        return f"{self.level}:{self.code}"


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """One school of an LAO: its submission's code, state and count; None is no count, which is not zero."""

    code: str
    name: str
    state: SubmissionState
    total: int | None
    source: CountSource | None
    other_affiliation: bool
    needs_attention: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """A place in a round: its own numbers and what lies below it; `names` has the areas between, by code."""

    round: Round
    place: Place
    numbers: Completeness
    areas: tuple[AreaLine, ...] = ()
    schools: tuple[SchoolLine, ...] = ()
    names: dict[str, str] | None = None


def read(actor: Actor, round_: Round, place: Place) -> Overview:
    """How complete `place` is in a round, as far as the actor may see.

    Country: its provinces. Province: its LAOs by district. District: its LAOs. LAO or school: its schools.
    Raises Problem "forbidden" for an actor without an area.
    """
    granted = scope_filter(actor, Submission)
    if granted is None:
        raise Problem(
            "บัญชีของท่านยังไม่ได้กำหนดพื้นที่ โปรดติดต่อผู้ดูแลระบบ",
            "Your account has no area yet. Ask the administrator.",
            kind="forbidden",
        )
    where = {"$and": [{"round_code": round_.code}, _inside(place), granted]}
    if place.level in (Level.LAO, Level.SCHOOL):
        schools = _schools(where)
        lines = _groups(where, round_, None)
        return Overview(round_, place, total(line for _, _, line in lines), schools=schools)
    return _areas(round_, place, _groups(where, round_, _PARENT[place.level]), place.level)


_PARENT = {Level.COUNTRY: "province_code", Level.PROVINCE: "district_code", Level.DISTRICT: None}
"""What stands between the page's area and its LAOs; the country's page shows no LAO."""


def _inside(place: Place) -> Raw:
    return {} if place.level is Level.COUNTRY else {f"{place.level}_code": place.code}


def _groups(where: Raw, round_: Round, parent: str | None) -> list[tuple[str, str, Completeness]]:
    """(LAO code, code in `parent`, numbers) of every LAO; or of every province, where the parent is one."""
    by_lao: list[Raw] = [{"$match": where}, {"$group": {"_id": "$lao_code", **_above(parent), **_sums(round_)}}]
    if parent == "province_code":
        by_lao.append({"$group": {"_id": "$parent", **_summed()}})
    rows = Submission._get_collection().aggregate(by_lao)
    return [(row["_id"] or "", row.get("parent") or "", _numbers(row)) for row in rows]


def _above(parent: str | None) -> Raw:
    return {"parent": {"$first": f"${parent}"}} if parent else {}


def _sums(round_: Round) -> Raw:
    """Accumulators over the submissions of one LAO."""
    late = first_late_moment(round_.closes_on, AHEAD)
    handed_in: Raw = {"$in": ["$state", _HANDED_IN]}
    in_time: Raw = {"$and": [handed_in, {"$lt": ["$submitted_on", late]}]} if late else handed_in
    unverified = {"$not": [{"$in": ["$state", _VERIFIED]}]}
    students = {"$ifNull": ["$total", 0]}
    return {
        **{state.value: _count({"$eq": ["$state", state.value]}) for state in SubmissionState},
        "missing": _count({"$not": [{"$gte": ["$total", 0]}]}),
        "students": {"$sum": students},
        "unverified_students": {"$sum": {"$cond": [unverified, students, 0]}},
        "on_time": _count(in_time),
        "expected": {"$sum": 1},
    }


def _count(condition: Raw) -> Raw:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def _summed() -> Raw:
    """The same over the LAOs of a province, and how many of these are done."""
    names = [*(state.value for state in SubmissionState), "missing", "students", "unverified_students", "on_time"]
    handed_in = {"$add": [f"${state}" for state in _HANDED_IN]}
    return {
        **{name: {"$sum": f"${name}"} for name in names},
        "laos": {"$sum": 1},
        "laos_done": _count({"$eq": ["$expected", handed_in]}),
    }


def _numbers(row: Raw) -> Completeness:
    states = {state: row[state.value] for state in SubmissionState if row[state.value]}
    numbers = Completeness(states, row["missing"], row["students"], row["unverified_students"], row["on_time"])
    laos, done = row.get("laos", 1), row.get("laos_done", int(numbers.complete))
    return Completeness(
        states, numbers.missing, numbers.students, numbers.unverified_students, numbers.on_time, laos, done
    )


def _areas(
    round_: Round, place: Place, groups: list[tuple[str, str, Completeness]], level: Level
) -> Overview:
    below = Level.PROVINCE if level is Level.COUNTRY else Level.LAO
    codes = [code for code, _, _ in groups]
    names = names_of(below, codes)
    contacts = _contacts(codes) if below is Level.LAO else {}
    lines = [
        AreaLine(below, code, names.get(code, code), numbers, above, **contacts.get(code, {}))
        for code, above, numbers in groups
    ]
    lines.sort(key=lambda line: (line.above, line.code[1:] if below is Level.LAO else line.code))
    between = names_of(Level.DISTRICT, {line.above for line in lines}) if level is Level.PROVINCE else {}
    return Overview(round_, place, total(line.numbers for line in lines), tuple(lines), names=between)


def _contacts(codes: list[str]) -> dict[str, dict[str, str]]:
    rows = Lao._get_collection().find({"_id": {"$in": codes}}, {"email": 1, "phone": 1})
    return {row["_id"]: {"email": row.get("email") or "", "phone": row.get("phone") or ""} for row in rows}


_SCHOOL_FIELDS = ("school_code", "state", "total", "source", "kind", "roster_changed", "list_differs")


def _schools(where: Raw) -> tuple[SchoolLine, ...]:
    rows = list(Submission._get_collection().find(where, dict.fromkeys(_SCHOOL_FIELDS, 1)).sort("school_code", 1))
    found = School._get_collection().find({"_id": {"$in": [row["school_code"] for row in rows]}}, {"name_th": 1})
    names = {row["_id"]: row["name_th"] for row in found}
    return tuple(
        SchoolLine(
            row["_id"],
            names.get(row["school_code"], row["school_code"]),
            SubmissionState(row["state"]),
            row.get("total"),
            CountSource(row["source"]) if row.get("source") else None,
            row.get("kind") == "other",
            bool(row.get("roster_changed") or row.get("list_differs")),
        )
        for row in rows
    )

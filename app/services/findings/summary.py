"""What stands in the way of certifying, and the figures and texts of a findings page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pymongo.client_session import ClientSession

from app.documents.findings import StoredFinding
from app.documents.schools import School
from app.enums import Level, Severity
from app.errors import Problem
from app.rules.catalogue import CATALOGUE, Rule
from app.services.areas import Place, find_place_inside, scope_filter
from app.services.findings.checking import check_schools
from app.services.findings.storing import EXPLAINED, GONE, OPEN

Raw = dict[str, Any]

SHOWN, SHOWN_ALONE = 10, 500
"""Findings of one rule on a page beside those of other rules, and on a page of its own."""


def open_errors(school_code: str, session: ClientSession | None = None) -> int:
    """How many errors of a school stand as last checked; each blocks certifying."""
    query = {"school_code": school_code, "state": OPEN, "severity": Severity.ERROR.value}
    return int(StoredFinding._get_collection().count_documents(query, session=session))


def blocking(school_code: str, session: ClientSession | None = None, *, fresh: bool = True) -> list[StoredFinding]:
    """What must be dealt with before a school is certified: errors, and warnings nobody has explained.

    fresh: the school is checked first, so that the answer is that of the roster as it is now.
    """
    if fresh:
        check_schools([school_code], session)
    weights = [Severity.ERROR.value, Severity.WARNING.value]
    query = {"school_code": school_code, "state": OPEN, "severity": {"$in": weights}}
    rows = StoredFinding._get_collection().find(query, session=session).sort([("severity", 1), ("rule", 1), ("_id", 1)])
    return [StoredFinding._from_son(row) for row in rows]


@dataclass(slots=True)
class Group:
    """The findings of one rule: how many are open and explained, and the first of those asked for."""

    rule: Rule
    severity: Severity
    open: int = 0
    explained: int = 0
    rows: list[StoredFinding] = field(default_factory=list)


@dataclass(slots=True)
class Overview:
    """All that stands in a place: groups by weight and catalogue; (code, name, open) of its schools."""

    place: Place
    groups: list[Group]
    schools: list[tuple[str, str, int]]
    others: dict[str, str]
    """Code -> name of other schools with the same people, those in the reader's own area alone."""

    def number(self, severity: Severity, explained: bool = False) -> int:
        """Findings of a weight that are open, or explained."""
        return sum(one.explained if explained else one.open for one in self.groups if one.severity is severity)


def overview(actor: Any, level: str, code: str, *, hide_explained: bool = False, rule: str = "") -> Overview:
    """The findings of an LAO or a school, of one rule if asked; Problem "not_found" outside the actor's area."""
    place = find_place_inside(actor.area, level, code) if level in (Level.LAO, Level.SCHOOL) else None
    granted = scope_filter(actor, StoredFinding)
    if place is None or granted is None:
        raise Problem("ไม่พบพื้นที่นี้ในพื้นที่ของท่าน", "This place is not in your area.", kind="not_found")
    here: Raw = {"$and": [granted, {f"{place.level}_code": place.code, "state": {"$ne": GONE}}]}
    groups, schools = _counted(here)
    states = [OPEN] if hide_explained else [OPEN, EXPLAINED]
    for group in groups:
        if rule in ("", group.rule.code):
            group.rows = _rows(here, group, states, SHOWN_ALONE if rule else SHOWN)
    others = {code for group in groups for row in group.rows for code in row.other_schools}
    return Overview(place, groups, _named(schools), _readable(actor, others))


def _counted(here: Raw) -> tuple[list[Group], dict[str, int]]:
    """Groups with their numbers, and how many findings each school still has to deal with."""
    keys = {"rule": "$rule", "severity": "$severity", "state": "$state", "school": "$school_code"}
    groups: dict[tuple[str, str], Group] = {}
    schools: dict[str, int] = defaultdict(int)
    for row in StoredFinding._get_collection().aggregate(
        [{"$match": here}, {"$group": {"_id": keys, "n": {"$sum": 1}}}]
    ):
        key = row["_id"]
        if key["rule"] not in CATALOGUE:
            continue
        group = groups.setdefault(
            (key["severity"], key["rule"]), Group(CATALOGUE[key["rule"]], Severity(key["severity"]))
        )
        if key["state"] == EXPLAINED:
            group.explained += row["n"]
        else:
            group.open += row["n"]
        waits = key["state"] == OPEN and group.severity is not Severity.NOTICE
        schools[key["school"]] += row["n"] if waits else 0
    order = {code: number for number, code in enumerate(CATALOGUE)}
    return sorted(groups.values(), key=lambda one: (one.severity.order, order[one.rule.code])), schools


def _rows(here: Raw, group: Group, states: list[str], limit: int) -> list[StoredFinding]:
    query = {**here, "rule": group.rule.code, "severity": group.severity.value, "state": {"$in": states}}
    cursor = StoredFinding._get_collection().find(query).sort([("state", -1), ("school_code", 1), ("student_name", 1)])
    return [StoredFinding._from_son(row) for row in cursor.limit(limit)]


def _named(schools: dict[str, int]) -> list[tuple[str, str, int]]:
    rows = School._get_collection().find({"_id": {"$in": list(schools)}}, {"name_th": 1})
    named = [(row["_id"], row["name_th"], schools[row["_id"]]) for row in rows]
    return sorted(named, key=lambda one: (-one[2], one[1]))


def _readable(actor: Any, codes: Iterable[str]) -> dict[str, str]:
    granted, wanted = scope_filter(actor, School), list(codes)
    if granted is None or not wanted:
        return {}
    rows = School._get_collection().find({"$and": [granted, {"_id": {"$in": wanted}}]}, {"name_th": 1})
    return {row["_id"]: row["name_th"] for row in rows}

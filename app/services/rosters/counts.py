"""Counts of the chosen schools in a round, as rows of a count report made on the spot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from app.clock import stored_now
from app.documents.rounds import Round
from app.documents.submissions import Submission
from app.enums import Caution, CountSource, Grade, Level
from app.fabmongo.scope import Actor
from app.reports.rosters.rows import RosterHead, RosterSchool
from app.reports.rows import GradeCount, Head, Row
from app.services.areas import scope_filter

Raw = dict[str, Any]
TOP = "TH"


def count_rows(actor: Actor, head: RosterHead, round_: Round) -> tuple[Head, list[Row]]:
    """(head of the report, its schools) from what the schools report in the round, as it stands now.

    A school without a submission in the round takes no part; one without counts is missing, which is not zero.
    """
    granted = scope_filter(actor, Submission)
    schools = {school.code: school for school in head.schools}
    rows: list[Row] = []
    paths: dict[str, str] = {}
    if granted is not None:
        here = {"round_code": round_.code, "school_code": {"$in": list(schools)}}
        for raw in Submission._get_collection().find({"$and": [granted, here]}).sort("school_code", 1):
            rows.append(_row(raw, schools[raw["school_code"]]))
            paths |= _names(raw, schools[raw["school_code"]])
    now = stored_now()
    return Head(
        round_code=round_.code,
        round_name=f"ปีการศึกษา {round_.academic_year} ครั้งที่ {round_.number}",
        census_date=round_.census_date,
        area_name=head.name,
        requested_by=getattr(actor, "username", "") or "",
        requested_on=now,
        finished_on=now,
        names=paths,
        top=_sum(head, rows),
    ), rows


def _path(raw: Raw) -> str:
    return "/".join([TOP, *(raw[f"{level}_code"] for level in (Level.PROVINCE, Level.DISTRICT, Level.LAO))])


def _names(raw: Raw, school: RosterSchool) -> dict[str, str]:
    lao = _path(raw)
    district = lao.rpartition("/")[0]
    return {lao: school.lao, district: school.district, district.rpartition("/")[0]: school.province}


def _row(raw: Raw, school: RosterSchool) -> Row:
    source = CountSource(raw["source"]) if raw.get("source") else None
    counted = raw.get("total") is not None
    by_grade = {Grade(one["grade"]): one for one in raw.get("counts") or ()} if counted else {}
    counts = [GradeCount(grade, one["male"], one["female"]) for grade, one in by_grade.items()]
    cautions = Caution.of(school.kind, raw.get("state"), source if counted else None)
    male, female = (sum(getattr(one, sex) for one in counts) for sex in ("male", "female"))
    return Row(
        level=Level.SCHOOL, code=school.code, name=school.name, path=f"{_path(raw)}/{school.code}", schools=1,
        schools_missing=0 if counted else 1, counts=tuple(sorted(counts, key=lambda one: one.grade.order)),
        male=male if counted else None, female=female if counted else None, total=male + female if counted else None,
        kind=school.kind, source=source if counted else None,
        unverified=(male + female if Caution.UNVERIFIED in cautions else 0) if counted else None,
        cautions={one: int(one in cautions) for one in Caution},
    )  # fmt: skip


def _sum(head: RosterHead, rows: Iterable[Row]) -> Row:
    """All of the place in one row."""
    rows, male, female = list(rows), Counter[Grade](), Counter[Grade]()
    for row in rows:
        for count in row.counts:
            male[count.grade] += count.male
            female[count.grade] += count.female
    counts = tuple(GradeCount(g, male[g], female[g]) for g in sorted({*male, *female}, key=lambda g: g.order))
    known = any(not row.missing for row in rows)
    path = rows[0].path if rows else TOP
    return Row(
        level=Level.SCHOOL if head.single else Level.LAO, code=head.code, name=head.name,
        path=path if head.single else path.rpartition("/")[0] or TOP, schools=len(rows),
        schools_missing=sum(row.schools_missing for row in rows), counts=counts,
        male=male.total() if known else None, female=female.total() if known else None,
        total=male.total() + female.total() if known else None, unverified=sum(row.unverified or 0 for row in rows),
        cautions={one: sum(row.cautions.get(one, 0) for row in rows) for one in Caution},
    )  # fmt: skip

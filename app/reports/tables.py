"""Reading a finished run's rows: the head, one level of the tree at a time, or everything for a writer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.documents.reports import ReportRow, ReportRun
from app.enums import Caution, CountSource, Grade, Level, SchoolKind
from app.reports.rows import GradeCount, Head, Row

Raw = dict[str, Any]
TOP = "TH"


def head(run: ReportRun) -> Head:
    """The head of a run that the caller may see; it names at most some thousands of areas."""
    code = run.to_mongo()["round_code"]
    return Head(
        round_code=code,
        round_name="ปีการศึกษา {} ครั้งที่ {}".format(*code.split("-")),
        census_date=run.census_date,
        area_name=run.area_name,
        requested_by=run.requested_by,
        requested_on=run.requested_on,
        finished_on=run.finished_on,
        names=_names(run),
        top=row_at(run, top_path(run)),
    )


def top_path(run: ReportRun) -> str:
    """Path of the run's own area, "TH/30/3014"."""
    raw = run.to_mongo()
    levels = [level for level in Level if Level.COUNTRY.order < level.order <= run.level.order]
    return "/".join([TOP, *(raw[f"{level}_code"] for level in levels)])


def row_at(run: ReportRun, path: str) -> Row | None:
    """The row of one place of the run, or None where it has none."""
    raw = ReportRow._get_collection().find_one({"_id": f"{run.pk}/{path}"})
    return typed(raw) if raw is not None else None


def children(run: ReportRun, path: str) -> list[Row]:
    """Rows one level below `path`, by code."""
    found = ReportRow._get_collection().find({"run": run.pk, "parent": path}).sort("path")
    return [typed(raw) for raw in found]


def areas(run: ReportRun) -> Iterator[Row]:
    """Every area of the run, each before its parts."""
    return _stream({"run": run.pk, "level": {"$ne": Level.SCHOOL.value}})


def schools(run: ReportRun) -> Iterator[Row]:
    """Every school of the run, by province, district, LAO and code."""
    return _stream({"run": run.pk, "level": Level.SCHOOL.value})


def typed(raw: Raw) -> Row:
    """A stored row as typed values."""
    kind, source = raw.get("kind"), raw.get("source")
    return Row(
        level=Level(raw["level"]),
        code=raw["code"],
        name=raw["name"],
        path=raw["path"],
        schools=raw["schools"],
        schools_missing=raw["schools_missing"],
        counts=tuple(GradeCount(Grade(c["grade"]), c["male"], c["female"]) for c in raw["counts"]),
        male=raw.get("male"),
        female=raw.get("female"),
        total=raw.get("total"),
        kind=SchoolKind(kind) if kind else None,
        source=CountSource(source) if source else None,
        unverified=raw.get("unverified"),
        cautions={one: raw[name] for one in Caution if (name := f"schools_{one}") in raw},
    )


def _stream(narrow: Raw) -> Iterator[Row]:
    return (typed(raw) for raw in ReportRow._get_collection().find(narrow).sort("path"))


def _names(run: ReportRun) -> dict[str, str]:
    narrow = {"run": run.pk, "level": {"$ne": Level.SCHOOL.value}}
    names = {raw["path"]: raw["name"] for raw in ReportRow._get_collection().find(narrow, {"path": 1, "name": 1})}
    steps = top_path(run).split("/")
    for depth, name in enumerate(run.above, start=2):
        names["/".join(steps[:depth])] = name
    return names

"""Rows of a count report as plain values, for pages and writers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.enums import Caution, CountSource, Grade, Level, SchoolKind


@dataclass(frozen=True, slots=True)
class GradeCount:
    """Boys and girls of one grade, in persons."""

    grade: Grade
    male: int
    female: int

    @property
    def total(self) -> int:
        return self.male + self.female


@dataclass(frozen=True, slots=True)
class Row:
    """A school or the sum of an area.

    path: codes from the top with "/" between, "TH/30/3014". Without known counts male, female and total are None and
    counts is empty; an explicit zero has 0. schools_missing: schools at or below it whose counts are not known.
    unverified: how many of total stand in counts that no LAO has verified; None too in reports that did not keep it.
    cautions: how many schools at or below it have each caution; empty in reports that did not keep them.
    """

    level: Level
    code: str
    name: str
    path: str
    schools: int
    schools_missing: int
    counts: tuple[GradeCount, ...]
    male: int | None
    female: int | None
    total: int | None
    kind: SchoolKind | None = None
    source: CountSource | None = None
    unverified: int | None = None
    cautions: Mapping[Caution, int] = field(default_factory=dict)

    @property
    def missing(self) -> bool:
        return self.total is None

    @property
    def present(self) -> list[Caution]:
        """The cautions that a school at or below it has."""
        return [caution for caution, schools in self.cautions.items() if schools]


@dataclass(frozen=True, slots=True)
class Head:
    """What a report is about: the lines above its tables. Moments are in UTC.

    names: names of all its areas and of those around it, by path. top: the row of its own area, None without schools.
    """

    round_code: str
    round_name: str
    census_date: date
    area_name: str
    requested_by: str
    requested_on: datetime
    finished_on: datetime | None
    names: dict[str, str]
    top: Row | None

    @property
    def grades(self) -> list[Grade]:
        """Grades that occur in the report, youngest first."""
        return [count.grade for count in self.top.counts] if self.top else []

    def area_names(self, row: Row) -> tuple[str, str, str]:
        """Names of the province, district and LAO of a row, "" for levels below it."""
        steps = row.path.split("/")[1:4]
        known = [self.names.get("/".join(["TH", *steps[: depth + 1]]), "") for depth in range(len(steps))]
        province, district, lao = [*known, "", "", ""][:3]
        return province, district, lao

    def lao_code(self, row: Row) -> str:
        """Code of the LAO a row lies in, "" above that level."""
        steps = row.path.split("/")
        return steps[3] if len(steps) > 3 else ""

"""Sums of a finished run's schools to LAO, district, province and country."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.documents.reports import ReportRow
from app.enums import Caution, Grade, Level
from app.services.areas import names_of
from app.services.reports.counting import TOP

Raw = dict[str, Any]
_CAUTIONS = tuple(f"schools_{caution}" for caution in Caution)
_FIELDS = dict.fromkeys(("path", "schools_missing", "counts", "male", "female", "unverified", *_CAUTIONS), 1)


@dataclass(slots=True)
class Sum:
    """Numbers of one area: schools in all, schools without counts, and [boys, girls] by grade code.

    unverified: students in counts that are not verified. cautions: schools by the name of the stored number.
    """

    schools: int = 0
    missing: int = 0
    male: int = 0
    female: int = 0
    unverified: int = 0
    cautions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CAUTIONS, 0))
    grades: dict[str, list[int]] = field(default_factory=dict)

    def add(self, row: Raw) -> None:
        """Add one school's raw row."""
        self.schools += 1
        self.missing += row["schools_missing"]
        self.male += row.get("male", 0)
        self.female += row.get("female", 0)
        self.unverified += row.get("unverified", 0)
        for name in _CAUTIONS:
            self.cautions[name] += row.get(name, 0)
        for count in row["counts"]:
            cell = self.grades.setdefault(count["grade"], [0, 0])
            cell[0] += count["male"]
            cell[1] += count["female"]


def sum_up(rows: Iterable[Raw], top: str) -> dict[str, Sum]:
    """Sums by path for `top` and every area between it and the schools; `top` is there even without schools."""
    sums = {top: Sum()}
    for row in rows:
        path = row["path"]
        while len(path := path.rpartition("/")[0]) >= len(top):
            if path not in sums:
                sums[path] = Sum()
            sums[path].add(row)
    return sums


def area_rows(run: Raw) -> list[Raw]:
    """Raw rows of the areas of a run whose schools are all stored, its own area first.

    A run of a single school has no areas to sum; its school's row is given, with no other.
    """
    rows = ReportRow._get_collection()
    stored = {"run": run["_id"], "level": Level.SCHOOL.value}
    if run["level"] == Level.SCHOOL.value:
        return [rows.find_one(stored) or {"level": Level.SCHOOL.value, "schools": 0, "schools_missing": 0}]
    top = top_path(run)
    sums = sum_up(rows.find(stored, _FIELDS), top)
    names = _names(sums)
    return [_area_row(run, path, sums[path], names[path], path == top) for path in sorted(sums)]


def top_path(run: Raw) -> str:
    """Path of the run's own area."""
    levels = [level for level in Level if Level.COUNTRY.order < level.order <= Level(run["level"]).order]
    return "/".join([TOP, *(run[f"{level}_code"] for level in levels)])


def _names(paths: Iterable[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    by_level: dict[Level, list[str]] = {}
    for path in paths:
        by_level.setdefault(_level(path), []).append(path)
    for level, of_level in by_level.items():
        if level is Level.COUNTRY:
            names[TOP] = Level.COUNTRY.th
            continue
        found = names_of(level, (_code(path) for path in of_level))
        names |= {path: found.get(_code(path), _code(path)) for path in of_level}
    return names


def _level(path: str) -> Level:
    return list(Level)[path.count("/")]


def _code(path: str) -> str:
    return path.rpartition("/")[2]


def _area_row(run: Raw, path: str, total: Sum, name: str, is_top: bool) -> Raw:
    row: Raw = {
        "_id": f"{run['_id']}/{path}",
        "run": run["_id"],
        "path": path,
        "level": _level(path).value,
        "code": _code(path),
        "name": name,
        "schools": total.schools,
        "schools_missing": total.missing,
        **total.cautions,
        "missing": total.schools == total.missing,
        "counts": _counts(total),
    }
    if not is_top:
        row["parent"] = path.rpartition("/")[0]
    if not row["missing"]:
        row |= {
            "male": total.male,
            "female": total.female,
            "total": total.male + total.female,
            "unverified": total.unverified,
        }
    return row


def _counts(total: Sum) -> list[Raw]:
    return [
        {"grade": grade.value, "male": total.grades[grade.value][0], "female": total.grades[grade.value][1]}
        for grade in Grade
        if grade.value in total.grades
    ]

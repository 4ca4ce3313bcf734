"""Rows of the page's table that opens level by level: areas, schools, and under a school its grades."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.enums import Caution, Level
from app.fabmongo.labels import T
from app.reports.rows import Row


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One line. level: 0 for the report's own area. opens: path to ask for its lines below, "" where there are none."""

    id: str
    parent: str
    level: int
    name: str
    boys: int | None
    girls: int | None
    total: int | None
    opens: str = ""
    notes: tuple[str, ...] = ()


def lines(rows: Iterable[Row], top: str) -> list[TreeRow]:
    """Lines of areas and schools; `top` is the path of the report's own area, which has no parent."""
    return [_line(row, top) for row in rows]


def grades(school: Row, top: str) -> list[TreeRow]:
    """Lines of a school's grades, youngest first."""
    depth = _depth(school.path, top) + 1
    return [
        TreeRow(
            f"{school.path}/{count.grade}", school.path, depth, str(T(count.grade.th, count.grade.en)),
            count.male, count.female, count.total,
        )
        for count in school.counts
    ]  # fmt: skip


def _line(row: Row, top: str) -> TreeRow:
    is_school = row.level is Level.SCHOOL
    name = str(T(Level.COUNTRY.th, Level.COUNTRY.en)) if row.level is Level.COUNTRY else row.name
    return TreeRow(
        row.path, "" if row.path == top else row.path.rpartition("/")[0], _depth(row.path, top), name,
        row.male, row.female, row.total,
        opens=row.path if (row.counts if is_school else row.schools) else "",
        notes=_notes(row),
    )  # fmt: skip


def _notes(row: Row) -> tuple[str, ...]:
    """What its numbers leave out, and what must be said of those they hold."""
    if row.level is Level.SCHOOL:
        found = [T("ยังไม่มีข้อมูล", "No data")] if row.missing else [T(one.th, one.en) for one in row.present]
        return tuple(str(text) for text in found)
    numbers = {name: f"{number:,}" for name, number in row.cautions.items()}
    texts = {
        "missing": T("ยังไม่มีข้อมูล {n} แห่ง", "{n} without data", n=f"{row.schools_missing:,}"),
        Caution.UNVERIFIED: T(
            "ยังไม่ตรวจสอบ {n} คน ({m} แห่ง)", "{n} not verified ({m} schools)",
            n=f"{row.unverified or 0:,}", m=numbers.get(Caution.UNVERIFIED),
        ),
        Caution.NO_PROCLAMATION: T(
            "ศูนย์โดยไม่มีประกาศ {m} แห่ง", "{m} zero without a proclamation", m=numbers.get(Caution.NO_PROCLAMATION)
        ),
    }  # fmt: skip
    said = [*(["missing"] if row.schools_missing else []), *row.present]
    return tuple(str(texts[name]) for name in said)


def _depth(path: str, top: str) -> int:
    return path.count("/") - top.count("/")

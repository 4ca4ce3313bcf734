"""Comparing a recorded count with the certified list it comes from, grade by grade and sex by sex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.enums import Grade

Cells = Mapping[Grade, tuple[int, int]]
"""Grade -> (boys, girls), in persons; a grade that is absent has nobody."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One grade: boys and girls as counted and as listed."""

    grade: Grade
    male: int
    female: int
    list_male: int
    list_female: int

    @property
    def differs(self) -> bool:
        return (self.male, self.female) != (self.list_male, self.list_female)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every grade that is counted or listed, youngest first. counted, listed: whether there is any of it."""

    rows: tuple[Difference, ...]
    counted: bool
    listed: bool

    @property
    def equal(self) -> bool:
        """Whether there are both and no grade differs."""
        return self.counted and self.listed and not any(row.differs for row in self.rows)

    @property
    def differences(self) -> tuple[Difference, ...]:
        return tuple(row for row in self.rows if row.differs)


def compare(count: Cells | None, names: Cells) -> Comparison:
    """A count beside a list; `count` None: nothing was recorded, which is not zero."""
    counted = count or {}
    grades = sorted({*counted, *names}, key=lambda grade: grade.order)
    rows = tuple(Difference(grade, *counted.get(grade, (0, 0)), *names.get(grade, (0, 0))) for grade in grades)
    return Comparison(rows, count is not None, any(map(sum, names.values())))


def explain(comparison: Comparison) -> tuple[str, str]:
    """Where a count and a list differ, in Thai and English; both empty where they agree."""
    if not comparison.counted:
        return "ยังไม่ได้บันทึกจำนวนนักเรียน", "no count is recorded yet"
    if not comparison.listed:
        return "ยังไม่มีรายชื่อนักเรียนตามแบบรับรอง", "there is no certified list of names yet"
    th, en = [], []
    for row in comparison.differences:
        pairs = (("ชาย", "boys", row.male, row.list_male), ("หญิง", "girls", row.female, row.list_female))
        for sex_th, sex_en, counted, listed in pairs:
            if counted != listed:
                th.append(f"{row.grade.th} {sex_th}: บันทึก {counted} รายชื่อ {listed}")
                en.append(f"{row.grade.en} {sex_en}: recorded {counted}, listed {listed}")
    return " · ".join(th), "; ".join(en)

"""The words of roster files: cells, sheets, layouts, and what reading a row gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

Cell = str | int | float | bool | date | None
"""What a spreadsheet's cell holds; of a CSV file always text. An empty cell is None."""

STORED = (
    "national_id", "student_no", "title", "first_name", "last_name", "sex", "birth_date", "nationality", "religion",
    "weight_kg", "height_cm", "grade", "room", "status", "admitted_on", "left_on",
)  # fmt: skip
"""Raw fields of a student that a file may fill."""

ASIDE = ("name", "grade_room", "school_code", "school_name", "academic_year", "term", "level")
"""What a column may hold besides: a whole name, grade and room in one, and where and when the row belongs.

`level` is the kind of education of a layout that writes grades as bare numbers ("ประถมศึกษา" beside "1").
"""

FIELDS = (*STORED, *ASIDE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a layout: the field it fills, and the headings by which it is found.

    headings: tidied (see `headings.tidy`), any of them. group: the heading above, where several columns share one
    name ("บิดา" above "ชื่อ"); empty takes the column under any or no group. nth: which of the columns that fit,
    from 1, left to right.
    """

    field: str
    headings: tuple[str, ...]
    group: tuple[str, ...] = ()
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """A declared mapping of columns.

    needs: fields without whose columns a sheet is not of this layout. marks: tidied texts one of which stands somewhere
    above or in the header (none: not asked for). weight: the higher wins where two fit.
    """

    code: str
    th: str
    en: str
    columns: tuple[Column, ...]
    needs: tuple[str, ...]
    marks: tuple[str, ...] = ()
    weight: int = 0


@dataclass(frozen=True, slots=True)
class SheetHead:
    """The beginning of a sheet: its first rows (at most `HEAD_ROWS`), its number of rows, its merged cells.

    merged: (first row, first column, last row, last column), counted from 0, the last included.
    """

    index: int
    name: str
    top: tuple[tuple[Cell, ...], ...]
    rows: int
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: bool = False


HEAD_ROWS = 60


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """How a sheet is read: layout, the row of its header (the last one, from 0), place of a column -> field.

    unused: headings of columns that are not read. facts: field -> text found above the header, such as the school.
    """

    index: int
    name: str
    layout: str
    header: int
    columns: dict[int, str]
    headings: dict[int, str]
    unused: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repair:
    """Something put right in a cell. kind: a code of `repairs.KINDS`, which has its Thai and English name."""

    field: str
    kind: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a cell cannot be taken, and what to do. value: as typed; of an ID number masked."""

    field: str
    value: str
    th: str
    en: str


@dataclass(slots=True)
class RowRead:
    """One row as understood. row: as people count, from 1. An empty cell is None in `values`; a column that the file
    lacks is absent. Days are midnight datetimes, grade, sex and status stored codes, as in a raw student.

    questions: keys "field:kind" of what must be answered for the whole file before this row is sure; the field then
    has no value. depends: keys that would touch this row if another row of the file raises them (a day and a month
    that could be the other way round). typed: field -> the text of the cell; reading that text gives the same row.
    """

    row: int
    typed: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    depends: list[str] = field(default_factory=list)

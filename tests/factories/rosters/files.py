"""Files of rosters, in each layout and format and with any quirks, each with what should come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.rules.imports.terms import STORED
from tests.factories.people import SCHOOL
from tests.factories.rosters.layouts import LAYOUTS
from tests.factories.rosters.lines import Line, Raw, line_of
from tests.factories.rosters.pupils import pupils
from tests.factories.rosters.quirks import IN_CELLS, OF_DAYS, QUIRKS, TYPED
from tests.factories.rosters.sheets import Sheet
from tests.factories.rosters.writers import CSV_FORMATS, written

ADMITTED = "admitted_on:admitted-on"
TERM = "16/05/2567"
"""The answer to when new pupils were admitted, where the file does not say."""

CLOSED = "1030300009"
"""The code of a school that is closed; the test makes it."""
_INSIDE = {"name": ("title", "first_name", "last_name"), "grade_room": ("grade", "room")}
"""Column -> the fields that it holds in one."""


@dataclass
class Expected:
    """What an import into an empty roster should come to, once `answers` are given.

    rows: lines of pupils in the file; taken, refused: how many of them. asked: key -> rows, before the answers.
    repairs: kind -> cells, besides those that the layout itself makes needful. faults: (sheet, row from 1, field) of
    each refused line; the field is "" where the line stands there twice. values: ID number -> raw student.
    """

    rows: int
    taken: int
    refused: int
    asked: dict[str, int]
    answers: dict[str, str]
    repairs: dict[str, int]
    faults: list[tuple[int, int, str]]
    values: dict[str, Raw] = field(repr=False)


@dataclass(frozen=True)
class RosterFile:
    """A file as a school sends it."""

    name: str
    data: bytes = field(repr=False)
    layout: str
    kind: str
    quirks: tuple[str, ...]
    expected: Expected


def make_file(
    layout: str = "lec-export",
    kind: str = "xlsx",
    quirks: Collection[str] = (),
    size: int = 40,
    seed: int = 2567,
    school: Raw | None = None,
    people: Sequence[Raw] | None = None,
) -> RosterFile:
    """A file of `size` pupils of `school` (raw; `SCHOOL` without one), or of these raw `people`.

    kind: one of `writers.FORMATS`. The same arguments give the same bytes, but for dates of making inside XLSX.
    """
    unknown = set(quirks) - set(QUIRKS)
    assert not unknown, unknown
    place = {"name_th": "โรงเรียนทดสอบ"} | (school or SCHOOL)
    form = LAYOUTS[layout]
    rows = people if people is not None else pupils(size, seed, **(school or {}))
    lines = [line_of(row, place["_id"]) for row in rows]
    _spoil(lines, quirks)
    form.prepare(lines)
    if "doubled_rows" in quirks:
        lines += [_again(line) for line in lines[:3]]
    table = form.build(place)
    sheets = table.sheets(form.sheet, lines, quirks)
    expected = _expected(sheets, {column.field for column in table.columns}, place["_id"])
    name = f"{layout}.{kind.partition('-')[0]}"
    return RosterFile(name, written(sheets, kind), layout, kind, tuple(quirks), expected)


def fits(layout: str, kind: str, quirk: str) -> bool:
    """Whether a quirk can be found in files of this layout and format."""
    table = LAYOUTS[layout].build({"_id": "", "name_th": ""})
    fields = {column.field for column in table.columns}
    if kind in CSV_FORMATS and quirk in ("merged_cells", "mixed_sheets", *TYPED[:3]):
        return False
    if kind in CSV_FORMATS and not CSV_FORMATS[kind][0].startswith("utf-8") and quirk in ("emoji", "rtl", "invisible"):
        return False
    needs = {
        "no_sex": "sex", "run_together_titles": "title", "run_together_names": "last_name", "merged_cells": "grade",
        "closed_school": "school_code", **dict.fromkeys(OF_DAYS, "birth_date"),
    }  # fmt: skip
    return needs.get(quirk, "national_id") in fields


def _spoil(lines: list[Line], quirks: Collection[str]) -> None:
    for name in quirks:
        if name in IN_CELLS:
            IN_CELLS[name](lines)
    if "closed_school" in quirks:
        for line in lines[::5]:
            line.cells["school_code"] = CLOSED
            line.refused = "school_code"


def _again(line: Line) -> Line:
    """The same line once more, which is refused for that."""
    return Line(line.pupil, dict(line.cells), list(line.repairs), "", dict(line.asked), dict(line.depends))


def _expected(sheets: Sequence[Sheet], columns: set[str], school_code: str) -> Expected:
    """What comes of lines in a layout with these columns."""
    inside = {name: column for column in columns for name in (column, *_INSIDE.get(column, ()))}
    placed = [(index, at, line) for index, sheet in enumerate(sheets) for at, line in sheet.lines]
    lines = [line for _, _, line in placed]
    asked: Counter[str] = Counter()
    answers: dict[str, str] = {}
    taken = [line for line in lines if line.refused is None]
    for line in taken:
        mine = {key: right for key, right in line.asked.items() if key.partition(":")[0] in inside}
        asked.update(mine.keys())
        answers |= mine
    raised = set(answers)
    for line in taken:
        asked.update(raised & line.depends.keys())
    repairs: Counter[str] = Counter()
    for line in lines:
        told = [(name, kind) for name, kind in line.repairs if name in inside and name != line.refused]
        # What stands in one cell is put right once, but what is taken apart is told of each part.
        repairs.update(kind for _, kind in {(name if _splits(kind) else inside[name], kind) for name, kind in told})
    stated: Raw = {"school_code": school_code}
    if "admitted_on" not in inside:
        asked[ADMITTED], answers[ADMITTED] = len(taken), TERM
        stated["admitted_on"] = datetime(2024, 5, 16)
    shown = (inside.keys() | {"sex"}) & set(STORED)
    return Expected(
        rows=len(placed), taken=len(taken), refused=len(placed) - len(taken), asked=dict(asked), answers=answers,
        repairs=dict(repairs),
        faults=[
            (index, at + 1, inside.get(line.refused, line.refused))
            for index, at, line in placed if line.refused is not None
        ],
        values={
            line.pupil["national_id"]: {name: line.pupil[name] for name in shown if name in line.pupil} | stated
            for line in taken
        },
    )  # fmt: skip


def _splits(kind: str) -> bool:
    """Whether a repair takes a cell apart: it is told of each of the fields that come of it."""
    return kind.endswith("-split")

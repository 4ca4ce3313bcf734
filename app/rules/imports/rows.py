"""Rows of a sheet as understood: values as a student stores them, and what was put right, is wrong or open."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date

from app.rules import national_id
from app.rules.imports import feet, names, people, placing
from app.rules.imports.cells import LONGEST, text_of
from app.rules.imports.dates import DateReader
from app.rules.imports.fields import DAYS
from app.rules.imports.headers import tidy
from app.rules.imports.numbers import read_code, read_id, read_measure, read_term, read_year
from app.rules.imports.seen import Seen, take
from app.rules.imports.statuses import read_status
from app.rules.imports.terms import Cell, Repair, RowRead, SheetPlan

MOST_KEPT = 20_000
"""Different texts of one field that are remembered; then the memory starts anew."""
_TOGETHER = frozenset({"title", "first_name", "last_name", "name", "sex", "grade", "grade_room", "room", "level"})
"""Fields whose cells are understood together with others of the row."""
_NOTHING: Container[int] = ()
_Reader = Callable[[str], Seen]


class RowReader:
    """Reads the rows of one sheet. answers: those given for the file, by `questions.key`; today: Thailand's day."""

    def __init__(self, plan: SheetPlan, answers: Mapping[str, str], *, today: date) -> None:
        self._plan = plan
        self._columns = [(place, field) for place, field in sorted(plan.columns.items())]
        fields = {field for _, field in self._columns}
        self._facts = {field: text_of(text) for field, text in plan.facts.items() if field not in fields}
        self._headings = {tidy(text_of(heading)) for heading in plan.headings.values()}
        self._readers = _readers(answers, today)
        self._kept: dict[str, dict[str, Seen]] = {field: {} for field in self._readers}

    def read(self, number: int, cells: Sequence[Cell], filled: Container[int] = _NOTHING) -> RowRead | None:
        """A row by its number from 0. None for a line that is no data: empty, a header, notes, a total, signatures."""
        if number <= self._plan.header:
            return None
        typed: dict[str, str] = {}
        width = len(cells)
        for place, field in self._columns:
            cell = cells[place] if place < width else None
            if field in typed:
                continue
            if type(cell) is str and cell.isascii() and len(cell) < LONGEST and cell[:1] != "'":
                typed[field] = cell.strip()
            else:
                typed[field] = "" if cell is None else text_of(cell)
        if not self._is_data(typed, cells):
            return None
        typed.update(self._facts)
        row = self._understood(number + 1, typed)
        if filled is not _NOTHING:
            self._note_filled(row, filled)
        return row

    def read_typed(self, row: int, typed: Mapping[str, str]) -> RowRead:
        """The same from texts by field. row: as people count, from 1."""
        return self._understood(row, {field: text_of(text) for field, text in typed.items()})

    def _is_data(self, typed: Mapping[str, str], cells: Sequence[Cell]) -> bool:
        number = typed.get("national_id", "")
        if len(number) >= 10 and number.isalnum() and (typed.get("first_name") or typed.get("name")):
            return True  # as nearly every line is: no header, total or signature has both
        return feet.is_data(typed, cells, self._headings)

    def _understood(self, row: int, typed: dict[str, str]) -> RowRead:
        read = RowRead(row, typed)
        values, kept = read.values, self._kept
        for field, text in typed.items():
            if field in _TOGETHER:
                continue
            if field == "national_id":
                if len(text) == 13 and national_id.is_valid_thai_id(text):
                    values[field] = text
                    continue
                seen = read_id(text)
            elif (memory := kept.get(field)) is None:
                continue
            elif (found := memory.get(text)) is not None:
                seen = found
            else:
                if len(memory) >= MOST_KEPT:
                    memory.clear()
                seen = memory[text] = self._readers[field](text)
            take(read, field, seen)
        people.understand(read)
        placing.understand(read)
        return read

    def _note_filled(self, row: RowRead, filled: Container[int]) -> None:
        """What only the cells show: values filled from merged cells."""
        for place, field in self._columns:
            if place in filled and row.typed.get(field):
                row.repairs.append(Repair(field, "merged", "", row.typed[field]))


def _readers(answers: Mapping[str, str], today: date) -> dict[str, _Reader]:
    """field -> how its text is understood by itself."""

    def code(field: str) -> _Reader:
        return lambda text: read_code(text, field)

    def words(field: str) -> _Reader:
        return lambda text: names.read_words(text, field)

    def measure(field: str) -> _Reader:
        return lambda text: read_measure(text, field)

    return {
        **{field: code(field) for field in ("student_no", "school_code")},
        **{field: words(field) for field in ("nationality", "religion", "school_name")},
        **{field: measure(field) for field in ("weight_kg", "height_cm")},
        **{field: DateReader(field, answers, today).read for field in sorted(DAYS)},
        "status": read_status,
        "academic_year": read_year,
        "term": read_term,
    }

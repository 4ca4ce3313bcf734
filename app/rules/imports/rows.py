"""Rows of a sheet as understood: values as a student stores them, and what was put right, is wrong or open."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date

from app.enums import Sex
from app.rules import national_id
from app.rules.imports import feet, names
from app.rules.imports.cells import LONGEST, text_of
from app.rules.imports.dates import DateReader
from app.rules.imports.fields import DAYS
from app.rules.imports.grades import see_grade
from app.rules.imports.headers import tidy
from app.rules.imports.numbers import read_code, read_id, read_measure, read_term, read_year
from app.rules.imports.seen import Seen, mended, refused
from app.rules.imports.statuses import read_status
from app.rules.imports.terms import Cell, Repair, RowRead, SheetPlan
from app.rules.titles import full_title

MOST_KEPT = 20_000
"""Different texts of one field that are remembered; then the memory starts anew."""
_TOGETHER = frozenset({"title", "first_name", "last_name", "name", "sex", "grade", "grade_room", "room", "level"})
"""Fields whose cells are understood together with others of the row."""
_IDENTITY = ("national_id", "first_name", "last_name", "name")
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

    def read(self, number: int, cells: Sequence[Cell], filled: Container[int] = ()) -> RowRead | None:
        """A row by its number from 0. None for a line that is no data: empty, a header, notes, a total, signatures."""
        if number <= self._plan.header:
            return None
        typed: dict[str, str] = {}
        width = len(cells)
        for place, field in self._columns:
            cell = cells[place] if place < width else None
            if field in typed:
                continue
            if type(cell) is str and cell.isascii() and len(cell) < LONGEST:
                typed[field] = cell.strip()
            else:
                typed[field] = "" if cell is None else text_of(cell)
        if not self._is_data(typed, cells):
            return None
        typed.update(self._facts)
        row = self._understood(number + 1, typed)
        self._note_cells(row, cells, filled)
        return row

    def read_typed(self, row: int, typed: Mapping[str, str]) -> RowRead:
        """The same from texts by field. row: as people count, from 1."""
        return self._understood(row, {field: text_of(text) for field, text in typed.items()})

    def _is_data(self, typed: Mapping[str, str], cells: Sequence[Cell]) -> bool:
        number = typed.get("national_id")
        if number and number[-1].isdigit() and (typed.get("first_name") or typed.get("name")):
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
            _take(read, field, seen)
        _person(read)
        _place(read)
        return read

    def _note_cells(self, row: RowRead, cells: Sequence[Cell], filled: Container[int]) -> None:
        """What only the cells show: dates kept as Buddhist-era years, values filled from merged cells."""
        for place, field in self._columns:
            cell = cells[place] if place < len(cells) else None
            if isinstance(cell, date) and cell.year >= 2400 and field in DAYS:
                before = f"{cell.year:04}-{cell.month:02}-{cell.day:02}"
                row.repairs.append(Repair(field, "be-in-date-cell", before, row.typed[field]))
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


def _take(read: RowRead, field: str, seen: Seen) -> None:
    """Put what was seen of one field into the row; a refused or asked one gets no value."""
    if seen.repairs:
        read.repairs.extend(seen.repairs)
    if seen.depends:
        read.depends.extend(seen.depends)
    if seen.troubles or seen.questions:
        read.troubles.extend(seen.troubles)
        read.questions.extend(seen.questions)
    else:
        read.values[field] = seen.value


def _person(read: RowRead) -> None:
    typed = read.typed
    if "title" in typed:
        _take(read, "title", names.read_title(typed["title"]))
    if "first_name" in typed or "last_name" in typed:
        _own_columns(read)
    elif "name" in typed:
        _whole_name(read)
    _sex(read)


def _own_columns(read: RowRead) -> None:
    """First and last name from their columns, what runs together in the first taken apart."""
    for field in ("first_name", "last_name"):
        if field in read.typed:
            _take(read, field, names.read_name(read.typed[field], field))
    first = read.values.get("first_name")
    if not first:
        if "name" in read.typed and not read.typed.get("first_name") and not read.typed.get("last_name"):
            _whole_name(read)
        return
    text = read.typed["first_name"]
    form, rest = names.split_title(first, read.values.get("title") or "")
    if form:
        title = full_title(form)
        if not read.values.get("title") and not _troubled(read, "title"):
            read.values["title"] = title
            read.repairs.append(Repair("title", "title-split", read.typed.get("title", ""), title))
        first = read.values["first_name"] = rest
        read.repairs += mended("first_name", text, rest, ["title-split"])
    if not read.typed.get("last_name") and " " in first:
        one, _, last = first.partition(" ")
        read.values["first_name"], read.values["last_name"] = one, last
        read.repairs.append(Repair("first_name", "name-split", text, one))
        read.repairs.append(Repair("last_name", "name-split", "", last))


def _whole_name(read: RowRead) -> None:
    """Title, first and last name from one column, where titles belong: only short ones are put right."""
    text = read.typed["name"]
    seen = names.read_name(text, "name")
    read.repairs.extend(seen.repairs)
    read.troubles.extend(seen.troubles)
    if seen.value is None:
        if not seen.troubles:
            read.values.update(first_name=None, last_name=None)
        return
    form, rest = names.split_title(seen.value, read.values.get("title") or "")
    if form and not read.values.get("title") and not _troubled(read, "title"):
        title = names.read_title(form)
        _take(read, "title", title)
    first, _, last = rest.partition(" ")
    if not last:
        read.troubles.extend(names.run_together("name", text).troubles)
        return
    for field, value in (("first_name", first), ("last_name", last)):
        part = names.read_name(value, field)
        _take(read, field, part)


def _sex(read: RowRead) -> None:
    title = read.values.get("title")
    by_title: Sex | None = names.sex_by_title(title) if title else None
    if text := read.typed.get("sex", ""):
        seen = names.read_sex(text, by_title)
        _take(read, "sex", seen)
        if seen.value is not None or seen.troubles:
            return
    elif "sex" in read.typed:
        read.values["sex"] = None
    if title and by_title is not None:
        read.values["sex"] = by_title.value
        read.repairs.append(names.sex_repair(title, by_title))


def _place(read: RowRead) -> None:
    """Grade and room, each from its own column or from one."""
    typed = read.typed
    field = "grade_room" if typed.get("grade_room") and not typed.get("grade") else "grade"
    if field not in typed:
        field = "grade_room"
    room = ""
    if field in typed:
        seen, room = see_grade(typed[field], typed.get("level", ""), field)
        _take(read, "grade", seen)
    if "room" in typed:
        _take(read, "room", read_code(typed["room"], "room"))
    elif room or (field == "grade_room" and field in typed):
        _take(read, "room", read_code(room, "room"))
        return
    if room:
        _room_beside(read, room)


def _room_beside(read: RowRead, room: str) -> None:
    """A room in the grade's column beside a column of rooms: it fills an empty one and must not differ."""
    said = read_code(room, "room")
    if _troubled(read, "room"):
        return
    if read.values.get("room") is None:
        _take(read, "room", said)
    elif said.value is not None and str(said.value).lstrip("0") != str(read.values["room"]).lstrip("0"):
        del read.values["room"]
        read.troubles.extend(
            refused(
                "room", f"{room} / {read.typed['room']}",
                "ห้องในคอลัมน์ชั้นกับห้องในคอลัมน์ห้องไม่ตรงกัน โปรดแก้ไขให้ตรงกัน",
                "The room written with the grade differs from the room in its own column. Correct one of them.",
            ).troubles
        )  # fmt: skip


def _troubled(read: RowRead, field: str) -> bool:
    return any(trouble.field == field for trouble in read.troubles)

"""The page on which a person says what columns are: their headings, samples, guesses, and rows as understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.clock import thai_today
from app.documents.imports import ImportLayout, ImportRun
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.rules.imports import fields, layouts, recognising
from app.rules.imports.rows import RowReader
from app.rules.imports.terms import ASIDE, FIELDS, STORED, SheetHead, SheetPlan
from app.services.imports.columns import beginnings
from app.views.imports import texts

HEADER_CHOICES = 20
SHOWN_ROWS = 4
LONGEST_HEADING, LONGEST_CHOICE = 60, 20
FOR_NEW = ("national_id", "birth_date", "grade")
"""Without these nobody can be added to a roster; changing who is there goes without."""
WITHIN = {"grade": ("grade", "grade_room")}
"""A field that other columns say as well."""
_COLUMN = re.compile(r"c-(\d{1,3})-(\d{1,3})")


def layout_name(run: ImportRun) -> str:
    """What the file was recognised as; empty where nobody knows yet."""
    if not run.layout:
        return ""
    known = next((one for one in layouts.builtin() if one.code == run.layout), None)
    if known is not None:
        return str(T(known.th, known.en))
    saved = MongoInterface(ImportLayout).get(run.layout)
    return str(saved) if saved is not None else str(T("จับคู่คอลัมน์เอง", "Columns chosen by hand"))


def chosen(form: Mapping[str, str]) -> list[dict[str, Any]]:
    """What was posted, as `set_columns` takes it: sheets that are used, with header row and {place: field}."""
    sheets: dict[int, dict[str, Any]] = {}
    for name, value in form.items():
        found = _COLUMN.fullmatch(name)
        if found is None or value not in FIELDS:
            continue
        index = int(found[1])
        if form.get(f"use-{index}"):
            sheet = sheets.setdefault(index, {"index": index, "header": _row(form, index), "columns": {}})
            sheet["columns"][int(found[2])] = value
    return [sheets[index] for index in sorted(sheets)]


def _row(form: Mapping[str, str], index: int) -> int:
    """The row of the header; -1 for a sheet without one."""
    text = form.get(f"header-{index}", "")
    if text == "-1":
        return -1
    return min(int(text), 59) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def page(run: ImportRun, form: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The sheets of the file with their columns. form: what is chosen now; without one, what is stored or guessed."""
    sheets = [_sheet(run, head, form) for head in beginnings(run.pk) if not head.hidden and head.rows]
    return {"sheets": sheets, "options": options(), "name": (form or {}).get("save_as", "")}


def options() -> list[dict[str, Any]]:
    """Fields to choose from, in two groups."""
    student, aside = T("ข้อมูลนักเรียน", "The student"), T("ชื่อรวม ชั้น/ห้อง และสถานศึกษา", "Names, grade and school")
    return [
        {"label": label, "fields": [{"value": name, "label": texts.field_label(name)} for name in names]}
        for label, names in ((student, STORED), (aside, ASIDE))
    ]


def _sheet(run: ImportRun, head: SheetHead, form: Mapping[str, str] | None) -> dict[str, Any]:
    plan, used = _plan(run, head, form)
    header = plan.header if plan else _fullest(head)
    columns = dict(plan.columns) if plan else {}
    samples = recognising.samples(head, header)
    return {
        "index": head.index, "name": head.name, "rows": head.rows, "used": used, "header": header,
        "headers": [
            {"value": -1, "label": T("ไม่มีหัวตาราง แถวแรกเป็นข้อมูลเลย", "None: the first row is data")},
            *(_header(number, row) for number, row in enumerate(head.top[:HEADER_CHOICES]) if any(row)),
        ],
        "columns": [
            {"place": place, "letter": _letter(place), "heading": _heading(head, header, place),
             "samples": samples.get(place, []), "field": columns.get(place, "")}
            for place in range(_width(head, header)) if samples.get(place) or _heading(head, header, place)
        ],
        "needed": needed(set(columns.values())), "shown": _understood(run, head, plan) if plan else [],
        "shown_fields": [{"name": name, "label": texts.field_label(name)} for name in dict.fromkeys(columns.values())],
    }  # fmt: skip


def _plan(run: ImportRun, head: SheetHead, form: Mapping[str, str] | None) -> tuple[SheetPlan | None, bool]:
    """The plan of a sheet and whether the sheet is used at all."""
    if form is None:
        stored = next((one for one in run.sheets if one.index == head.index), None)
        if stored is not None:
            columns = {column.place: column.field for column in stored.columns}
            return recognising.plan_of(head, stored.header, columns), True
        guess = recognising.guess(head)
        return guess, guess is not None
    used, header = bool(form.get(f"use-{head.index}")), _row(form, head.index)
    if form.get(f"seen-{head.index}") != str(header):  # another row was chosen: its headings mean something else
        guess = recognising.guess(head)
        if guess is not None and guess.header == header:
            return guess, used
    columns = {
        place: form.get(f"c-{head.index}-{place}", "")
        for place in range(_width(head, header))
        if form.get(f"c-{head.index}-{place}") in FIELDS
    }
    return recognising.plan_of(head, header, columns), used


def needed(filled: set[str]) -> dict[str, list[dict[str, Any]]]:
    """What one of must be filled, and what new students need besides; each with whether it is."""
    return {
        "one_of": [_need(sorted(one, key=FIELDS.index), filled) for one in fields.NEEDED],
        "for_new": [_need([name], filled) for name in FOR_NEW],
    }


def _need(names: list[str], filled: set[str]) -> dict[str, Any]:
    label = " + ".join(str(texts.field_label(name)) for name in names)
    ways = [WITHIN.get(name, (name,)) for name in names]
    return {"label": label, "fields": " ".join("|".join(way) for way in ways),
            "filled": all(filled.intersection(way) for way in ways)}  # fmt: skip


def _understood(run: ImportRun, head: SheetHead, plan: SheetPlan) -> list[dict[str, Any]]:
    """The first rows as they would be read."""
    reader, found = RowReader(plan, dict(run.answers or {}), today=thai_today()), []
    for number in range(plan.header + 1, len(head.top)):
        read = reader.read(number, head.top[number])
        if read is None:
            continue
        found.append(
            {
                "row": read.row,
                "values": {name: _value(name, read.values, read.typed) for name in plan.columns.values()},
                "troubles": [T(one.th, one.en) for one in read.troubles],
            }
        )
        if len(found) == SHOWN_ROWS:
            break
    return found


def _value(name: str, values: Mapping[str, Any], typed: Mapping[str, str]) -> str:
    text = texts.value_text(name, values[name], {}) if values.get(name) is not None else ""
    return text or texts.typed_text(name, typed.get(name, ""))


def _fullest(head: SheetHead) -> int:
    """The row with the most cells among the first: likely a header."""
    top = head.top[:HEADER_CHOICES]
    return max(range(len(top)), key=lambda number: sum(cell is not None for cell in top[number]), default=0)


def _width(head: SheetHead, header: int) -> int:
    first = max(header, 0)
    return max((len(row) for row in head.top[first : first + 10]), default=0)


def _heading(head: SheetHead, header: int, place: int) -> str:
    """The text of a column's heading: of the header row, or of the one above where cells are merged downwards."""
    for number in (header, header - 1):
        row = head.top[number] if 0 <= number < len(head.top) else ()
        if place < len(row) and row[place] is not None:
            return " ".join(str(row[place]).split())[:LONGEST_HEADING]
    return ""


def _header(number: int, row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as a choice of the header; numbers are not shown, for this may be a row of people."""
    cells = [" ".join(str(cell).split())[:LONGEST_CHOICE] for cell in row if cell is not None]
    words = [cell for cell in cells if not any(char.isdigit() for char in cell)]
    text = " · ".join(words[:4]) + (" …" if len(words) > 4 else "")
    return {"value": number, "label": T("แถว {n}: {text}", "Row {n}: {text}", n=number + 1, text=text)}


def _letter(place: int) -> str:
    """The name of a column as spreadsheets have it: 0 is A, 26 is AA."""
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name

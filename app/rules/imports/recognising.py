"""Which layout a sheet has, told by what its header says and never by a file's name; a best guess for unknown ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.rules.imports import guessing
from app.rules.imports.cells import shown, text_of
from app.rules.imports.fields import PERSONAL
from app.rules.imports.headers import Heading, compose, facts, named, texts
from app.rules.imports.looks import looks
from app.rules.imports.terms import Layout, SheetHead, SheetPlan


def recognise(head: SheetHead, layouts: Sequence[Layout]) -> SheetPlan | None:
    """How a sheet is read by the layout that fits it best; None where none fits, and for a hidden sheet."""
    if head.hidden:
        return None
    best: tuple[tuple[int, int, int], Layout, int, dict[int, str]] | None = None
    for row in range(len(head.top)):
        if sum(bool(text) for text in texts(head, row)) < 2:
            continue
        headings = compose(head, row)
        for layout in layouts:
            columns = _columns(layout, headings)
            if not set(layout.needs) <= set(columns.values()) or not _marked(layout, head, row, headings):
                continue
            score = (layout.weight, len(columns), -row)
            if best is None or score > best[0]:
                best = (score, layout, row, columns)
    if best is None:
        return None
    _, layout, row, columns = best
    row = _last_row(head, row, columns)
    return _plan(head, row, _told_apart(head, row, columns), layout.code)


def guess(head: SheetHead) -> SheetPlan | None:
    """The likeliest reading of an unknown sheet, by its headings and by the look of its cells, for a person to check.

    The header is -1 where the sheet has none. None: hidden, or nothing like a table.
    """
    if head.hidden:
        return None
    found = guessing.best(head)
    return None if found is None else _plan(head, *found, "")


def plan_of(head: SheetHead, header: int, columns: Mapping[int, str]) -> SheetPlan:
    """The reading that a person chose: the last row of the header, and which column fills which field."""
    return _plan(head, header, {int(place): field for place, field in columns.items() if field}, "")


def samples(head: SheetHead, header: int, most: int = 5) -> dict[int, list[str]]:
    """place of a column -> up to `most` different texts below the header, ID numbers masked."""
    found: dict[int, list[str]] = {}
    for cells in head.top[header + 1 :]:
        for place, cell in enumerate(cells):
            text = shown(text_of(cell))
            kept = found.setdefault(place, [])
            if text and len(kept) < most and text not in kept:
                kept.append(text)
    return {place: kept for place, kept in found.items() if kept}


def _columns(layout: Layout, headings: Sequence[Heading]) -> dict[int, str]:
    """place -> field. A column of a layout that names no group never takes what belongs to a parent or guardian."""
    by_text: dict[str, list[Heading]] = {}
    for heading in headings:
        by_text.setdefault(heading.tidied, []).append(heading)
    found: dict[int, str] = {}
    filled: set[str] = set()
    for column in layout.columns:
        if column.field in filled:
            continue
        fitting = sorted(
            (heading for text in column.headings for heading in by_text.get(text, ())), key=lambda one: one.place
        )
        if column.group:
            fitting = [one for one in fitting if any(group in one.group for group in column.group)]
        elif column.field in PERSONAL:
            fitting = [one for one in fitting if not one.of_others]
        if len(fitting) >= column.nth and fitting[column.nth - 1].place not in found:
            found[fitting[column.nth - 1].place] = column.field
            filled.add(column.field)
    return dict(sorted(found.items()))


def _marked(layout: Layout, head: SheetHead, row: int, headings: Sequence[Heading]) -> bool:
    if not layout.marks:
        return True
    said = {heading.group + heading.tidied for heading in headings}
    said.update(guessing.tidy_row(head, above) for above in range(row))
    return any(mark in text for mark in layout.marks for text in said)


def _last_row(head: SheetHead, row: int, columns: Mapping[int, str]) -> int:
    """The header's last row: the one below too, where it holds only the sub-headings of merged headings."""
    for below in range(row + 1, min(row + 3, len(head.top))):
        own = texts(head, below)
        if any(own[place] and own[place] != texts(head, row)[place] for place in columns if place < len(own)):
            break
        if sum(guessing.is_heading(text) for text in own if text) >= 2:
            return below
    return row


def _told_apart(head: SheetHead, row: int, columns: Mapping[int, str]) -> dict[int, str]:
    """The columns, ID and student number changed places where the cells say so."""
    places = {field: place for place, field in columns.items()}
    number, card = places.get("student_no"), places.get("national_id")
    if number is None or card is None:
        return dict(columns)
    if looks(head, row, number).get("national_id", 0) > 0.5 > looks(head, row, card).get("national_id", 0):
        return {**columns, number: "national_id", card: "student_no"}
    return dict(columns)


def _plan(head: SheetHead, header: int, columns: Mapping[int, str], layout: str) -> SheetPlan:
    headings = named(compose(head, header)) if header >= 0 else {}
    return SheetPlan(
        index=head.index,
        name=head.name,
        layout=layout,
        header=header,
        columns=dict(columns),
        headings=headings,
        unused=tuple(text for place, text in headings.items() if place not in columns),
        facts={field: text for field, text in facts(head, header).items() if field not in columns.values()},
    )

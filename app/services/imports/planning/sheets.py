"""How the sheets of a file are read: recognised by layouts, guessed, or as a person chose; kept on the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.documents.imports import ImportLayout
from app.rules.imports import layouts, recognising
from app.rules.imports.terms import Layout, SheetHead, SheetPlan

Raw = dict[str, Any]

READ = "read"
"""The kind of cursor of a run whose file is read."""


def layouts_for(run: Raw) -> list[Layout]:
    """Built-in layouts and those that people of the run's LAO saved; only the one that was chosen, if one was."""
    saved = ImportLayout._get_collection().find({"lao_code": run["lao_code"]}) if run.get("lao_code") else ()
    known = [*layouts.builtin(), *(_saved(row) for row in saved)]
    chosen = run.get("layout")
    return [layout for layout in known if layout.code == chosen] if chosen else known


def _saved(row: Raw) -> Layout:
    headings = {column["heading"]: column["field"] for column in row.get("columns") or () if column.get("heading")}
    return layouts.saved(str(row["_id"]), row["name"], headings)


def recognised(run: Raw, heads: Sequence[SheetHead]) -> list[SheetPlan]:
    """The plans of the sheets that are of a known layout; none where the columns must be chosen."""
    known = layouts_for(run)
    found = (recognising.recognise(head, known) for head in heads)
    return [plan for plan in found if plan is not None]


def guessed(heads: Sequence[SheetHead]) -> list[SheetPlan]:
    """What the sheets of an unknown file could be."""
    found = (recognising.guess(head) for head in heads if not head.hidden)
    return [plan for plan in found if plan is not None]


def beginning(plans: Sequence[SheetPlan], heads: Sequence[SheetHead]) -> Raw:
    """Raw fields of a run whose rows are to be read from the first one."""
    after = {plan.index: plan.header + 1 for plan in plans}
    return {
        "sheets": [stored(plan) for plan in plans],
        "cursor": {"kind": READ, "sheet": -1, "row": -1, "n": 0},
        "progress_done": 0,
        "progress_total": sum(max(0, head.rows - after[head.index]) for head in heads if head.index in after),
    }


def stored(plan: SheetPlan) -> Raw:
    """A plan as the run keeps it."""
    return {
        "index": plan.index,
        "name": plan.name,
        "layout": plan.layout,
        "header": plan.header,
        "columns": [
            {"place": place, "heading": plan.headings.get(place, ""), "field": name}
            for place, name in sorted(plan.columns.items())
        ],
        "unused": list(plan.unused),
        "facts": dict(plan.facts),
    }


def plans_of(run: Raw) -> dict[int, SheetPlan]:
    """Index of a sheet -> the plan that the raw run keeps."""
    return {sheet["index"]: _plan(sheet) for sheet in run.get("sheets") or ()}


def _plan(sheet: Raw) -> SheetPlan:
    columns = sheet.get("columns") or ()
    return SheetPlan(
        sheet["index"],
        sheet.get("name") or "",
        sheet.get("layout") or "",
        sheet["header"],
        {column["place"]: column["field"] for column in columns},
        {column["place"]: column.get("heading") or "" for column in columns},
        tuple(sheet.get("unused") or ()),
        dict(sheet.get("facts") or {}),
    )

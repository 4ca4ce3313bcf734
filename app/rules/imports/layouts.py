"""Layouts: those that come with LEC, each a small file beside this module, and those that people saved."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.rules.imports.fields import HEADINGS
from app.rules.imports.headers import BETWEEN, tidy
from app.rules.imports.terms import FIELDS, Column, Layout

FOLDER = Path(__file__).with_name("layouts")
_NTH = re.compile(r"\s\((\d{1,2})\)$")
SAVED_WEIGHT = 100
"""What an LAO saved for its own files goes before what LEC brings along."""


@cache
def builtin() -> tuple[Layout, ...]:
    """The layouts of `layouts/*.toml`, heaviest first. A new layout is a new file there."""
    found = [declared(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.toml"))]
    return tuple(sorted(found, key=lambda layout: -layout.weight))


def declared(code: str, told: Mapping[str, Any]) -> Layout:
    """A layout of a parsed file. Raises ValueError for a field that does not exist or a column without headings."""
    columns = tuple(_column(code, column) for column in told["columns"])
    unknown = set(told["needs"]) - {column.field for column in columns}
    if unknown:
        raise ValueError(f"layout {code} needs what it has no column for: {sorted(unknown)}")
    return Layout(
        code=code,
        th=told["th"],
        en=told["en"],
        columns=columns,
        needs=tuple(told["needs"]),
        marks=tuple(tidy(mark) for mark in told.get("marks", ())),
        weight=int(told.get("weight", 0)),
    )


def _column(code: str, told: Mapping[str, Any]) -> Column:
    field = told["field"]
    headings = tuple(dict.fromkeys(tidy(text) for text in told.get("headings", HEADINGS.get(field, ()))))
    if field not in FIELDS or not headings:
        raise ValueError(f"layout {code}: no such field, or no heading: {field}")
    return Column(field, headings, tuple(tidy(group) for group in told.get("group", ())), int(told.get("nth", 1)))


def saved(code: str, name: str, headings: Mapping[str, str]) -> Layout:
    """A layout that people saved: heading as `SheetPlan.headings` shows it -> field.

    A group before the heading ("บิดา › ชื่อ") and a number behind it ("… (2)") are understood.
    """
    columns = []
    for heading, field in headings.items():
        nth = _NTH.search(heading)
        group, _, text = (heading[: nth.start()] if nth else heading).rpartition(BETWEEN)
        groups = (tidy(group),) if group else ()
        columns.append(Column(field, (tidy(text),), groups, int(nth[1]) if nth else 1))
    needs = tuple(dict.fromkeys(column.field for column in columns))
    return Layout(code, name, name, tuple(columns), needs, weight=SAVED_WEIGHT)

"""A OneRoster zip as one sheet: its tables are joined by the rule in app/rules/imports/oneroster.py."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from app.rules.imports import oneroster as rule
from app.services.imports.files.sheet_reader.refusing import Limits, Refusal
from app.services.imports.files.sheet_reader.sheets import Line, Sheet
from app.services.imports.files.sheet_reader.texts import is_utf8
from app.services.imports.files.sheet_reader.zips import check


class _Tables:
    """The CSV files of the zip by the names OneRoster gives them; others in it are not looked at."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names: dict[str, str] = {}
        for name in archive.namelist():
            self._names.setdefault(name.replace("\\", "/").rpartition("/")[2].lower(), name)

    def __call__(self, table: str) -> Iterator[list[str]]:
        name = self._names.get(f"{table.lower()}.csv")
        if name is None:
            return
        with self._archive.open(name) as raw:
            encoding = "utf-8-sig" if is_utf8(raw) else "cp874"
        with self._archive.open(name) as raw, io.TextIOWrapper(raw, encoding, "replace", newline="") as text:
            yield from csv.reader(line.replace("\0", "") for line in text)


def read_oneroster(path: Path, limits: Limits) -> Sheet:
    """The joined sheet. Raises Refusal "roster" where no users stand in the zip."""
    check(path, limits)
    try:
        joined = rule.Joined(_Tables(zipfile.ZipFile(path)), limits.rows)
    except rule.NotARoster as error:
        raise Refusal("roster") from error
    except rule.TooMany as error:
        raise Refusal("rows", most=limits.rows) from error

    def lines() -> Iterator[Line]:
        yield 0, list(rule.HEADINGS), []
        for number, cells in joined.students():
            yield number, cells, []

    return Sheet(0, "OneRoster", joined.rows, lines, note="CSV, OneRoster 1.2")

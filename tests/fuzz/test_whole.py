"""Bad files all the way from upload to undo: nothing is written by half, each row is taken, asked or refused by name.

The suite tries some; `LEC_FUZZ_FILES=6000 LEC_FUZZ_SEED=2 pytest tests/fuzz/test_whole.py -s --timeout 0` more.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.documents.imports import ImportRun
from app.enums import ImportState as S
from app.errors import Problem
from app.fabmongo.security.models import User
from app.rules.imports.cells import text_of
from app.services.accounts import SYSTEM
from app.services.imports import apply, undo, work
from app.services.imports.editing import answer
from app.services.imports.uploading import start
from app.services.submissions import open_round
from tests.factories.people import some_students
from tests.factories.places import LaoPlaces
from tests.factories.rosters.files import make_file
from tests.factories.rosters.writers import CSV_FORMATS
from tests.fuzz import cells
from tests.fuzz.mutations import mutated
from tests.people import People

Raw = dict[str, Any]

FILES, SEED = int(os.environ.get("LEC_FUZZ_FILES", "120")), int(os.environ.get("LEC_FUZZ_SEED", "1"))
LAYOUTS = ("lec", "lec-export", "dmc-short", "dmc-long", "lec-2")
KINDS = ("xlsx", "xls", "ods", next(iter(CSV_FORMATS)))
TRACES = ("_v", "changed_by", "changed_on")
ANSWERS = {"two-digit-era": "be", "excel-year": "be", "day-month": "dmy", "admitted-on": "16/05/2567"}


class Fuzzed:
    """One school with a roster of twelve, into which bad files go and out of which they are taken again."""

    def __init__(self, db: Database[Raw], officer: User, home: LaoPlaces) -> None:
        self.db, self.officer, self.home = db, officer, home
        self.ends: Counter[str] = Counter()
        school = db.schools.find_one({"_id": home.own}) or {}
        self.good: Mapping[str, bytes] = {
            f"{layout}.{kind}": make_file(layout, kind, (), 12, school=school).data
            for layout in LAYOUTS
            for kind in KINDS
        }

    def one(self, rng: Random) -> None:
        before = self.roster()
        try:
            run = start(self.officer, "รายชื่อ.xlsx", self._file(rng), school=self.home.own, reason="แก้ไข")
        except Problem as problem:
            assert problem.field == "file"
            self.ends["refused at the door"] += 1
            return
        self._work(run)
        assert self.roster() == before, "a preview wrote something"
        self._check_preview(run)
        if run.state is S.PREVIEW and rng.random() < 0.7:
            self._apply(run, before)
        self.ends[run.state.value] += 1
        self.db.import_rows.delete_many({"run": run.pk})

    def roster(self) -> list[Raw]:
        """All students of the country: a file must not reach anybody else either."""
        rows = self.db.students.find().sort("_id", 1)
        return [{name: value for name, value in row.items() if name not in TRACES} for row in rows]

    def _file(self, rng: Random) -> bytes:
        if rng.random() < 0.5:
            return mutated(rng, self.good)[1]
        out = io.StringIO()
        rows = cells.sheet(rng)[1]
        csv.writer(out).writerows([[text_of(cell) for cell in row] for row in rows])
        return out.getvalue().encode("utf-8", "replace")

    def _work(self, run: ImportRun) -> None:
        assert work(str(run.pk)) is not None
        run.reload()

    def _check_preview(self, run: ImportRun) -> None:
        assert run.state in (S.PREVIEW, S.MAPPING, S.FAILED), run.state
        if run.state is S.FAILED:
            assert run.error_th and run.error_en
        if run.state is S.MAPPING:
            assert run.sheets
        rows = list(self.db.import_rows.find({"run": run.pk}).sort("n", 1))
        if run.state is not S.PREVIEW:
            assert not any(row["state"] == "applied" for row in rows)
            return
        assert Counter(row["deed"] for row in rows) == Counter({k: n for k, n in run.numbers.items() if n})
        for row in rows:
            self._check_row(row)

    def _check_row(self, row: Raw) -> None:
        if row["deed"] == "missing":
            return
        assert row["row"] >= 1 and row["sheet"] >= 0
        if row["deed"] == "refused":
            assert row["troubles"] and all(one["th"] and one["en"] for one in row["troubles"])
        if row["deed"] == "asked":
            assert row["questions"] or row["depends"]

    def _apply(self, run: ImportRun, before: list[Raw]) -> None:
        if run.questions:
            answer(self.officer, run, {one.key: ANSWERS[one.kind] for one in run.questions})
            self._work(run)
            assert run.state is S.PREVIEW, run.error_en
        try:
            apply(self.officer, run)
        except Problem as problem:
            assert problem.kind == "conflict" or problem.field
            self.ends["nothing to apply"] += 1
            return
        self._work(run)
        written = list(self.db.import_rows.find({"run": run.pk, "state": "applied"}))
        there = {row["_id"] for row in self.roster()}
        new = {row["student"] for row in written if row["deed"] == "new"}
        assert there == {row["_id"] for row in before} | new
        entries = Counter(row["key"] for row in self.db.audit_entries.find({"via": f"import:{run.pk}"}, {"key": 1}))
        assert entries == Counter(row["student"] for row in written)
        assert run.applied == len(written)
        if run.state is S.APPLIED:
            left = {"run": run.pk, "deed": {"$in": ["new", "changed", "moved"]}, "state": "planned"}
            assert not self.db.import_rows.count_documents(left), "a school was written by half"
        if written:
            undo(self.officer, run)
            self._work(run)
            assert run.state is S.UNDONE, run.error_en
        assert self.roster() == before


@pytest.fixture
def fuzzed(app: Flask, people: People, db: Database[Raw]) -> Fuzzed:
    home = people.places.takhop_tambon
    grades = ["K1", "K2", "K3", "P1", "P2", "P3", "P4", "P5", "P6"]
    db.schools.update_many({"_id": {"$in": [home.own, home.centre]}}, {"$set": {"grades": grades, "kind": "school"}})
    for seed, code in enumerate((home.own, home.centre)):
        rows = some_students(12, seed, _id=code, grades=grades, **home.path)
        db.students.insert_many(row | {"left_on": None, "status": "studying"} for row in rows)
    with app.app_context():
        open_round(SYSTEM, "2567-2")
    return Fuzzed(db, people["lao"], home)


@pytest.mark.timeout(600)  # each file is read by an interpreter of its own
def test_bad_files_from_upload_to_undo(app: Flask, fuzzed: Fuzzed) -> None:
    with app.app_context():
        for number in range(FILES):
            try:
                fuzzed.one(Random(f"{SEED}:{number}"))
            except Exception as fault:
                raise AssertionError(f"file {number} of seed {SEED}: {fault!r}") from fault
    print(sorted(fuzzed.ends.items()))
    assert fuzzed.ends["applied"] + fuzzed.ends["undone"] > FILES // 20 and fuzzed.ends["failed"]

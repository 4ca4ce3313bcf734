"""Files as schools send them, in each layout, format and with each quirk: read, previewed, applied, again, undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.documents.imports import ImportRun
from app.enums import ImportDeed, ImportState
from app.errors import Problem
from app.fabmongo.security.models import User
from app.services.accounts import SYSTEM
from app.services.imports.deciding import apply, undo
from app.services.imports.editing import answer
from app.services.imports.uploading import start
from app.services.imports.working import work
from app.services.submissions import open_round
from tests.factories.rosters.files import ADMITTED, CLOSED, RosterFile, fits, make_file
from tests.factories.rosters.layouts import LAYOUTS
from tests.factories.rosters.oneroster import make_oneroster
from tests.factories.rosters.pupils import pupils
from tests.factories.rosters.quirks import QUIRKS
from tests.factories.rosters.writers import FORMATS
from tests.people import People

Raw = dict[str, Any]

SIZE = 20
WITHOUT_BIRTH = "lec-2"
"""The layout that does not say when a pupil was born: it changes a roster and cannot begin one."""
FULL = [name for name in LAYOUTS if name != WITHOUT_BIRTH]
OF_LAYOUT = {"sex-from-title", "blank-mark", "spaces"}
"""Repairs that the layouts themselves make needful."""


@dataclass
class Office:
    """The officer of an LAO, its school, and the database."""

    db: Database[Raw]
    officer: User
    school: Raw

    def file(self, layout: str, kind: str, *quirks: str, people: list[Raw] | None = None) -> RosterFile:
        return make_file(layout, kind, quirks, SIZE, school=self.school, people=people)

    def previewed(self, file: RosterFile) -> ImportRun:
        """The run of a file after the first reading, before any answer."""
        run = start(self.officer, file.name, file.data, school=self.school["_id"], reason="แก้ไขตามหลักฐาน")
        return self.worked(run)

    def worked(self, run: ImportRun) -> ImportRun:
        assert work(str(run.pk)) is not None
        run.reload()
        return run

    def answered(self, run: ImportRun, file: RosterFile) -> ImportRun:
        mine = {one.key: file.expected.answers[one.key] for one in run.questions}
        if not mine:
            return run
        answer(self.officer, run, mine)
        return self.worked(run)

    def rows(self, run: ImportRun) -> list[Raw]:
        return list(self.db.import_rows.find({"run": run.pk}).sort("n", 1))

    def roster(self) -> dict[str, Raw]:
        return {row["national_id"]: row for row in self.db.students.find({"school_code": self.school["_id"]})}


@pytest.fixture
def office(app: Flask, people: People, db: Database[Raw]) -> Iterator[Office]:
    home = people.places.takhop_tambon
    school = db.schools.find_one({"_id": home.own})
    assert school is not None
    db.schools.insert_one({**school, "_id": CLOSED, "status": "closed", "name_th": "โรงเรียนที่เลิกแล้ว"})
    with app.app_context():
        open_round(SYSTEM, "2567-2")
        yield Office(db, people["lao"], school)


def numbers(run: ImportRun) -> dict[str, int]:
    """The numbers of a run without zeros."""
    return {deed: count for deed, count in run.numbers.items() if count}


def without_zeros(**counts: int) -> dict[str, int]:
    return {deed: count for deed, count in counts.items() if count}


def check_preview(office: Office, file: RosterFile) -> ImportRun:
    """Read a file, answer its questions, and hold what comes of it against what should."""
    expected = file.expected
    run = office.previewed(file)
    assert run.state is ImportState.PREVIEW, (run.state, run.error_en)
    assert run.layout == file.layout
    assert {one.key: one.rows for one in run.questions} == expected.asked
    run = office.answered(run, file)
    found = office.rows(run)
    troubles = [
        (row["sheet"], row["row"], one.get("field"), one["en"]) for row in found for one in row.get("troubles") or ()
    ]
    assert numbers(run) == without_zeros(new=expected.taken, refused=expected.refused), troubles[:3]
    faults = [(row["sheet"], row["row"]) for row in found if row["deed"] == ImportDeed.REFUSED]
    assert faults == [fault[:2] for fault in expected.faults]
    named = {(sheet, row, field) for sheet, row, field, _ in troubles}
    assert {fault for fault in expected.faults if fault[2]} <= named, troubles
    repairs = Counter(repair["kind"] for row in found for repair in row.get("repairs") or ())
    assert {kind: repairs[kind] for kind in expected.repairs} == expected.repairs
    assert set(repairs) - OF_LAYOUT <= set(expected.repairs)
    return run


def check_roster(office: Office, file: RosterFile) -> None:
    """The roster is what the file should have made of it."""
    stored, wanted = office.roster(), file.expected.values
    assert stored.keys() == wanted.keys()
    for number, student in wanted.items():
        assert {name: stored[number].get(name) for name in student} == student


QUIRKY = [(layout, quirk) for layout in FULL for quirk in QUIRKS if fits(layout, "xlsx", quirk)]


@pytest.mark.parametrize(("layout", "quirk"), QUIRKY)
def test_every_quirk_of_every_layout_is_understood_or_refused_by_name(office: Office, layout: str, quirk: str) -> None:
    check_preview(office, office.file(layout, "xlsx", quirk))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("layout", FULL)
def test_a_file_goes_in_comes_again_as_nothing_new_and_is_undone(office: Office, layout: str, kind: str) -> None:
    file = office.file(layout, kind, "thai_digits", "wrong_ids", "short_titles", "blank_rows")
    first = check_preview(office, file)
    apply(office.officer, first)
    assert office.worked(first).state is ImportState.APPLIED
    assert first.applied == file.expected.taken
    check_roster(office, file)

    again = office.previewed(file)
    assert again.questions == []
    assert numbers(again) == without_zeros(unchanged=file.expected.taken, refused=file.expected.refused)
    before = office.roster()
    with pytest.raises(Problem) as refused:
        apply(office.officer, again)
    assert refused.value.kind == "conflict" and "Nothing to write" in refused.value.en
    assert office.roster() == before

    undo(office.officer, first)
    assert office.worked(first).state is ImportState.UNDONE
    assert office.roster() == {}


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "xlsx"])
def test_quirks_come_through_every_format(office: Office, kind: str) -> None:
    """Several at once, as they come in life; dates can only be odd in one way."""
    for quirks in (
        ("lost_zeros", "two_digit_years", "run_together_titles", "repeated_header"),
        ("id_hyphens", "us_dates", "run_together_names", "signatures", "doubled_rows"),
        ("invisible", "ce_dates", "no_sex", "unknown_grades", "mixed_sheets"),
        ("serials", "scientific", "merged_cells"), ("excel_be_dates", "long_names"), ("excel_years", "emoji"),
    ):  # fmt: skip
        mine = [quirk for quirk in quirks if fits("dmc-short", kind, quirk)]
        check_preview(office, office.file("dmc-short", kind, *mine))


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv-thai-comma"])
def test_a_certified_list_changes_names_and_cannot_begin_a_roster(office: Office, kind: str) -> None:
    people = pupils(SIZE, **office.school)
    run = office.previewed(office.file(WITHOUT_BIRTH, kind, people=people))
    assert run.layout == WITHOUT_BIRTH
    assert (run.questions, numbers(run)) == ([], {"refused": SIZE})
    for row in office.rows(run):
        assert {one["field"] for one in row["troubles"]} == {"birth_date", "admitted_on"}

    office.db.students.insert_many([dict(row) for row in people])
    renamed = [{**row, "last_name": "เปลี่ยนแล้ว"} if place < 3 else row for place, row in enumerate(people)]
    again = office.previewed(office.file(WITHOUT_BIRTH, kind, "thai_digits", "signatures", people=renamed))
    assert again.questions == []
    assert numbers(again) == {"changed": 3, "unchanged": SIZE - 3}
    apply(office.officer, again)
    office.worked(again)
    assert sum(row["last_name"] == "เปลี่ยนแล้ว" for row in office.roster().values()) == 3


def test_a_oneroster_zip_of_another_system_goes_in(office: Office) -> None:
    file = make_oneroster(pupils(SIZE, **office.school), office.school)
    run = check_preview(office, file)
    apply(office.officer, run)
    assert office.worked(run).state is ImportState.APPLIED
    check_roster(office, file)


def test_one_file_of_a_whole_lao_refuses_the_rows_of_a_closed_school(office: Office) -> None:
    file = office.file("lec", "xlsx", "closed_school")
    run = start(office.officer, file.name, file.data, reason="ก")
    assert numbers(office.worked(run)) == {"new": file.expected.taken, "refused": file.expected.refused}
    refused = [row for row in office.rows(run) if row["deed"] == ImportDeed.REFUSED]
    assert [(row["sheet"], row["row"], "school_code") for row in refused] == file.expected.faults


def test_what_nobody_has_answered_is_not_written(office: Office) -> None:
    file = office.file("dmc-long", "xlsx", "two_digit_years")
    run = office.previewed(file)
    assert numbers(run) == {"asked": SIZE}
    with pytest.raises(Problem) as refused:
        apply(office.officer, run)
    assert refused.value.kind == "conflict"
    answer(office.officer, run, {ADMITTED: file.expected.answers[ADMITTED]})
    assert numbers(office.worked(run)) == {"asked": SIZE}
    assert office.roster() == {}

"""Imports under people who are quick, careless or mean: nobody is counted twice, nothing outside the area moves."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from bson import BSON, ObjectId

from app.enums import ImportState
from app.errors import Problem
from app.rules.imports.terms import SheetPlan
from app.services import imports
from app.services.imports import uploading
from app.services.imports.files.copies import opened
from app.services.imports.planning import sheets
from tests.services.imports.conftest import Ground, work_out
from tests.services.imports.planned import planned, table, uploaded

Raw = dict[str, Any]
WHY = "ไฟล์ต้นปี"


def apply(ground: Ground, run: Any, who: str = "lao") -> ImportState | None:
    imports.apply(ground.people[who], run, WHY)
    return work_out(run)


def rosters_of(ground: Ground, pupil: Raw) -> list[str]:
    """The schools on whose rosters a number stands."""
    found = ground.db.students.find({"national_id": pupil["national_id"], "left_on": None})
    return sorted(row["school_code"] for row in found)


@pytest.mark.parametrize("who", ["lao", "dla"])
def test_two_files_with_the_same_pupil_count_one(ground: Ground, who: str) -> None:
    [pupil] = ground.fresh(1, 77)
    runs = [
        planned(ground.people[who], table([pupil]), school=code) for code in (ground.home.own, ground.home.centre)
    ]
    assert apply(ground, runs[0], who) is ImportState.APPLIED
    assert apply(ground, runs[1], who) is ImportState.PREVIEW
    assert rosters_of(ground, pupil) == [ground.home.own]
    row = ground.db.import_rows.find_one({"run": runs[1].pk, "deed": "moved"})
    assert row is not None and row["state"] == "again", "the second file is shown to move the pupil"
    assert apply(ground, runs[1], who) is ImportState.APPLIED
    assert rosters_of(ground, pupil) == [ground.home.centre]


def test_who_left_another_school_or_studies_outside_the_area_is_no_hindrance(ground: Ground) -> None:
    left, outside = ground.fresh(2, 77)
    run = planned(ground.officer, table([left, outside]), school=ground.home.own)
    far = ground.people.places.takhop_sao
    ground.db.students.insert_many(
        [
            {**left, "_id": ObjectId(), "school_code": ground.home.centre, "left_on": left["admitted_on"]},
            {**outside, "_id": ObjectId(), "school_code": far.own, **far.path},
        ]
    )
    assert apply(ground, run) is ImportState.APPLIED
    assert rosters_of(ground, left) == [ground.home.own]
    assert ground.home.own in rosters_of(ground, outside)


def test_a_file_planned_by_a_school_is_planned_anew_for_the_lao_that_applies_it(ground: Ground) -> None:
    pupil = ground.roster(ground.home.centre)[0] | {"status": "studying"}
    run = planned(ground.people["school"], table([pupil]))
    assert ground.db.import_rows.count_documents({"run": run.pk, "deed": "new"}) == 1
    assert apply(ground, run) is ImportState.PREVIEW
    assert rosters_of(ground, pupil) == [ground.home.centre]
    assert ground.db.import_rows.count_documents({"run": run.pk, "deed": "moved"}) == 1
    assert apply(ground, run, "school") is ImportState.PREVIEW
    assert rosters_of(ground, pupil) == [ground.home.centre], "a school took a pupil of another one"


def test_no_file_with_a_name_lies_about_while_it_is_read(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = uploaded(ground.officer, table(ground.fresh(3)), school=ground.home.own)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with opened(ground.run(run)) as book:
        assert len(list(book.rows())) == 4
        assert list(tmp_path.iterdir()) == [], "a worker that is killed now leaves people's data behind"


def test_one_person_cannot_fill_the_queue(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MOST_WAITING", 2)
    data = table(ground.fresh(1))
    runs = [uploaded(ground.officer, data, school=ground.home.own) for _ in range(2)]
    files = ground.db["import_files.files"].count_documents({})
    with pytest.raises(Problem) as refused:
        uploaded(ground.officer, data, school=ground.home.own)
    assert refused.value.kind == "conflict"
    assert ground.db["import_files.files"].count_documents({}) == files, "a refused file was kept"
    uploaded(ground.people["dla"], data, school=ground.home.own)
    imports.cancel(ground.officer, runs[0])
    uploaded(ground.officer, data, school=ground.home.own)


def test_headings_by_the_thousand_make_no_large_document() -> None:
    many = tuple("ก" * 200 for _ in range(200))
    kept = sheets.stored(SheetPlan(0, "", "", 0, {0: "first_name"}, {0: "ชื่อ"}, many))
    assert len(BSON.encode(kept)) * 100 < 4 * 2**20, "a hundred such sheets are four megabytes at most"

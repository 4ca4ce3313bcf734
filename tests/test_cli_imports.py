"""The command that imports a roster, as somebody types it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.services.accounts import SYSTEM
from app.services.submissions import open_round
from tests.factories.rosters.files import RosterFile, make_file
from tests.people import People
from tests.test_cli import run

Raw = dict[str, Any]
SIZE = 12
KEPT = ("import_runs", "import_rows", "import_schools", "import_files.files", "import_files.chunks")


@pytest.fixture
def school(people: People, db: Database[Raw]) -> Raw:
    found = db.schools.find_one({"_id": people.places.takhop_tambon.own})
    assert found is not None
    return found


@pytest.fixture
def file(school: Raw) -> RosterFile:
    return make_file("lec-export", "xlsx", ("wrong_ids", "thai_digits"), SIZE, school=school)


def typed(app: Flask, folder: Path, file: RosterFile, *more: str) -> Any:
    path = folder / file.name
    path.write_bytes(file.data)
    return run(app, "import-roster", str(path), *more)


def left_behind(db: Database[Raw]) -> dict[str, int]:
    return {name: count for name in KEPT if (count := db[name].count_documents({}))}


def test_a_trial_says_everything_and_leaves_nothing(
    app: Flask, db: Database[Raw], school: Raw, file: RosterFile, tmp_path: Path
) -> None:
    done = typed(app, tmp_path, file, "--school", school["_id"], "--dry-run")
    assert done.exit_code == 0, done.output
    assert f"เพิ่มใหม่ {file.expected.taken}" in done.output and f"รับไม่ได้ {file.expected.refused}" in done.output
    for _, row, _ in file.expected.faults:
        assert f"แถว {row} คอลัมน์ เลขประจำตัวประชาชน:" in done.output
    assert not re.search(r"\d{13}", done.output), "an ID number is printed"
    assert left_behind(db) == {} and db.students.count_documents({}) == 0


def test_a_roster_goes_in_and_comes_again_as_nothing_new(
    app: Flask, db: Database[Raw], school: Raw, file: RosterFile, tmp_path: Path
) -> None:
    first = typed(app, tmp_path, file, "--school", school["_id"], "--reason", "ตามหลักฐาน")
    assert first.exit_code == 0, first.output
    assert f"{file.expected.taken} rows written" in first.output
    assert {row["national_id"] for row in db.students.find()} == set(file.expected.values)
    assert db.import_runs.find_one({})["state"] == "applied"
    again = typed(app, tmp_path, file, "--school", school["_id"])
    assert again.exit_code == 0 and "Nothing to write" in again.output
    assert db.import_runs.count_documents({}) == 1
    assert db.students.count_documents({}) == file.expected.taken


def test_a_question_is_asked_and_answered(app: Flask, db: Database[Raw], school: Raw, tmp_path: Path) -> None:
    file = make_file("dmc-short", "csv-thai-comma", ("two_digit_years",), SIZE, school=school)
    asked = typed(app, tmp_path, file, "--school", school["_id"])
    assert asked.exit_code == 1 and left_behind(db) == {}
    for key in file.expected.answers:
        assert f"--answer {key}=" in asked.output
    answers = [word for key, value in file.expected.answers.items() for word in ("--answer", f"{key}={value}")]
    done = typed(app, tmp_path, file, "--school", school["_id"], "--reason", "ก", *answers)
    assert done.exit_code == 0, done.output
    assert db.students.count_documents({}) == SIZE
    assert typed(app, tmp_path, file, "--school", school["_id"], "--answer", "x").exit_code == 1


def test_the_reason_of_a_round_is_asked_for(
    app: Flask, db: Database[Raw], people: People, school: Raw, file: RosterFile, tmp_path: Path
) -> None:
    with app.app_context():
        open_round(SYSTEM, "2567-2")  # the register of corrections follows its submissions
    without = typed(app, tmp_path, file, "--school", school["_id"], "--as", "lao")
    assert without.exit_code == 1 and db.students.count_documents({}) == 0 and left_behind(db) == {}
    done = typed(app, tmp_path, file, "--school", school["_id"], "--as", "lao", "--reason", "ตามหลักฐาน")
    assert done.exit_code == 0, done.output
    assert db.corrections.distinct("reason") == ["ตามหลักฐาน"] and db.corrections.distinct("made_by") == ["lao"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--as", "neighbour"), "you keep"),
        (("--as", "nobody"), "nobody"),
        (("--school", "nowhere"), ""),
        (("--layout", "nothing"), ""),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    app: Flask, db: Database[Raw], school: Raw, file: RosterFile, tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    done = typed(app, tmp_path, file, "--school", school["_id"], *more)
    assert done.exit_code == 1, done.output
    assert done.output.count("\n") == 1 and said in done.output
    assert left_behind(db) == {} and db.students.count_documents({}) == 0


def test_a_file_that_is_none_is_refused(
    app: Flask, db: Database[Raw], school: Raw, file: RosterFile, tmp_path: Path
) -> None:
    none = RosterFile("x.xlsx", b"PK\x03\x04 nothing", "", "", (), file.expected)
    for done in (
        typed(app, tmp_path, none, "--school", school["_id"]),
        run(app, "import-roster", str(tmp_path / "absent.xlsx"), "--school", school["_id"]),
    ):
        assert done.exit_code == 1 and done.output.count("\n") == 1, done.output
    unknown = RosterFile("x.csv", b"a,b,c\r\n1,2,3\r\n", "", "", (), file.expected)
    assert "columns" in typed(app, tmp_path, unknown, "--school", school["_id"]).output
    assert left_behind(db) == {}

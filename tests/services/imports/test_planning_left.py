"""Whoever left by the roster and stands in a file all the same: taken back where the file says so, else remarked on."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from app.clock import thai_today
from app.fabmongo.security.models import User
from app.rules.imports.matching import coming_back, has_left
from app.services.imports import editing, work
from app.services.imports.deciding import apply, undo
from tests.factories.places import Places
from tests.services.imports.planned import SHORT, TEMPLATE, planned, roster, rows_of, table, texts

Raw = dict[str, Any]

LEFT_ON = datetime(2024, 3, 31)
GONE = {"status": "discharged", "left_on": LEFT_ON}


@pytest.fixture
def stored(db: Database[Raw], places: Places, own: str) -> list[Raw]:
    """Twelve students, of whom the first was discharged."""
    rows = roster(places.takhop_tambon, own, 12)
    rows[0] |= GONE | {"admitted_on": datetime(2020, 5, 16)}
    db.students.insert_many([row | {"_v": 3} for row in rows])
    return list(db.students.find().sort("_id", 1))


def in_file(stored: list[Raw], **first: str) -> list[Raw]:
    """The roster as a file writes it, the first student with other texts."""
    rows = [texts(row) for row in stored]
    rows[0] |= first
    return rows


def counts(db: Database[Raw], run: Any, own: str) -> tuple[int, int]:
    """Students before and after, by the preview."""
    school = db.import_schools.find_one({"_id": f"{run.pk}/{own}"}) or {}
    before, after = (sum(sum(each.values()) for each in school[name].values()) for name in ("before", "after"))
    return before, after


def test_a_file_that_says_studying_takes_back_and_shows_both_fields(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    run = planned(clerk, table(in_file(stored, status="กำลังศึกษา", left_on="")), school=own)
    row = rows_of(db, run)[0]
    assert run.numbers == {"changed": 1, "unchanged": 11}
    assert row["changes"] == {"status": ["discharged", "studying"], "left_on": [LEFT_ON, None]}
    assert "troubles" not in row
    assert counts(db, run, own) == (11, 12)
    apply(clerk, run, "กลับเข้าเรียน")
    assert work(str(run.pk)) == "applied"
    now = db.students.find_one({"_id": stored[0]["_id"]}) or {}
    assert (now["status"], now.get("left_on")) == ("studying", None)
    undo(clerk, run)
    assert work(str(run.pk)) == "undone"
    again = db.students.find_one({"_id": stored[0]["_id"]}) or {}
    assert (again["status"], again["left_on"]) == ("discharged", LEFT_ON)


@pytest.mark.parametrize("fields", [SHORT, TEMPLATE])
def test_a_file_that_only_names_them_says_so_and_changes_nothing(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw], fields: tuple[str, ...]
) -> None:
    run = planned(clerk, table(in_file(stored, status="", left_on="", room="9"), fields), school=own)
    row = rows_of(db, run)[0]
    assert (row["deed"], row["changes"].keys()) == ("changed", {"room"})
    assert [each["field"] for each in row["troubles"]] == ["status"]
    assert "has left" in row["troubles"][0]["en"]
    assert not any(each.get("troubles") for each in rows_of(db, run)[1:])
    run = planned(clerk, table(in_file(stored, status="", left_on=""), fields), school=own)
    row = rows_of(db, run)[0]
    assert (row["deed"], len(row["troubles"]), counts(db, run, own)) == ("unchanged", 1, (11, 11))


def test_a_file_that_says_they_left_agrees(db: Database[Raw], clerk: User, own: str, stored: list[Raw]) -> None:
    run = planned(clerk, table(in_file(stored)), school=own)
    assert run.numbers == {"unchanged": 12}
    assert "troubles" not in rows_of(db, run)[0]


def test_a_discharge_by_hand_stays_as_a_whole_until_it_is_overruled(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    entry = {"of": "students", "key": stored[0]["_id"], "at": datetime(2024, 6, 1), "by": "somebody"}
    db.audit_entries.insert_many(
        [
            {**entry, "version": 2, "verb": "add", "via": "import:0"},
            {**entry, "version": 3, "verb": "change", "changes": {"left_on": [None, LEFT_ON]}},
        ]
    )
    run = planned(clerk, table(in_file(stored, status="กำลังศึกษา", left_on="")), school=own)
    row = rows_of(db, run)[0]
    assert (row["deed"], row["by_hand"], counts(db, run, own)) == ("unchanged", ["left_on", "status"], (11, 11))
    assert "by hand" in row["troubles"][0]["en"]
    editing.overrule(clerk, run, row["_id"], True)
    row = rows_of(db, run)[0]
    assert (row["deed"], "troubles" in row, counts(db, run, own)) == ("changed", False, (11, 12))


def test_a_leaving_date_to_come_is_none_yet() -> None:
    today = thai_today()
    later = datetime.combine(today + timedelta(days=1), datetime.min.time())
    stored = {"status": "studying", "left_on": later}
    assert not has_left(stored, today)
    assert coming_back({"status": "studying"}, stored, today) == {}
    past = {**stored, "left_on": LEFT_ON}
    assert coming_back({"status": "absent_long"}, past, today) == {"left_on": [LEFT_ON, None]}
    for values in ({}, {"status": "moved"}, {"status": "studying", "left_on": LEFT_ON}):
        assert coming_back(values, past, today) == {}

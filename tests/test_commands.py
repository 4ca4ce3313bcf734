"""Database commands a page of LEC's own: as few as promised, whatever the rows, references and grants."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bson import ObjectId

from app.services.accounts import SYSTEM
from app.services.submissions import open_round
from tests.factories.people import some_students
from tests.people import Browser, People

READ, SAVE = 5, 8
ROSTER = 1
"""Whether somebody has certified the roster that a name or a number is changed on."""
BASE = re.compile(r'name="_base" value="([^"]*)"')


@pytest.fixture
def roster(people: People, db: Any) -> list[ObjectId]:
    """60 students in two schools of one LAO, whose round is open."""
    home = people.places.takhop_tambon
    grades = db.schools.find_one({"_id": home.own})["grades"]
    rows = some_students(60, _id=home.own, grades=grades, **home.path)
    for number, row in enumerate(rows):
        row["school_code"] = home.centre if number % 2 else home.own
    open_round(SYSTEM, people.places.round_2)
    return list(db.students.insert_many(rows).inserted_ids)


def sent_by(commands: Any, browser: Browser, path: str) -> list[str]:
    with commands.counting() as sent:
        assert browser.get(path).status_code == 200
    return list(sent)


@pytest.mark.parametrize("who", ["dla", "province", "lao"])
@pytest.mark.parametrize(
    "query", ["", "?psize_StudentView=5&page_StudentView=2", "?_flt_0_school={school}&psize_StudentView=5"]
)
def test_a_list(people: People, commands: Any, roster: list[ObjectId], who: str, query: str) -> None:
    path = "/students/list/" + query.format(school=people.places.takhop_tambon.own)
    sent = sent_by(commands, people.browser(who), path)
    assert len(sent) <= READ, sent


@pytest.mark.parametrize("page", ["show", "edit"])
def test_one_record(people: People, commands: Any, roster: list[ObjectId], page: str) -> None:
    sent = sent_by(commands, people.browser("lao"), f"/students/{page}/{roster[0]}")
    assert len(sent) <= READ, sent


@pytest.mark.parametrize("path", ["schools", "submissions", "lao", "rounds", "districts", "users"])
@pytest.mark.parametrize("rows", [100, 2])
def test_other_lists(people: People, commands: Any, roster: list[ObjectId], path: str, rows: int) -> None:
    view = {"lao": "Lao"}.get(path, path[:-1].capitalize()) + "View"
    sent = sent_by(commands, people.browser("dla"), f"/{path}/list/?psize_{view}={rows}")
    assert len(sent) <= READ, sent


def form_of(row: dict[str, Any]) -> dict[str, Any]:
    """A stored student as the edit form would send it."""
    texts = ("national_id", "title", "first_name", "last_name", "sex", "nationality", "student_no", "grade", "room")
    days = {name: row.get(name) for name in ("birth_date", "admitted_on", "left_on")}
    return {
        **{name: row.get(name) or "" for name in (*texts, "status")},
        **{name: f"{day:%d/%m}/{day.year + 543}" if day else "" for name, day in days.items()},
        "school": row["school_code"],
    }


def save(commands: Any, browser: Browser, row: dict[str, Any], **changes: str) -> list[str]:
    path = f"/students/edit/{row['_id']}"
    base = BASE.search(browser.get(path).text)
    assert base is not None
    with commands.counting() as sent:
        answer = browser.post(path, {**form_of(row), "_base": base[1], **changes})
    assert answer.status_code == 302, answer.text
    return list(sent)


def test_a_save_with_version_check_audit_and_transaction(
    people: People, db: Any, commands: Any, roster: list[ObjectId]
) -> None:
    row = db.students.find_one({"_id": roster[0]})
    sent = save(commands, people.browser("lao"), row, first_name="ใหม่")
    assert len(sent) <= SAVE + ROSTER, sent
    assert db.students.find_one({"_id": roster[0]})["first_name"] == "ใหม่"
    assert db.students.find_one({"_id": roster[0]})["_v"] == 1
    assert [entry["changes"]["first_name"][1] for entry in db.audit_entries.find()] == ["ใหม่"]


def test_a_change_on_which_the_count_depends_is_counted(
    people: People, db: Any, commands: Any, roster: list[ObjectId]
) -> None:
    row = db.students.find_one({"_id": roster[0]})
    other = {"male": "female", "female": "male"}[row["sex"]]
    key = {"school_code": row["school_code"], "round_code": people.places.round_2}
    title = {"male": "เด็กชาย", "female": "เด็กหญิง"}[other]
    sent = save(commands, people.browser("lao"), row, sex=other, title=title)
    assert len(sent) <= SAVE + 4, sent
    after = db.submissions.find_one(key)
    assert after["total"] == db.students.count_documents({"school_code": row["school_code"]})
    assert after[other] == db.students.count_documents({"school_code": row["school_code"], "sex": other})


@pytest.mark.parametrize("who", ["dla", "lao", "school"])
def test_the_page_of_a_submission(people: People, db: Any, commands: Any, roster: list[ObjectId], who: str) -> None:
    home = people.places.takhop_tambon
    sent = sent_by(commands, people.browser(who), f"/submissions/show/2567-2:{home.own}")
    assert len(sent) <= READ, sent

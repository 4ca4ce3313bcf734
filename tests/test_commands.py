"""Database commands a page of LEC's own: as few as promised, whatever the rows, references and grants."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask

from app.rules.census import count_by
from app.services.accounts import SYSTEM
from app.services.submissions import open_round
from tests.fabmongo.api.shelter import Program
from tests.factories.people import some_students
from tests.factories.places import CENSUS
from tests.people import Browser, People

READ, SAVE = 5, 8
MOVE = SAVE + 2
"""To another school: the form's select and the write path, which trusts no form, each read it inside the scope."""
CORRECTION = 1
"""The row in the register, while a round corrects, as the one of these tests does."""
SCHOOLS = 1
"""The names of the two schools in that row, where somebody moves."""
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
    "query",
    [
        "", "page_StudentView=2", "_flt_0_school={own}", "_flt_0_lao={code}", "_flt_0_lao={code}&_flt_0_school={own}",
        "_flt_0_school={own}&_flt_0_school={centre}&_flt_0_lao={code}&q=ก&_oc_StudentView=grade&_od_StudentView=desc",
    ],
)  # fmt: skip
def test_a_list(people: People, commands: Any, roster: list[ObjectId], who: str, query: str) -> None:
    home = people.places.takhop_tambon
    query = query.format(own=home.own, centre=home.centre, code=home.code)
    sent = sent_by(commands, people.browser(who), f"/students/list/?psize_StudentView=5&{query}")
    assert len(sent) <= READ, sent


@pytest.mark.parametrize(
    "columns", ["first_name,school,lao", "lao", "weight_kg,birth_date,changed_by", "student_no,school,lao,grade"]
)
def test_a_list_of_chosen_columns(people: People, commands: Any, roster: list[ObjectId], columns: str) -> None:
    query = f"_cols_StudentView={columns}&_flt_0_school={people.places.takhop_tambon.own}&psize_StudentView=5"
    sent = sent_by(commands, people.browser("lao"), f"/students/list/?{query}")
    assert len(sent) <= READ, sent


@pytest.mark.parametrize("path", ["schools", "submissions", "lao", "rounds", "users", "proclamations"])
def test_any_list_of_all_its_columns(
    people: People, app: Any, commands: Any, roster: list[ObjectId], path: str
) -> None:
    view = next(one for one in app.extensions["appbuilder"].baseviews if one.route_base == f"/{path}")
    columns = ",".join([*view.show_columns, *view.list_columns])
    sent = sent_by(commands, people.browser("dla"), f"/{path}/list/?_cols_{type(view).__name__}={columns}")
    assert len(sent) <= READ, sent


def test_a_list_filtered_by_references_that_are_no_columns_names_them(
    people: People, db: Any, commands: Any, roster: list[ObjectId]
) -> None:
    query = "_flt_0_district=3014&_flt_0_district=3001&_flt_0_province=30&_flt_0_agency=SA3003"
    browser = people.browser("lao")
    sent = sent_by(commands, browser, f"/schools/list/?psize_SchoolView=1&{query}")
    assert len(sent) <= READ, sent
    page = browser.get(f"/schools/list/?{query}").text
    for name in ("ปักธงชัย, เมืองนครราชสีมา", "นครราชสีมา", "เขตพื้นที่ทดสอบ"):
        assert f"<strong>{name}</strong>" in page


RELATED = ["", "?psize_StudentView=5&page_StudentView=2&psize_SubmissionView=1&psize_SchoolView=1&page_SchoolView=1"]


@pytest.mark.parametrize("who", ["dla", "lao"])
@pytest.mark.parametrize("query", RELATED)
def test_every_page_with_related_lists(
    app: Flask, people: People, commands: Any, roster: list[ObjectId], who: str, query: str
) -> None:
    home = people.places.takhop_tambon
    keys = {"SchoolView": home.own, "LaoView": home.code}
    views = [view for view in app.extensions["appbuilder"].baseviews if getattr(view, "related_views", None)]
    assert {type(view).__name__ for view in views} == set(keys), "say here whose page is opened"
    for view in views:
        path = f"{view.route_base}/show/{keys[type(view).__name__]}{query}"
        sent = sent_by(commands, people.browser(who), path)
        assert len(sent) <= READ, (path, sent)


def test_related_lists_that_are_read_together_show_what_each_would(
    people: People, db: Any, roster: list[ObjectId]
) -> None:
    home = people.places.takhop_tambon
    order = "_oc_StudentView=first_name&_od_StudentView=desc&psize_StudentView=7"
    rows = list(db.students.find({"school_code": home.own}).sort([("first_name", -1), ("_id", -1)]))
    assert len(rows) == 30
    for page in (0, 1, 4):
        text = people.browser("lao").get(f"/schools/show/{home.own}?{order}&page_StudentView={page}").text
        shown = re.findall(r"/students/show/([0-9a-f]{24})", text)
        assert list(dict.fromkeys(shown)) == [str(row["_id"]) for row in rows[page * 7 : page * 7 + 7]]
        assert "30 รายการ" in text


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
        "_reason": "ตรวจแล้ว",
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
    assert len(sent) <= SAVE + CORRECTION, sent
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
    assert len(sent) <= SAVE + CORRECTION, sent
    after = db.submissions.find_one(key)
    assert after["total"] == db.students.count_documents({"school_code": row["school_code"]})
    assert after[other] == db.students.count_documents({"school_code": row["school_code"], "sex": other})


@pytest.mark.parametrize(
    "changes", [{"grade": "P3"}, {"admitted_on": "11/06/2567"}, {"status": "graduated", "left_on": "01/06/2567"}]
)
def test_each_field_that_counts(
    people: People, db: Any, commands: Any, roster: list[ObjectId], changes: dict[str, str]
) -> None:
    row = db.students.find_one({"_id": roster[0]})
    sent = save(commands, people.browser("lao"), row, **changes)
    assert len(sent) <= SAVE + CORRECTION, sent
    counted = db.submissions.find_one({"school_code": row["school_code"], "round_code": people.places.round_2})
    assert counted["total"] == 30 - ("grade" not in changes)


def test_a_move_counts_both_schools(people: People, db: Any, commands: Any, roster: list[ObjectId]) -> None:
    home = people.places.takhop_tambon
    row = db.students.find_one({"_id": roster[0]})
    sent = save(commands, people.browser("lao"), row, school=home.centre, grade="C3")
    assert len(sent) <= MOVE + CORRECTION + SCHOOLS, sent
    totals = {row["school_code"]: row.get("total") for row in db.submissions.find({"round_code": "2567-2"})}
    for school in (home.own, home.centre):
        assert totals[school] == count_by(db.students.find({"school_code": school}), CENSUS).total()


@pytest.mark.parametrize(
    "path", ["students/?page_size=5", "students/?filter[school][eq]={own}&search=ก", "schools/", "students/{student}"]
)
@pytest.mark.parametrize("who", ["dla", "lao"])
def test_a_read_by_a_program(
    app: Flask, people: People, commands: Any, roster: list[ObjectId], who: str, path: str
) -> None:
    program = Program(app, people[who])
    path = path.format(own=people.places.takhop_tambon.own, student=roster[0])
    with commands.counting() as sent:
        assert program.get(path).status_code == 200
    assert len(sent) <= READ, sent


@pytest.mark.parametrize(
    "body", [{"first_name": "ใหม่"}, {"grade": "P3"}, {"status": "graduated", "left_on": "2024-06-01"}]
)
def test_a_patch_by_a_program(
    app: Flask, people: People, commands: Any, roster: list[ObjectId], body: dict[str, str]
) -> None:
    program, path = Program(app, people["lao"]), f"students/{roster[0]}"
    mark = program.etag(path)
    with commands.counting() as sent:
        answer = program.send("PATCH", path, {**body, "_reason": "ตรวจแล้ว"}, mark)
    assert answer.status_code == 200, answer.text
    assert len(sent) <= SAVE + CORRECTION, sent


@pytest.mark.parametrize("who", ["dla", "lao", "school"])
def test_the_page_of_a_submission(people: People, db: Any, commands: Any, roster: list[ObjectId], who: str) -> None:
    home = people.places.takhop_tambon
    sent = sent_by(commands, people.browser(who), f"/submissions/show/2567-2:{home.own}")
    assert len(sent) <= READ, sent

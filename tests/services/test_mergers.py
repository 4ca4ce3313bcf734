"""Mergers move students in one step and back: nobody is created or lost in any count, and the LAO is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from app.documents.lao import Lao
from app.documents.proclamations import Proclamation
from app.documents.schools import School
from app.documents.students import Student
from app.enums import ProclamationKind
from app.errors import Problem
from app.fabmongo.errors import WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.services.accounts import SYSTEM, SystemActor
from app.services.proclamations import ProclamationRules, move_back, move_students, roster_of
from app.services.schools import SchoolRules
from app.services.students import StudentRules
from app.services.submissions import open_round
from tests.factories.people import IdNumbers, a_student, some_students
from tests.factories.places import Places, make_places
from tests.people import People
from tests.test_api_scope import token_of
from tests.test_scope import STUDENT

Raw = dict[str, Any]
PROCLAMATIONS = MongoInterface(Proclamation, ProclamationRules())
STUDENTS = MongoInterface(Student, StudentRules())
ROUND = "2567-2"
GRADES = ["P1", "P2", "P3"]


@pytest.fixture
def places(db: Database[Raw], app: Flask) -> Iterator[Places]:
    """Two own schools with rosters of 12 and 8 in ทต.ตะขบ, both rounds opened, while its officer acts."""
    places = make_places(db)
    home = places.takhop_tambon
    db.schools.update_one({"_id": home.centre}, {"$set": {"grades": GRADES, "kind": "school"}})
    ids = some_students(20, _id=home.own, grades=GRADES, **home.path)
    for number, row in enumerate(ids):
        row["school_code"] = home.own if number < 12 else home.centre
    db.students.insert_many(ids)
    for code in (places.round_1, ROUND):
        open_round(SYSTEM, code)
    with app.app_context(), acting_as(officer(places)):
        yield places


def officer(places: Places) -> SystemActor:
    return SystemActor("officer", places.takhop_tambon.area())


def merge(places: Places, effective: date = date(2024, 10, 1), **changes: Any) -> Raw:
    """A merger of the own school into the centre, recorded."""
    home = places.takhop_tambon
    fields = {
        "number": "1/2567", "kind": ProclamationKind.MERGER, "announced_on": date(2024, 4, 30),
        "effective_on": effective, "authority": "หน่วยงานทดสอบ", "lao": Lao.objects.get(pk=home.code),
        "schools": [School.objects.get(pk=home.own)], "successor": School.objects.get(pk=home.centre),
    }  # fmt: skip
    document = Proclamation(**{**fields, **changes})
    PROCLAMATIONS.add(document)
    return dict(Proclamation._get_collection().find_one({"_id": document.pk}))


def totals(db: Database[Raw], places: Places, round_code: str = ROUND) -> dict[str, int | None]:
    home = places.takhop_tambon
    rows = db.submissions.find({"round_code": round_code, "school_code": {"$in": [home.own, home.centre]}})
    return {row["school_code"]: row.get("total") for row in rows}


def roster(db: Database[Raw], school: str) -> int:
    return db.students.count_documents({"school_code": school})


@pytest.mark.parametrize("effective", [date(2024, 5, 1), date(2024, 10, 1)])
def test_a_merger_moves_everybody_and_the_count_stays_the_same(
    db: Database[Raw], places: Places, effective: date
) -> None:
    home, before, first = places.takhop_tambon, totals(db, places), totals(db, places, places.round_1)
    people = {row["_id"]: row for row in db.students.find()}
    proclamation = merge(places, effective)
    waiting = roster_of(proclamation)
    moved = move_students(officer(places), proclamation["_id"])
    assert moved.stay == () and moved.number == waiting.waiting == roster_of(proclamation).moved > 0
    assert totals(db, places) == {home.own: 0, home.centre: sum(before.values())}  # type: ignore[arg-type]
    closed = totals(db, places, places.round_1)
    assert sum(closed.values()) == sum(first.values())  # type: ignore[arg-type]
    again = move_students(officer(places), proclamation["_id"])
    assert again.number == 0
    for row in db.students.find({"school_code": home.centre}):
        old = people[row["_id"]]
        assert {name for name in row if row[name] != old.get(name)} <= {"school_code", "_v", "changed_by", "changed_on"}


def test_every_moved_student_has_a_history_and_two_rows_of_the_register(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    proclamation = merge(places)
    number = move_students(officer(places), proclamation["_id"]).number
    entries = list(db.audit_entries.find({"of": "students"}))
    assert len(entries) == number and db.corrections.count_documents({}) == 2 * number
    assert {(entry["by"], entry["reason"]) for entry in entries} == {("officer", "ย้ายตามประกาศรวม เลขที่ 1/2567")}
    assert entries[0]["changes"] == {"school_code": [home.own, home.centre]} and entries[0]["version"] == 1
    assert sum(row["effect"] for row in db.corrections.find()) == 0
    student = STUDENTS.load(db.students.find_one({"_id": entries[0]["key"]}))
    student._reason, student.room = "ย้ายห้อง", "9"
    STUDENTS.edit(student)  # the version fits, so the next person's save does


@pytest.mark.parametrize("way", ["back", "delete", "correct"])
def test_undoing_restores_the_students_the_schools_and_the_counts(
    db: Database[Raw], places: Places, way: str
) -> None:
    home, before = places.takhop_tambon, totals(db, places)
    rosters = {row["_id"]: row["school_code"] for row in db.students.find()}
    proclamation = merge(places)
    move_students(officer(places), proclamation["_id"])
    stored = PROCLAMATIONS.get(str(proclamation["_id"]))
    if way == "back":
        assert move_back(officer(places), stored.pk).stay == ()
        assert totals(db, places) == before | {home.own: 0}
    elif way == "delete":
        PROCLAMATIONS.delete(stored)
        assert totals(db, places) == before
    else:
        stored.kind, stored.successor = ProclamationKind.CLOSURE, None
        PROCLAMATIONS.edit(stored)
        assert totals(db, places) == before | {home.own: 0}
    assert {row["_id"]: row["school_code"] for row in db.students.find()} == rosters
    assert db.student_moves.count_documents({}) == 0
    assert (db.schools.find_one({"_id": home.own})["status"] == "open") == (way == "delete")  # type: ignore[index]


def test_who_was_changed_since_stays_and_is_named(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    proclamation = merge(places)
    move_students(officer(places), proclamation["_id"])
    key = db.student_moves.find_one({})["student"]  # type: ignore[index]
    student = STUDENTS.get(str(key))
    student._reason, student.room = "ย้ายห้อง", "9"
    STUDENTS.edit(student)
    done = move_back(officer(places), proclamation["_id"])
    assert done.stay == (str(student),)
    assert db.students.find_one({"_id": key})["school_code"] == home.centre  # type: ignore[index]
    assert roster(db, home.own) == done.number


def test_who_is_on_the_other_roster_already_stays_and_is_named(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    twice = db.students.find_one({"school_code": home.own, "left_on": None})
    assert twice is not None
    db.students.insert_one({**twice, "_id": None, "school_code": home.centre} | {"_id": twice["national_id"]})
    proclamation = merge(places)
    done = move_students(officer(places), proclamation["_id"])
    assert len(done.stay) == 1 and twice["last_name"] in done.stay[0]
    assert db.students.find_one({"_id": twice["_id"]})["school_code"] == home.own  # type: ignore[index]


def test_a_vouched_count_a_strange_grade_a_closed_successor_and_a_neighbour_are_refused(
    db: Database[Raw], places: Places
) -> None:
    home = places.takhop_tambon
    proclamation = merge(places)
    rows, key = list(db.students.find().sort("_id")), {"_id": f"{ROUND}:{home.centre}"}
    db.submissions.update_one(key, {"$set": {"state": "certified"}})
    refusal(places, proclamation, "ส่งกลับ")
    db.submissions.update_one(key, {"$set": {"state": "in_progress"}})
    db.schools.update_one({"_id": home.centre}, {"$set": {"grades": ["P1"]}})
    refusal(places, proclamation, "ยังไม่เปิดสอนชั้น ป.2")
    db.schools.update_one({"_id": home.centre}, {"$set": {"grades": GRADES, "status": "closed"}})
    refusal(places, proclamation, "รับนักเรียนไม่ได้")
    db.schools.update_one({"_id": home.centre}, {"$set": {"status": "open", "lao_code": places.takhop_sao.code}})
    refusal(places, proclamation, "นอกพื้นที่")
    with pytest.raises(Problem) as stranger:
        move_students(SystemActor("x", places.takhop_sao.area()), proclamation["_id"])
    assert stranger.value.kind == "not_found"
    assert list(db.students.find().sort("_id")) == rows and db.corrections.count_documents({}) == 0


def refusal(places: Places, proclamation: Raw, word: str) -> None:
    with pytest.raises(Problem, match=word):
        move_students(officer(places), proclamation["_id"])


def test_undoing_is_refused_while_somebody_vouches_for_the_zero_or_the_successor(
    db: Database[Raw], places: Places
) -> None:
    home = places.takhop_tambon
    proclamation = merge(places)
    move_students(officer(places), proclamation["_id"])
    for school in (home.own, home.centre):
        db.submissions.update_one({"_id": f"{ROUND}:{school}"}, {"$set": {"state": "submitted"}})
        with pytest.raises(WriteRefused, match="ส่งกลับ"):
            PROCLAMATIONS.delete(PROCLAMATIONS.get(str(proclamation["_id"])))
        db.submissions.update_one({"_id": f"{ROUND}:{school}"}, {"$set": {"state": "in_progress"}})
    assert roster_of(proclamation).moved > 0 and db.proclamations.count_documents({}) == 1


NEAR = st.integers(-6, 6).map(lambda days: datetime(2024, 6, 10) + timedelta(days=days))
PEOPLE = st.lists(st.tuples(st.booleans(), NEAR, st.none() | NEAR), min_size=1, max_size=10)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=PEOPLE, effective=NEAR)
def test_a_merger_and_its_undoing_neither_create_nor_lose_a_student(
    db: Database[Raw], places: Places, people: list[Any], effective: datetime
) -> None:
    home = places.takhop_tambon
    for name in ("students", "submissions", "proclamations", "corrections", "student_moves"):
        db[name].delete_many({})
    db.schools.update_many({"lao_code": home.code}, {"$set": {"status": "open"}, "$unset": {"closed_on": ""}})
    db.students.insert_many(
        [
            a_student(national_id=f"G{number:012}", school_code=home.own if old else home.centre, **home.path,
                      admitted_on=came, left_on=left)
            for number, (old, came, left) in enumerate(people)
        ]
    )  # fmt: skip
    open_round(SYSTEM, ROUND)
    before, size = totals(db, places), len(people)
    proclamation = merge(places, effective.date())
    move_students(officer(places), proclamation["_id"])
    after = totals(db, places)
    assert after[home.own] == 0 and (after[home.centre] or 0) == sum(value or 0 for value in before.values())
    PROCLAMATIONS.delete(PROCLAMATIONS.get(str(proclamation["_id"])))
    assert totals(db, places) == before and db.students.count_documents({}) == size


@pytest.mark.parametrize("status", ["closed", "merged"])
def test_a_closed_or_merged_school_takes_no_student_by_form_move_or_rest(
    db: Database[Raw], people: People, status: str
) -> None:
    home = people.places.takhop_tambon
    db.schools.update_one({"_id": home.own}, {"$set": {"status": status, "closed_on": datetime(2024, 5, 1)}})
    form = STUDENT | {"school": home.own, "grade": "P1"}
    assert people.browser("lao").post("/students/add", form).status_code == 200
    headers = token_of(people.app, people["lao"])
    body = form | {"birth_date": "2017-02-01", "admitted_on": "2023-05-16"}
    client = people.app.test_client()
    answer = client.post("/api/v1/students/", json=body, headers=headers)
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["school"])  # type: ignore[index]
    db.schools.update_one({"_id": home.centre}, {"$set": {"grades": ["P1"]}})
    key = db.students.insert_one(a_student(school_code=home.centre, **home.path)).inserted_id
    answer = client.patch(f"/api/v1/students/{key}", json={"school": home.own, "_reason": "ย้าย"}, headers=headers)
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["school"])  # type: ignore[index]
    assert roster(db, home.own) == 0


def test_the_code_of_a_closed_school_is_not_used_again(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    merge(places)
    schools = MongoInterface(School, SchoolRules())
    fields = {"name_th": "ใหม่", "kind": "school", "lao": Lao.objects.get(pk=home.code), "grades": GRADES}
    with pytest.raises(WriteRefused):
        schools.add(School(code=home.own, **fields))
    with pytest.raises(WriteRefused, match="ลบสถานศึกษานี้ไม่ได้"):
        schools.delete(schools.get(home.own))


def test_the_lao_is_told_by_mail_of_what_the_dla_records_corrects_and_undoes(
    db: Database[Raw], places: Places
) -> None:
    merge(places)
    assert db.notices.count_documents({}) == 0  # the LAO recorded it itself
    db.proclamations.delete_many({})
    db.schools.update_many({}, {"$set": {"status": "open"}})
    with acting_as(SYSTEM):
        proclamation = merge(places, number="7/2567")
        stored = PROCLAMATIONS.get(str(proclamation["_id"]))
        stored.note = "ตรวจแล้ว"
        PROCLAMATIONS.edit(stored)  # nothing that concerns the schools
        stored.effective_on = date(2024, 9, 1)
        PROCLAMATIONS.edit(stored)
        PROCLAMATIONS.delete(stored)
    notices = list(db.notices.find().sort("_id", 1))
    assert [notice["subject"].split("ประกาศ")[0] for notice in notices] == ["แจ้งการบันทึก", "แจ้งการแก้ไข", "แจ้งการยกเลิก"]
    first = notices[0]["opening"][0] + " ".join(notices[0]["orders"])
    home = places.takhop_tambon
    for word in ("7/2567", "รวม", "๑ ตุลาคม ๒๕๖๗", home.own, home.centre, "เลข 0", "ย้ายนักเรียน"):
        assert word in first
    deliveries = list(db.deliveries.find())
    assert len(deliveries) == 3 and {row["state"] for row in deliveries} == {"waiting"}
    assert {row["lao_code"] for row in deliveries} == {places.takhop_tambon.code}


def test_the_page_moves_and_moves_back_and_a_reader_has_no_button(db: Database[Raw], people: People) -> None:
    home = people.places.takhop_tambon
    db.schools.update_one({"_id": home.centre}, {"$set": {"grades": GRADES, "kind": "school"}})
    db.students.insert_many(some_students(5, _id=home.own, grades=GRADES, **home.path))
    open_round(SYSTEM, ROUND)
    with acting_as(officer(people.places)):
        pk = merge(people.places)["_id"]
    lao, district = people.browser("lao"), people.browser("district")
    assert 'id="move-students"' in lao.get(f"/proclamations/show/{pk}").text
    page = district.get(f"/proclamations/show/{pk}").text
    assert "ยังอยู่ในทะเบียนเดิม" in page and "move-students" not in page
    district.post(f"/proclamations/{pk}/move")
    people.browser("neighbour").post(f"/proclamations/{pk}/move")
    assert roster(db, home.own) == 5
    assert "ย้ายนักเรียนแล้ว 5 คน" in lao.post(f"/proclamations/{pk}/move", follow_redirects=True).text
    assert roster(db, home.centre) == 5
    assert "ย้ายนักเรียนกลับแล้ว 5 คน" in lao.post(f"/proclamations/{pk}/move_back", follow_redirects=True).text
    assert roster(db, home.own) == 5 and lao.get(f"/proclamations/{pk}/move").status_code == 405


def test_a_thousand_students_move_in_one_step(db: Database[Raw], places: Places) -> None:
    home, ids = places.takhop_tambon, IdNumbers(Random(5))
    db.students.insert_many(
        [a_student(national_id=ids.thai(), school_code=home.own, **home.path) for _ in range(1000)]
    )
    proclamation = merge(places)
    assert move_students(officer(places), proclamation["_id"]).number >= 1000
    assert roster_of(proclamation).waiting == 0


@pytest.mark.parametrize("way", ["move_back", "change", "delete"])
def test_students_at_another_laos_school_come_back_only_by_the_country(
    db: Database[Raw], places: Places, way: str
) -> None:
    home, there = places.takhop_tambon, places.buriram_sao
    db.schools.update_one({"_id": there.own}, {"$set": {"grades": GRADES, "kind": "school", "status": "open"}})
    with acting_as(SYSTEM):
        proclamation = merge(places, successor=School.objects.get(pk=there.own))
    assert move_students(SYSTEM, proclamation["_id"]).number > 0
    moved = roster(db, there.own)
    document = PROCLAMATIONS.get(proclamation["_id"])
    with pytest.raises((Problem, WriteRefused)):
        if way == "move_back":
            move_back(officer(places), proclamation["_id"])
        elif way == "delete":
            PROCLAMATIONS.delete(document)
        else:
            document.successor = School.objects.get(pk=home.centre)
            PROCLAMATIONS.edit(document)
    assert roster(db, there.own) == moved
    assert db.proclamations.find_one({"_id": proclamation["_id"]})["successor_code"] == there.own  # type: ignore[index]
    move_back(SYSTEM, proclamation["_id"])
    assert roster(db, there.own) < moved

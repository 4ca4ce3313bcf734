"""The correction register, through the data interface: one row a change while a round corrects, and sums that fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from app.documents.corrections import Correction
from app.documents.schools import School
from app.documents.students import Student
from app.enums import Grade, Sex, StudentStatus
from app.fabmongo.errors import WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.rules.census import count_by
from app.services.accounts import SYSTEM, SystemActor
from app.services.students import StudentRules
from app.services.submissions import open_round
from tests.factories.people import CENSUS, a_student, some_students
from tests.factories.places import Places, make_places

Raw = dict[str, Any]
STUDENTS = MongoInterface(Student, StudentRules())
ROUND = "2567-2"


@pytest.fixture
def places(db: Database[Raw], app: Flask) -> Iterator[Places]:
    """The tree with a roster of 12 and round 2 opened, while the officer of ทต.ตะขบ acts."""
    places = make_places(db)
    home = places.takhop_tambon
    db.schools.update_one({"_id": home.centre}, {"$set": {"grades": ["K2", "K3", "P1"], "kind": "school"}})
    db.students.insert_many(some_students(12, _id=home.own, grades=["K2", "K3", "P1"], **home.path))
    open_round(SYSTEM, ROUND)
    with app.app_context(), acting_as(SystemActor("officer", home.area())):
        yield places


def a_form(places: Places, **changes: Any) -> Student:
    raw = a_student()
    fields = {
        "national_id": raw["national_id"], "title": "เด็กชาย", "first_name": "ทดสอบ", "last_name": "ระบบ",
        "sex": Sex.MALE, "birth_date": date(2017, 9, 1), "grade": Grade.P1, "admitted_on": date(2024, 5, 16),
        "school": School.objects.get(pk=places.takhop_tambon.own), "status": StudentStatus.STUDYING,
    }  # fmt: skip
    return Student(**{**fields, **changes})


def write(work: Any, student: Any, reason: str = "เอกสารผิด", **changes: Any) -> Any:
    student._reason = reason
    for name, value in changes.items():
        setattr(student, name, value)
    work(student)
    return student


def register(db: Database[Raw]) -> list[Raw]:
    return list(db.corrections.find().sort("_id", 1))


def total(db: Database[Raw], school: str) -> int:
    row = db.submissions.find_one({"_id": f"{ROUND}:{school}"})
    assert row is not None
    return int(row.get("total") or 0)


def texts(row: Raw) -> dict[str, tuple[Any, Any]]:
    return {part["field"]: (part.get("before"), part.get("after")) for part in row["fields"]}


def test_each_deed_is_one_row_that_says_what_who_and_why(app: Flask, db: Database[Raw], places: Places) -> None:
    with app.app_context():
        _one_of_each(db, places)


def _one_of_each(db: Database[Raw], places: Places) -> None:
    own = places.takhop_tambon.own
    pk = write(STUDENTS.add, a_form(places)).pk
    write(STUDENTS.edit, STUDENTS.get(pk), "พิมพ์ผิด", first_name="ทดลอง", birth_date=date(2017, 9, 2))
    gone = {"left_on": date(2024, 6, 1), "status": StudentStatus.MOVED}
    write(STUDENTS.edit, STUDENTS.get(pk), "ย้ายไปก่อน", **gone)
    write(STUDENTS.delete, STUDENTS.get(pk), "บันทึกซ้ำ")
    rows = register(db)
    assert [(row["deed"], row["effect"], row["reason"]) for row in rows] == [
        ("add", 1, "เอกสารผิด"), ("change", 0, "พิมพ์ผิด"), ("discharge", -1, "ย้ายไปก่อน"), ("remove", 0, "บันทึกซ้ำ"),
    ]  # fmt: skip
    assert texts(rows[1]) == {"ชื่อ": ("ทดสอบ", "ทดลอง"), "วันเกิด": ("1 ก.ย. 2560", "2 ก.ย. 2560")}
    assert texts(rows[2])["สถานภาพ"] == ("กำลังศึกษา", "ย้าย")
    assert texts(rows[0])["ชั้น"] == (None, "ป.1") and texts(rows[3])["ชั้น"] == ("ป.1", None)
    for row in rows:
        assert (row["round_code"], row["school_code"], row["lao_code"], row["made_by"]) == (
            ROUND, own, places.takhop_tambon.code, "officer",
        )  # fmt: skip
        Correction._from_son(row).validate()
    entries = [entry["reason"] for entry in db.audit_entries.find({"key": pk}).sort("_id", 1)]
    assert entries == ["เอกสารผิด", "พิมพ์ผิด", "ย้ายไปก่อน", "บันทึกซ้ำ"]


def test_no_row_of_the_register_holds_an_id_number_in_full(db: Database[Raw], places: Places) -> None:
    student = write(STUDENTS.add, a_form(places))
    old = student.national_id
    write(STUDENTS.edit, STUDENTS.get(student.pk), national_id="G000000000001")
    write(STUDENTS.delete, STUDENTS.get(student.pk))
    assert old not in str(register(db)) and "G000000000001" not in str(register(db))
    assert "เลขประจำตัวประชาชน" in texts(register(db)[1])


def test_a_move_is_written_for_both_schools(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    pk = write(STUDENTS.add, a_form(places)).pk
    write(STUDENTS.edit, STUDENTS.get(pk), school=School.objects.get(pk=home.centre))
    rows = register(db)[1:]
    assert {row["school_code"]: row["effect"] for row in rows} == {home.own: -1, home.centre: 1}
    assert {row["deed"] for row in rows} == {"move"}
    old, new = (db.schools.find_one({"_id": code})["name_th"] for code in (home.own, home.centre))  # type: ignore[index]
    assert texts(rows[0])["สถานศึกษา"] == texts(rows[1])["สถานศึกษา"] == (old, new)


def test_without_a_reason_nothing_is_written_not_even_by_the_dla(db: Database[Raw], places: Places) -> None:
    with acting_as(SYSTEM), pytest.raises(WriteRefused) as refused:
        STUDENTS.add(a_form(places))
    assert set(refused.value.fields) == {"_reason"}
    assert register(db) == []


@pytest.mark.parametrize(
    "change", [{"kind": "census"}, {"closes_on": datetime(2024, 12, 1)}, {"opens_on": datetime(2999, 1, 1)}]
)
def test_outside_a_correction_round_nothing_is_registered_and_no_reason_asked(
    db: Database[Raw], places: Places, change: Raw
) -> None:
    db.rounds.update_one({"_id": ROUND}, {"$set": change})
    STUDENTS.add(a_form(places))
    assert db.students.count_documents({"first_name": "ทดสอบ"}) == 1 and register(db) == []


def test_a_refused_write_leaves_no_row(db: Database[Raw], places: Places) -> None:
    db.submissions.update_many({}, {"$set": {"state": "accepted"}})
    with pytest.raises(WriteRefused, match="ปลดล็อก"):
        write(STUDENTS.add, a_form(places))
    assert register(db) == []


def test_the_register_is_thai_whatever_the_officer_reads(app: Flask, db: Database[Raw], places: Places) -> None:
    with app.test_request_context(), force_locale("en"):
        write(STUDENTS.add, a_form(places))
    assert texts(register(db)[0])["เพศ"] == (None, "ชาย")


NEAR = st.integers(-12, 12).map(lambda days: CENSUS + timedelta(days=days))
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["add", "admit", "leave", "stay", "move", "grade", "remove"]),
        st.integers(0, 30), NEAR, st.none() | st.integers(0, 20),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS, starts=st.lists(st.tuples(NEAR, st.none() | NEAR), max_size=6))
def test_counts_follow_the_rule_and_the_register_sums_up_to_their_change(
    db: Database[Raw], places: Places, deeds: list[Any], starts: list[Any]
) -> None:
    home = places.takhop_tambon
    schools = (home.own, home.centre)
    for name in ("students", "submissions", "corrections"):
        db[name].delete_many({})
    db.students.insert_many(
        [
            a_student(_id=ObjectId(), national_id=f"G{number:012}", school_code=home.own, **home.path,
                      admitted_on=at_midnight(first), left_on=last and at_midnight(last))
            for number, (first, last) in enumerate(starts)
        ] or [a_student(school_code=home.own, **home.path)]
    )  # fmt: skip
    open_round(SYSTEM, ROUND)
    begun = {school: total(db, school) for school in schools}
    for number, (deed, which, day, stay) in enumerate(deeds):
        with suppress(WriteRefused):
            do(db, places, deed, which, day, stay, number)
    for school in schools:
        roster = list(db.students.find({"school_code": school}))
        row = db.submissions.find_one({"_id": f"{ROUND}:{school}"}) or {}
        cells = {(part["grade"], sex): part[sex] for part in row.get("counts") or () for sex in ("male", "female")}
        assert {key: n for key, n in cells.items() if n} == dict(count_by(roster, CENSUS))
        effects = sum(fix["effect"] for fix in db.corrections.find({"school_code": school}))
        assert total(db, school) - begun[school] == effects


def at_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def do(db: Database[Raw], places: Places, deed: str, which: int, day: date, stay: int | None, number: int) -> None:
    """One random write as an officer would make it; some are refused, and change nothing then."""
    left = None if stay is None else day + timedelta(days=stay)
    if deed == "add":
        write(STUDENTS.add, a_form(places, national_id=f"G9{number:011}", admitted_on=day, left_on=left))
        return
    keys = sorted((row["_id"] for row in db.students.find({}, {"_id": 1})), key=str)
    if not keys:
        return
    student = STUDENTS.load(db.students.find_one({"_id": keys[which % len(keys)]}))
    change: Raw = {
        "admit": {"admitted_on": day},
        "leave": {"left_on": day, "status": StudentStatus.MOVED},
        "stay": {"left_on": None, "status": StudentStatus.STUDYING},
        "grade": {"grade": Grade.K3, "title": "เด็กหญิง", "sex": Sex.FEMALE},
        "move": {"school": School.objects.get(pk=places.takhop_tambon.schools[which % 2])},
    }.get(deed, {})
    write(STUDENTS.delete if deed == "remove" else STUDENTS.edit, student, **change)

"""The rules of rosters, through the data interface as forms use it: counts follow in the same transaction."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from random import Random
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.documents.schools import School
from app.documents.students import Student
from app.enums import Grade, SchoolStatus, Sex, StudentStatus
from app.fabmongo.errors import OutOfScope, WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.reasons import give
from app.fabmongo.scope import acting_as
from app.services.accounts import SYSTEM, SystemActor
from app.services.students import StudentRules
from app.services.submissions import open_round
from tests.factories.people import IdNumbers, a_student
from tests.factories.places import Places, make_places

Raw = dict[str, Any]
STUDENTS = MongoInterface(Student, StudentRules())


@pytest.fixture
def places(db: Database[Raw], app: Flask) -> Iterator[Places]:
    """The tree with round 2 opened, while the officer of ทต.ตะขบ acts."""
    places = make_places(db)
    open_round(SYSTEM, places.round_2)
    with app.app_context(), acting_as(SystemActor("officer", places.takhop_tambon.area())):
        yield places


def a_form(places: Places, **changes: Any) -> Student:
    """A student of ทต.ตะขบ's own school as a form fills it in."""
    raw = a_student()
    fields = {
        "national_id": raw["national_id"], "title": "เด็กชาย", "first_name": "ทดสอบ", "last_name": "ระบบ",
        "sex": Sex.MALE, "birth_date": date(2017, 9, 1), "grade": Grade.P1, "admitted_on": date(2024, 5, 16),
        "school": School.objects.get(pk=places.takhop_tambon.own), "status": StudentStatus.STUDYING,
    }  # fmt: skip
    return because(Student(**{**fields, **changes}))


def because(student: Any, reason: str = "ตรวจแล้ว") -> Any:
    """The student with the reason that round 2, which corrects, wants for every write."""
    give(student, reason)
    return student


def one(pk: Any) -> Any:
    """A stored student as the edit form has it, with a reason."""
    return because(STUDENTS.get(pk))


def submission(db: Database[Raw], school: str) -> Raw:
    row = db.submissions.find_one({"_id": f"2567-2:{school}"})
    assert row is not None
    return row


def refused(student: Student) -> dict[str, Any]:
    """The columns of a refused write."""
    with pytest.raises(WriteRefused) as error:
        STUDENTS.add(student)
    return error.value.fields


def test_a_new_student_is_counted_at_once(db: Database[Raw], places: Places) -> None:
    STUDENTS.add(a_form(places))
    row = submission(db, places.takhop_tambon.own)
    assert (row["state"], row["source"], row["male"], row["female"], row["total"]) == ("in_progress", "roster", 1, 0, 1)
    stored = db.students.find_one({})
    assert stored is not None
    assert (stored["lao_code"], stored["district_code"], stored["created_by"]) == ("5301401", "3014", "officer")
    assert stored["admitted_on"] == datetime(2024, 5, 16)


def test_names_numbers_and_titles_are_stored_in_one_form(db: Database[Raw], places: Places) -> None:
    number = a_student()["national_id"]
    typed = f"{number[0]}-{number[1:5]}-{number[5:10]}-{number[10:12]}-{number[12]}"
    STUDENTS.add(a_form(places, national_id=typed, title="ด.ญ.", sex=None, first_name=" ทด  สอบ ", student_no="๐๐๐๑๒"))
    row = db.students.find_one({}, {"_id": 0, "national_id": 1, "title": 1, "sex": 1, "first_name": 1, "student_no": 1})
    assert row == {
        "national_id": number, "title": "เด็กหญิง", "sex": "female", "first_name": "ทด สอบ", "student_no": "00012",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({"national_id": "1101700203459"}, {"national_id"}),
        ({"national_id": "123"}, {"national_id"}),
        ({"title": "เด็กหญิง"}, {"title"}),
        ({"grade": Grade.M6}, {"grade"}),
        ({"birth_date": date(2099, 1, 1)}, {"birth_date"}),
        ({"left_on": date(2023, 1, 1)}, {"left_on"}),
        ({"first_name": "", "last_name": None}, {"first_name", "last_name"}),
        ({"school": None}, {"school"}),
    ],
)
def test_every_error_is_on_its_own_column_and_nothing_is_stored(
    db: Database[Raw], places: Places, changes: Raw, columns: set[str]
) -> None:
    assert refused(a_form(places, **changes)).keys() == columns
    assert db.students.count_documents({}) == 0
    assert submission(db, places.takhop_tambon.own)["state"] == "not_started"


def test_a_closed_school_and_a_school_of_other_affiliation_take_no_student(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    assert refused(a_form(places, school=School.objects.get(pk=home.other))).keys() == {"school"}
    db.schools.update_one(
        {"_id": home.own}, {"$set": {"status": SchoolStatus.CLOSED.value, "closed_on": datetime(2024, 5, 1)}}
    )
    assert refused(a_form(places)).keys() == {"school"}


def test_the_same_person_twice_in_a_school_is_refused(db: Database[Raw], places: Places) -> None:
    STUDENTS.add(a_form(places))
    assert refused(a_form(places, first_name="อีกคน")).keys() & {"school", "national_id"}
    assert submission(db, places.takhop_tambon.own)["total"] == 1


def test_a_neighbours_school_is_out_of_reach(db: Database[Raw], places: Places) -> None:
    assert refused(a_form(places, school=School.objects.get(pk=places.takhop_sao.own))).keys() == {"school"}
    with acting_as(SystemActor("district", places.takhop_tambon.area("district"))), pytest.raises(OutOfScope):
        STUDENTS.add(a_form(places))
    assert db.students.count_documents({}) == 0


def test_moving_changes_the_counts_of_both_schools(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    db.schools.update_one({"_id": home.centre}, {"$set": {"grades": ["P1"]}})
    STUDENTS.add(a_form(places))
    student = one(db.students.find_one({})["_id"])  # type: ignore[index]
    student.school = School.objects.get(pk=home.centre)
    STUDENTS.edit(student)
    assert "total" not in submission(db, home.own)
    assert submission(db, home.centre)["total"] == 1


def test_deleting_takes_the_student_out_of_the_count(db: Database[Raw], places: Places) -> None:
    ids = IdNumbers(Random(3))
    for _ in range(2):
        STUDENTS.add(a_form(places, national_id=ids.thai()))
    STUDENTS.delete(one(db.students.find_one({})["_id"]))  # type: ignore[index]
    assert submission(db, places.takhop_tambon.own)["total"] == 1


def test_a_count_that_is_accepted_holds_the_roster(db: Database[Raw], places: Places) -> None:
    STUDENTS.add(a_form(places))
    db.submissions.update_many({}, {"$set": {"state": "accepted"}})
    student = one(db.students.find_one({})["_id"])  # type: ignore[index]
    student.weight_kg = 20.5
    STUDENTS.edit(student)
    with pytest.raises(WriteRefused, match="ปลดล็อก"):
        STUDENTS.delete(student)
    assert db.students.count_documents({"weight_kg": 20.5}) == 1
    late = a_form(places, national_id=IdNumbers(Random(3)).thai(), admitted_on=date(2024, 7, 1))
    STUDENTS.add(late)
    assert submission(db, places.takhop_tambon.own)["total"] == 1


def test_students_added_at_the_same_moment_are_all_counted(
    app: Flask, db: Database[Raw], places: Places
) -> None:
    ids = IdNumbers(Random(9))
    forms = [a_form(places, national_id=ids.thai()) for _ in range(8)]

    def add(student: Student) -> None:
        with app.app_context(), acting_as(SystemActor("officer", places.takhop_tambon.area())):
            STUDENTS.add(student)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, forms))
    assert submission(db, places.takhop_tambon.own)["total"] == db.students.count_documents({}) == 8


@pytest.mark.parametrize("deed", ["add", "change", "remove"])
def test_the_policy_of_the_open_round_binds_officers_and_not_the_dla(
    db: Database[Raw], places: Places, deed: str
) -> None:
    student = a_form(places)
    STUDENTS.add(student)
    db.rounds.update_one({"_id": places.round_2}, {"$set": {f"may_{deed}": False}})
    with pytest.raises(WriteRefused):
        _do(deed, places, student)
    db.rounds.update_one({"_id": places.round_2}, {"$set": {"closes_on": datetime(2024, 11, 6)}})
    _do(deed, places, student)
    db.rounds.update_one({"_id": places.round_2}, {"$unset": {"closes_on": ""}})
    with acting_as(SYSTEM):
        STUDENTS.add(a_form(places, national_id="G000000000001"))


def test_a_round_leaves_some_fields_open_and_says_so_on_the_others(db: Database[Raw], places: Places) -> None:
    pk = because(a_form(places))
    STUDENTS.add(pk)
    closed = {"open_fields": ["room"], "may_discharge": False}
    db.rounds.update_one({"_id": places.round_2}, {"$set": closed})
    for column, value in (("first_name", "ทดลอง"), ("left_on", date(2024, 6, 1)), ("status", StudentStatus.MOVED)):
        student = one(str(pk.pk))
        setattr(student, column, value)
        with pytest.raises(WriteRefused, match="2567-2") as refused:
            STUDENTS.edit(student)
        assert set(refused.value.fields) == {column}
    student = one(str(pk.pk))
    student.room = "2"
    STUDENTS.edit(student)
    assert db.students.find_one({})["room"] == "2"  # type: ignore[index]


# -- a round that is closed, and extended for some ---------------------------------------------


@pytest.fixture(params=["lao", "school"])
def extended(request: pytest.FixtureRequest, db: Database[Raw], places: Places) -> Places:
    """Round 2 closed, and extended for ทต.ตะขบ or for its own school; it lets nobody remove."""
    home = places.takhop_tambon
    db.rounds.update_one({"_id": places.round_2}, {"$set": {"closes_on": datetime(2024, 12, 1), "may_remove": False}})
    more = {"round_code": places.round_2, "until": datetime(2099, 1, 1), **home.path}
    db.extensions.insert_one(more | ({"school_code": home.own} if request.param == "school" else {}))
    return places


@pytest.mark.parametrize("who", ["lao", "school", "country"])
def test_an_extension_keeps_the_rules_of_its_round(db: Database[Raw], extended: Places, who: str) -> None:
    actor = SYSTEM if who == "country" else SystemActor(who, extended.takhop_tambon.area(who))
    with acting_as(actor):
        assert STUDENTS.rules.needs_reason(actor, None) is not None  # the empty form has the box
        assert refused(because(a_form(extended), "")).keys() == {"_reason"}
        student = a_form(extended)
        STUDENTS.add(student)
        assert submission(db, extended.takhop_tambon.own)["total"] == 1
        edited = because(one(student.pk), "")
        edited.room = "2"
        with pytest.raises(WriteRefused):
            STUDENTS.edit(edited)
        STUDENTS.edit(because(edited, "ย้ายห้อง"))
        if who != "country":  # which sets the policy
            with pytest.raises(WriteRefused, match="2567-2"):
                STUDENTS.delete(one(student.pk))
    assert [(row["deed"], row["reason"]) for row in db.corrections.find().sort("_id")] == [
        ("add", "ตรวจแล้ว"), ("change", "ย้ายห้อง"),
    ]  # fmt: skip


def test_a_neighbour_without_an_extension_is_not_bound_by_it(db: Database[Raw], extended: Places) -> None:
    there = extended.takhop_sao
    neighbour = SystemActor("neighbour", there.area())
    with acting_as(neighbour):
        assert STUDENTS.rules.needs_reason(neighbour, None) is None
        student = because(a_form(extended, school=School.objects.get(pk=there.own)), "")
        STUDENTS.add(student)
        STUDENTS.delete(because(STUDENTS.get(student.pk), ""))
    assert db.corrections.count_documents({}) == 0


def test_a_move_to_a_school_without_the_extension_is_registered_where_it_counts(
    db: Database[Raw], extended: Places
) -> None:
    home = extended.takhop_tambon
    schools = [home.own, home.centre]
    if db.extensions.count_documents({"school_code": home.own}):
        schools.remove(home.centre)
    db.schools.update_one({"_id": home.centre}, {"$set": {"grades": ["P1"]}})
    pk = a_form(extended)
    STUDENTS.add(pk)
    student = one(pk.pk)
    student.school = School.objects.get(pk=home.centre)
    STUDENTS.edit(student)
    assert [row["school_code"] for row in db.corrections.find({"deed": "move"}).sort("school_code")] == schools
    for school in schools:
        effects = sum(row["effect"] for row in db.corrections.find({"school_code": school}))
        assert submission(db, school).get("total", 0) == effects
    assert ("total" in submission(db, home.centre)) == (home.centre in schools)


def _do(deed: str, places: Places, student: Student) -> None:
    if deed == "add":
        STUDENTS.add(a_form(places, national_id="G000000000002"))
        return
    stored = one(str(student.pk))
    if deed == "remove":
        STUDENTS.delete(stored)
    else:
        stored.room = "9"
        STUDENTS.edit(stored)

"""The rules of schools, through the data interface as forms use it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from pymongo.database import Database

from app.documents.agencies import Agency
from app.documents.lao import Lao
from app.documents.schools import School
from app.enums import Grade, SchoolKind, SchoolStatus
from app.fabmongo.errors import OutOfScope, WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.services.accounts import SYSTEM, SystemActor
from app.services.schools import SchoolRules
from app.services.submissions import open_round
from tests.factories.people import some_students
from tests.factories.places import Places, make_places

Raw = dict[str, Any]
SCHOOLS = MongoInterface(School, SchoolRules())
NEW = "30140199"


@pytest.fixture
def places(db: Database[Raw]) -> Iterator[Places]:
    """The tree with both rounds opened, while the officer of ทต.ตะขบ acts."""
    places = make_places(db)
    for code in (places.round_1, places.round_2):
        open_round(SYSTEM, code)
    with acting_as(SystemActor("officer", places.takhop_tambon.area())):
        yield places


def a_form(places: Places, **changes: Any) -> School:
    fields = {
        "code": NEW, "name_th": "โรงเรียนทดสอบ", "kind": SchoolKind.SCHOOL,
        "lao": Lao.objects.get(pk=places.takhop_tambon.code), "grades": [Grade.P1],
    }  # fmt: skip
    return School(**{**fields, **changes})


def loaded(code: str) -> School:
    found: School = SCHOOLS.get(code)
    return found


def refused(write: Any, school: School) -> set[str]:
    """The columns of a refused write."""
    with pytest.raises(WriteRefused) as error:
        write(school)
    return set(error.value.fields)


def test_a_new_school_gets_its_submissions_in_open_rounds(db: Database[Raw], places: Places) -> None:
    SCHOOLS.add(a_form(places))
    rows = list(db.submissions.find({"school_code": NEW}))
    assert [(row["_id"], row["state"], row["kind"]) for row in rows] == [(f"2567-2:{NEW}", "not_started", "school")]
    assert rows[0]["lao_code"] == places.takhop_tambon.code and rows[0]["created_by"] == "officer"


def test_affiliation_goes_with_the_kind(places: Places) -> None:
    agency = Agency.objects.get(pk=places.service_area)
    assert refused(SCHOOLS.add, a_form(places, kind=SchoolKind.OTHER)) == {"agency"}
    assert refused(SCHOOLS.add, a_form(places, agency=agency)) == {"agency"}
    SCHOOLS.add(a_form(places, kind=SchoolKind.OTHER, agency=agency))


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"status": SchoolStatus.CLOSED}, "closed_on"),
        ({"status": SchoolStatus.MERGED, "closed_on": date(2024, 5, 1)}, "successor"),
        ({"closed_on": date(2024, 5, 1)}, "closed_on"),
    ],
)
def test_a_status_that_does_not_fit_is_refused_on_its_column(places: Places, changes: Raw, column: str) -> None:
    school = loaded(places.takhop_tambon.own)
    for name, value in changes.items():
        setattr(school, name, value)
    assert refused(SCHOOLS.edit, school) == {column}


def test_a_school_merges_into_another_and_never_into_itself(db: Database[Raw], places: Places) -> None:
    school = loaded(places.takhop_tambon.centre)
    school.status, school.closed_on, school.successor = SchoolStatus.MERGED, date(2024, 5, 1), school
    assert refused(SCHOOLS.edit, school) == {"successor"}
    school.successor = loaded(places.takhop_tambon.own)
    SCHOOLS.edit(school)
    row = db.schools.find_one({"_id": school.pk})
    assert row is not None
    assert (row["status"], row["closed_on"]) == ("merged", datetime(2024, 5, 1))


def test_a_deleted_schools_code_is_never_used_again(db: Database[Raw], places: Places) -> None:
    SCHOOLS.add(a_form(places))
    SCHOOLS.delete(loaded(NEW))
    assert db.submissions.count_documents({"school_code": NEW}) == 0
    retired = db.retired_codes.find_one({"_id": NEW})
    assert retired is not None and retired["name_th"] == "โรงเรียนทดสอบ"
    assert refused(SCHOOLS.add, a_form(places, code="๓๐๑๔-๐๑๙๙")) == {"code"}


def test_a_school_with_students_or_counts_is_not_deleted(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    db.students.insert_many(some_students(3, _id=home.own, **home.path))
    db.submissions.update_one({"_id": f"2567-2:{home.other}"}, {"$set": {"total": 0}})
    for code in (home.own, home.other):
        with pytest.raises(WriteRefused, match="ประกาศ"):
            SCHOOLS.delete(loaded(code))
    assert db.schools.count_documents({}) == 15


@pytest.mark.parametrize("kept", ["evidence", "listed_students"])
def test_a_school_with_papers_or_names_is_neither_deleted_nor_made_an_own_one(
    db: Database[Raw], places: Places, kept: str
) -> None:
    home = places.takhop_tambon
    db[kept].insert_one({"submission_code": f"2567-2:{home.other}", "school_code": home.other, **home.path})
    with pytest.raises(WriteRefused):
        SCHOOLS.delete(loaded(home.other))
    school = loaded(home.other)
    school.kind, school.agency = SchoolKind.SCHOOL, None
    assert refused(SCHOOLS.edit, school) == {"kind"}


def test_a_school_keeps_its_basic_data_and_leaves_the_rest_to_its_lao(db: Database[Raw], places: Places) -> None:
    with acting_as(SystemActor("teacher", places.takhop_tambon.area("school"))):
        school = loaded(places.takhop_tambon.own)
        school.phone = "044000000"
        SCHOOLS.edit(school)
        school.status, school.closed_on = SchoolStatus.CLOSED, date(2024, 5, 1)
        assert refused(SCHOOLS.edit, school) == {"status"}
        with pytest.raises(WriteRefused):
            SCHOOLS.delete(loaded(places.takhop_tambon.own))
        with pytest.raises((OutOfScope, WriteRefused)):
            SCHOOLS.add(a_form(places))
    row = db.schools.find_one({"_id": places.takhop_tambon.own})
    assert row is not None and (row["phone"], row["status"]) == ("044000000", "open")


def test_a_school_that_moves_to_another_lao_takes_its_students_and_submissions_along(
    db: Database[Raw], places: Places
) -> None:
    home, away = places.takhop_tambon, places.buriram_sao
    db.students.insert_many(some_students(3, _id=home.own, **home.path))
    person = {"_id": "head", "area_level": "school", "area_code": home.own, "area_codes": {"lao": home.code}}
    db.users.insert_one(person)
    followers = (db.evidence, db.listed_students, db.findings, db.corrections, db.submission_steps)
    for rows in followers:
        rows.insert_one({"school_code": home.own, **home.path})
    for lao in (home.code, away.code):
        db.certifications.insert_one({"_id": f"2567-2:{lao}", "stale": False})
    school = loaded(home.own)
    school.lao = Lao.objects.get(pk=away.code)
    with pytest.raises(WriteRefused):
        SCHOOLS.edit(school)
    with acting_as(SYSTEM):
        SCHOOLS.edit(school)
    for rows in (db.students, db.submissions, *followers):
        assert rows.count_documents({"school_code": home.own, **away.path}) == rows.count_documents(
            {"school_code": home.own}
        )
    assert db.certifications.count_documents({"stale": True}) == 2
    head = db.users.find_one({"_id": "head"})
    assert head is not None and head["area_codes"] == {"lao": away.code, "district": "3101", "province": "31"}


def test_own_and_other_affiliation_do_not_turn_into_each_other_once_there_are_students(
    db: Database[Raw], places: Places
) -> None:
    home = places.takhop_tambon
    db.students.insert_many(some_students(1, _id=home.own, **home.path))
    school = loaded(home.own)
    school.kind, school.agency = SchoolKind.OTHER, Agency.objects.get(pk=places.private)
    assert refused(SCHOOLS.edit, school) == {"kind"}
    school = loaded(home.own)
    school.kind = SchoolKind.COLLEGE
    SCHOOLS.edit(school)
    assert set(db.submissions.distinct("kind", {"school_code": home.own})) == {"college"}


def test_a_deleted_school_comes_back_under_its_code_and_no_other_takes_it(people: Any, db: Any) -> None:
    lao = people.browser("lao")
    form = {"code": "99887766", "name_th": "โรงเรียนทดสอบ", "kind": "school", "lao": "5301401", "grades": ["P1"]}
    assert lao.post("/schools/add", form).status_code == 302
    assert lao.post("/schools/delete/99887766").status_code == 302
    assert lao.post("/schools/add", form).status_code == 200, "the code is never used again"
    entry = db.audit_entries.find_one({"key": "99887766", "verb": "delete"})
    assert lao.post(f"/schools/undelete/{entry['_id']}").status_code == 302
    assert db.schools.find_one({"_id": "99887766"})["name_th"] == "โรงเรียนทดสอบ"
    assert db.submissions.count_documents({"school_code": "99887766"}) > 0

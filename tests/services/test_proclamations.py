"""Proclamations, through the data interface: schools close and their counts become a stored zero, and back."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from app.clock import thai_today
from app.documents.lao import Lao
from app.documents.proclamations import Proclamation
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import Grade, ProclamationKind, SchoolStatus
from app.errors import Problem
from app.fabmongo.errors import WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.services.accounts import SYSTEM, SystemActor
from app.services.proclamations import ProclamationRules, apply_due
from app.services.schools import SchoolRules
from app.services.submissions import open_round, record_counts
from tests.factories.people import some_students
from tests.factories.places import Places, make_places

Raw = dict[str, Any]
PROCLAMATIONS = MongoInterface(Proclamation, ProclamationRules())
BEFORE, BETWEEN = date(2024, 5, 16), date(2024, 10, 1)
"""Effective before the census date, and after it while round 1 is closed and round 2 still open."""


@pytest.fixture
def places(db: Database[Raw]) -> Iterator[Places]:
    """The tree with a roster and both rounds opened, while the officer of ทต.ตะขบ acts."""
    places = make_places(db)
    home = places.takhop_tambon
    db.students.insert_many(some_students(20, _id=home.own, **home.path))
    for code in (places.round_1, places.round_2):
        open_round(SYSTEM, code)
    with acting_as(SystemActor("officer", home.area())):
        yield places


def a_form(places: Places, *schools: str, **changes: Any) -> Proclamation:
    fields = {
        "number": "1/2567", "kind": ProclamationKind.CLOSURE, "announced_on": date(2024, 4, 30),
        "effective_on": BEFORE, "authority": "หน่วยงานทดสอบ",
        "lao": Lao.objects.get(pk=places.takhop_tambon.code),
        "schools": [School.objects.get(pk=code) for code in schools or (places.takhop_tambon.own,)],
    }  # fmt: skip
    return Proclamation(**{**fields, **changes})


def submission(db: Database[Raw], school: str, round_code: str = "2567-2") -> Raw:
    row = db.submissions.find_one({"_id": f"{round_code}:{school}"})
    assert row is not None
    return row


def school(db: Database[Raw], code: str) -> Raw:
    row = db.schools.find_one({"_id": code})
    assert row is not None
    return row


def refused(proclamation: Proclamation) -> set[str]:
    with pytest.raises(WriteRefused) as error:
        PROCLAMATIONS.add(proclamation)
    return set(error.value.fields)


def stored(db: Database[Raw]) -> Proclamation:
    found: Proclamation = PROCLAMATIONS.get(db.proclamations.find_one({})["_id"])  # type: ignore[index]
    return found


def test_a_closure_closes_the_school_and_stores_an_explicit_zero(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    PROCLAMATIONS.add(a_form(places, home.own, home.other))
    for code in (home.own, home.other):
        row = school(db, code)
        assert (row["status"], row["closed_on"]) == ("closed", datetime(2024, 5, 16))
        for round_code in ("2567-1", "2567-2"):
            zero = submission(db, code, round_code)
            assert (zero["male"], zero["female"], zero["total"], zero["source"]) == (0, 0, 0, "proclamation")
            assert zero["state"] == "in_progress"
            assert {count["grade"] for count in zero["counts"]} == set(row["grades"])
    assert "total" not in submission(db, home.centre)
    Submission.objects.get(pk=f"2567-2:{home.own}").validate()


def test_a_merger_names_the_school_that_takes_the_students(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    merger = {"kind": ProclamationKind.MERGER}
    assert refused(a_form(places, home.centre, **merger)) == {"successor"}
    assert refused(a_form(places, home.centre, **merger, successor=School.objects.get(pk=home.centre))) == {"successor"}
    PROCLAMATIONS.add(a_form(places, home.centre, **merger, successor=School.objects.get(pk=home.own)))
    row = school(db, home.centre)
    assert (row["status"], row["successor_code"]) == ("merged", home.own)


def test_a_closure_after_the_census_reaches_the_open_round_and_leaves_the_closed_one(
    db: Database[Raw], places: Places
) -> None:
    own = places.takhop_tambon.own
    before = submission(db, own, "2567-1")
    PROCLAMATIONS.add(a_form(places, effective_on=BETWEEN))
    assert submission(db, own, "2567-1") == before and before["total"] > 0
    assert submission(db, own)["total"] == 0


def test_a_zero_stands_against_recounts_and_lists(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    PROCLAMATIONS.add(a_form(places, home.other))
    row = Submission.objects.get(pk=f"2567-2:{home.other}")
    with pytest.raises(Problem, match="ประกาศ"):
        record_counts(SystemActor("officer", home.area()), row, {Grade.P1: (1, 1)})
    assert submission(db, home.other)["total"] == 0


def test_deleting_a_proclamation_takes_everything_back(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    counted = submission(db, home.own)["total"]
    PROCLAMATIONS.add(a_form(places, home.own, home.other))
    PROCLAMATIONS.delete(stored(db))
    for code in (home.own, home.other):
        row = school(db, code)
        assert row["status"] == "open" and "closed_on" not in row
    own, other = submission(db, home.own), submission(db, home.other)
    assert (own["state"], own["total"], own["source"]) == ("not_started", counted, "roster")
    assert other["state"] == "not_started" and "total" not in other and "proclamation" not in other


def test_correcting_the_schools_of_a_proclamation_moves_the_zero(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    PROCLAMATIONS.add(a_form(places, home.own))
    found = stored(db)
    found.schools = [School.objects.get(pk=home.centre)]
    PROCLAMATIONS.edit(found)
    assert school(db, home.own)["status"] == "open" and submission(db, home.own)["total"] > 0
    assert school(db, home.centre)["status"] == "closed" and submission(db, home.centre)["total"] == 0


def test_correcting_a_note_leaves_the_states_alone(db: Database[Raw], places: Places) -> None:
    PROCLAMATIONS.add(a_form(places))
    db.submissions.update_many({"total": 0}, {"$set": {"state": "accepted"}})
    found = stored(db)
    found.note = "ตรวจสอบแล้ว"
    PROCLAMATIONS.edit(found)
    assert submission(db, places.takhop_tambon.own)["state"] == "accepted"


def test_schools_of_another_lao_are_refused(db: Database[Raw], places: Places) -> None:
    with acting_as(SYSTEM):
        assert refused(a_form(places, places.takhop_sao.own)) == {"schools"}
    assert refused(a_form(places, places.takhop_sao.own)) == {"schools"}
    assert school(db, places.takhop_sao.own)["status"] == "open"


def test_a_school_has_one_proclamation(places: Places) -> None:
    PROCLAMATIONS.add(a_form(places))
    assert refused(a_form(places, number="2/2567")) == {"schools"}


def test_a_status_by_proclamation_is_not_changed_on_the_school(db: Database[Raw], places: Places) -> None:
    PROCLAMATIONS.add(a_form(places))
    schools = MongoInterface(School, SchoolRules())
    own = schools.get(places.takhop_tambon.own)
    own.status, own.closed_on = SchoolStatus.OPEN, None
    with pytest.raises(WriteRefused, match="1/2567"):
        schools.edit(own)


def test_a_proclamation_of_the_future_waits_for_its_day(db: Database[Raw], places: Places) -> None:
    own = places.takhop_tambon.own
    PROCLAMATIONS.add(a_form(places, effective_on=thai_today() + timedelta(days=1)))
    assert school(db, own)["status"] == "open" and submission(db, own)["total"] > 0
    assert apply_due() == 0
    db.proclamations.update_one({}, {"$set": {"effective_on": datetime(2024, 10, 1)}})
    assert (apply_due(), apply_due()) == (1, 0)
    assert school(db, own)["status"] == "closed" and submission(db, own)["total"] == 0


def test_a_round_opened_later_has_the_zero_from_the_beginning(db: Database[Raw], places: Places) -> None:
    PROCLAMATIONS.add(a_form(places))
    db.submissions.delete_many({})
    assert open_round(SYSTEM, "2567-2").zeros == 1
    zero = submission(db, places.takhop_tambon.own)
    assert (zero["total"], zero["source"], zero["state"]) == (0, "proclamation", "in_progress")


def test_a_proclamation_wipes_out_no_count_that_somebody_vouched_for(db: Database[Raw], places: Places) -> None:
    key, school = f"2567-2:{places.takhop_tambon.own}", places.takhop_tambon.own
    db.submissions.update_one({"_id": key}, {"$set": {"state": "accepted", "total": 50, "source": "certified_list"}})
    with pytest.raises(WriteRefused, match="ปลดล็อก"):
        PROCLAMATIONS.add(a_form(places))
    kept = db.submissions.find_one({"_id": key}, {"_id": 0, "total": 1, "state": 1})
    assert kept == {"total": 50, "state": "accepted"}
    assert db.schools.find_one({"_id": school}, {"_id": 0, "status": 1}) == {"status": "open"}
    db.submissions.update_one({"_id": key}, {"$set": {"state": "returned"}})
    PROCLAMATIONS.add(a_form(places))
    assert db.submissions.find_one({"_id": key}, {"_id": 0, "total": 1}) == {"total": 0}
    db.submissions.update_one({"_id": key}, {"$set": {"state": "accepted"}})
    with pytest.raises(WriteRefused, match="ปลดล็อก"):
        PROCLAMATIONS.delete(PROCLAMATIONS.get(str(db.proclamations.find_one({})["_id"])))  # type: ignore[index]
    assert db.proclamations.count_documents({}) == 1

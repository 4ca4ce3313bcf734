"""Submissions: opening a round, counting rosters, recording certified lists, the state of LAOs."""

import time
from datetime import datetime
from typing import Any

import pytest
from pymongo.database import Database

from app.documents.submissions import Submission
from app.enums import Grade, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Area
from app.services.accounts import SYSTEM, SystemActor
from app.services.submissions import open_round, record_counts, recount, states_of_laos
from tests.factories.people import some_students
from tests.factories.places import Places, make_places

Raw = dict[str, Any]


@pytest.fixture
def places(db: Database[Raw]) -> Places:
    return make_places(db)


def officer(area: Area) -> SystemActor:
    return SystemActor("officer", area)


def fill(db: Database[Raw], places: Places, size: int = 40) -> str:
    """A roster in ทต.ตะขบ's own school; returns the school's code."""
    home = places.takhop_tambon
    db.students.insert_many(some_students(size, _id=home.own, **home.path))
    return home.own


def by_hand(db: Database[Raw], school: str) -> dict[tuple[str, str], int]:
    """The census rule once more, in the plainest words."""
    census, cells = datetime(2024, 6, 10), {}
    for row in db.students.find({"school_code": school}):
        if row["admitted_on"] <= census and (row["left_on"] is None or row["left_on"] > census):
            key = row["grade"], row["sex"]
            cells[key] = cells.get(key, 0) + 1
    return cells


def cells(row: Raw) -> dict[tuple[str, str], int]:
    return {
        (count["grade"], sex): count[sex] for count in row.get("counts", ()) for sex in ("male", "female") if count[sex]
    }


def test_every_school_gets_one_submission_and_opening_again_changes_nothing(db: Database[Raw], places: Places) -> None:
    opened = open_round(SYSTEM, places.round_2)
    assert opened.created == db.schools.count_documents({}) == 15
    before = list(db.submissions.find().sort("_id"))
    assert all(row["state"] == "not_started" for row in before)
    assert open_round(SYSTEM, places.round_2).created == 0
    assert list(db.submissions.find().sort("_id")) == before


def test_the_stored_submission_is_a_valid_document_in_its_area(db: Database[Raw], places: Places) -> None:
    fill(db, places)
    open_round(SYSTEM, places.round_2)
    row = Submission.objects.get(pk=f"2567-2:{places.takhop_tambon.own}")
    row.validate()
    assert db.submissions.count_documents({"lao_code": places.takhop_tambon.code, "district_code": "3014"}) == 3


def test_rosters_are_counted_on_opening_but_nobody_has_started(db: Database[Raw], places: Places) -> None:
    school = fill(db, places)
    open_round(SYSTEM, places.round_2)
    row = db.submissions.find_one({"_id": f"2567-2:{school}"})
    assert row is not None
    assert cells(row) == by_hand(db, school)
    assert row["total"] == row["male"] + row["female"] == sum(by_hand(db, school).values())
    assert (row["state"], row["source"]) == ("not_started", "roster")


def test_missing_is_not_zero(db: Database[Raw], places: Places) -> None:
    open_round(SYSTEM, places.round_2)
    recount([*places.takhop_tambon.schools])
    for row in db.submissions.find():
        assert "total" not in row and "counts" not in row, row["_id"]


def test_recounting_after_a_persons_write_starts_the_submission_of_open_rounds_only(
    db: Database[Raw], places: Places
) -> None:
    for round_code in (places.round_1, places.round_2):
        open_round(SYSTEM, round_code)
    school = fill(db, places)
    recount([school])
    closed, still_open = (db.submissions.find_one({"_id": f"{code}:{school}"}) for code in ("2567-1", "2567-2"))
    assert closed is not None and closed["state"] == "not_started" and "total" not in closed
    assert still_open is not None and still_open["state"] == "in_progress"
    assert cells(still_open) == by_hand(db, school)


def test_the_last_student_leaving_leaves_no_count(db: Database[Raw], places: Places) -> None:
    school = fill(db, places)
    open_round(SYSTEM, places.round_2)
    db.students.delete_many({})
    recount([school])
    row = db.submissions.find_one({"_id": f"2567-2:{school}"})
    assert row is not None and "total" not in row and "source" not in row


def test_a_count_somebody_vouched_for_does_not_change_silently(db: Database[Raw], places: Places) -> None:
    school = fill(db, places)
    open_round(SYSTEM, places.round_2)
    db.submissions.update_one({"_id": f"2567-2:{school}"}, {"$set": {"state": "accepted"}})
    recount([school])
    db.students.delete_one({"school_code": school, "left_on": None, "admitted_on": {"$lt": datetime(2024, 6, 1)}})
    with pytest.raises(Problem) as refused:
        recount([school])
    assert refused.value.kind == "conflict" and school in refused.value.th


def test_a_school_closed_long_ago_is_not_asked_and_one_without_proclamation_is_missing(
    db: Database[Raw], places: Places
) -> None:
    old, recent = places.takhop_sao.own, places.takhop_sao.centre
    db.schools.update_one({"_id": old}, {"$set": {"status": "closed", "closed_on": datetime(2020, 5, 1)}})
    db.schools.update_one({"_id": recent}, {"$set": {"status": "closed", "closed_on": datetime(2024, 5, 1)}})
    open_round(SYSTEM, places.round_2)
    assert db.submissions.find_one({"school_code": old}) is None
    row = db.submissions.find_one({"school_code": recent})
    assert row is not None and "total" not in row


def test_only_the_country_opens_a_round_and_only_one_there_is(places: Places) -> None:
    with pytest.raises(Problem) as refused:
        open_round(officer(places.takhop_tambon.area()), places.round_2)
    assert refused.value.kind == "forbidden"
    with pytest.raises(Problem) as unknown:
        open_round(SYSTEM, "2599-1")
    assert unknown.value.kind == "not_found"


@pytest.fixture
def other(db: Database[Raw], places: Places) -> Submission:
    """The submission of a school of other affiliation in ทต.ตะขบ, in the open round."""
    open_round(SYSTEM, places.round_2)
    found: Submission = Submission.objects.get(pk=f"2567-2:{places.takhop_tambon.other}")
    return found


def test_an_lao_records_the_counts_of_a_certified_list(db: Database[Raw], places: Places, other: Submission) -> None:
    record_counts(officer(places.takhop_tambon.area()), other, {Grade.P1: (10, 12), Grade.K2: (3, 0)})
    row = db.submissions.find_one({"_id": other.pk})
    assert row is not None
    assert row["counts"] == [{"grade": "K2", "male": 3, "female": 0}, {"grade": "P1", "male": 10, "female": 12}]
    assert (row["male"], row["female"], row["total"]) == (13, 12, 25)
    assert (row["state"], row["source"], row["changed_by"]) == ("in_progress", "certified_list", "officer")
    recount([other.school.pk])
    assert db.submissions.find_one({"_id": other.pk}) == row


@pytest.mark.parametrize(
    ("counts", "word"),
    [({}, "ประกาศ"), ({Grade.P1: (0, 0)}, "ประกาศ"), ({Grade.P1: (-1, 3)}, "ติดลบ"), ({Grade.M6: (1, 1)}, "เปิดสอน")],
)
def test_counts_that_cannot_be_are_refused(
    places: Places, other: Submission, counts: dict[Grade, tuple[int, int]], word: str
) -> None:
    with pytest.raises(Problem) as refused:
        record_counts(officer(places.takhop_tambon.area()), other, counts)
    assert refused.value.field == "counts" and word in refused.value.th


@pytest.mark.parametrize("level", ["neighbour", "district", "nowhere"])
def test_counts_of_another_area_are_refused(places: Places, other: Submission, level: str) -> None:
    areas = {
        "neighbour": places.takhop_sao.area(), "district": places.takhop_tambon.area("district"), "nowhere": None,
    }  # fmt: skip
    with pytest.raises(Problem) as refused:
        record_counts(SystemActor("somebody", areas[level]), other, {Grade.P1: (1, 1)})
    assert refused.value.kind == "forbidden"


def test_own_schools_closed_rounds_and_accepted_counts_take_no_list(
    db: Database[Raw], places: Places, other: Submission
) -> None:
    actor, counts = officer(places.takhop_tambon.area()), {Grade.P1: (1, 1)}
    own = Submission.objects.get(pk=f"2567-2:{places.takhop_tambon.own}")
    with pytest.raises(Problem, match="ทะเบียน"):
        record_counts(actor, own, counts)
    db.submissions.update_one({"_id": other.pk}, {"$set": {"state": "accepted"}})
    with pytest.raises(Problem, match="ปลดล็อก"):
        record_counts(actor, Submission.objects.get(pk=other.pk), counts)
    db.submissions.update_one({"_id": other.pk}, {"$set": {"state": "verified"}})
    with pytest.raises(Problem, match="ส่งกลับ"):
        record_counts(actor, Submission.objects.get(pk=other.pk), counts)
    db.submissions.update_one({"_id": other.pk}, {"$set": {"state": "in_progress"}})
    db.rounds.update_one({"_id": "2567-2"}, {"$set": {"closes_on": datetime(2024, 12, 1)}})
    with pytest.raises(Problem, match="ปิดระบบแล้ว"):
        record_counts(actor, Submission.objects.get(pk=other.pk), counts)
    more = {"round_code": "2567-2", "lao_code": places.takhop_tambon.code, "until": datetime(2099, 1, 1)}
    db.extensions.insert_one(more)
    assert record_counts(actor, Submission.objects.get(pk=other.pk), counts).total == 2


def test_the_state_of_an_lao_follows_from_its_schools(db: Database[Raw], places: Places) -> None:
    open_round(SYSTEM, places.round_2)
    tambon, sao, pao = places.takhop_tambon, places.takhop_sao, places.korat_pao
    db.submissions.update_one({"school_code": tambon.own}, {"$set": {"state": "in_progress"}})
    db.submissions.update_many({"lao_code": sao.code}, {"$set": {"state": "submitted"}})
    found = states_of_laos(places.round_2, [tambon.code, sao.code, pao.code, "9999999"])
    assert found == {
        tambon.code: SubmissionState.IN_PROGRESS,
        sao.code: SubmissionState.SUBMITTED,
        pao.code: SubmissionState.NOT_STARTED,
        "9999999": SubmissionState.NOT_STARTED,
    }


def test_fifty_thousand_schools_open_in_seconds(db: Database[Raw], places: Places) -> None:
    path = places.takhop_tambon.path
    db.schools.insert_many(
        [{"_id": f"{n:010}", "name_th": "x", "kind": "other", "status": "open", **path} for n in range(50_000)]
    )
    start = time.perf_counter()
    assert open_round(SYSTEM, places.round_2).created == 50_015
    assert time.perf_counter() - start < 180

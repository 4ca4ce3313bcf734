"""Completeness read from the database, drafts to those behind, and automatic reminders."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.clock import thai_today
from app.documents.rounds import Round
from app.enums import Level, SubmissionState
from app.fabmongo.scope import Area
from app.services import completeness
from app.services.accounts import SYSTEM, SystemActor
from app.services.areas import Place, find_place
from app.services.reminders import remind
from app.services.submissions import open_round
from tests.factories.places import Places, make_places

Raw = dict[str, Any]
COUNTRY = Place(Level.COUNTRY, "", "", {})


@pytest.fixture
def places(db: Database[Raw]) -> Places:
    found = make_places(db)
    open_round(SYSTEM, found.round_2)
    return found


def the_round(places: Places) -> Round:
    found: Round = Round.objects.get(pk=places.round_2)
    return found


def place(level: str, code: str) -> Place:
    found = find_place(level, code)
    assert found is not None
    return found


def hand_in(db: Database[Raw], lao: str, on: datetime | None = None, state: str = "submitted") -> None:
    fields = {"state": state, "submitted_on": on or datetime(2024, 11, 1)}
    db.submissions.update_many({"lao_code": lao}, {"$set": fields})


def test_the_country_by_province(db: Database[Raw], places: Places) -> None:
    hand_in(db, places.takhop_tambon.code)
    found = completeness.read(SYSTEM, the_round(places), COUNTRY)
    assert found.numbers.expected == db.submissions.count_documents({"round_code": places.round_2}) == 15
    by_code = {line.code: line.numbers for line in found.areas}
    assert set(by_code) == {row["province_code"] for row in db.submissions.find()}
    korat = by_code["30"]
    laos = db.submissions.distinct("lao_code", {"province_code": "30"})
    assert (korat.laos, korat.laos_done, korat.handed_in) == (len(laos), 1, 3)


def test_a_province_and_a_district_by_lao(db: Database[Raw], places: Places) -> None:
    hand_in(db, places.takhop_sao.code, state="accepted")
    province = completeness.read(SYSTEM, the_round(places), place("province", "30"))
    district = completeness.read(SYSTEM, the_round(places), place("district", "3014"))
    districts = db.submissions.distinct("district_code", {"province_code": "30"})
    assert {line.above for line in province.areas} == set(districts)
    assert {line.code for line in district.areas} == set(db.submissions.distinct("lao_code", {"district_code": "3014"}))
    done = next(line for line in district.areas if line.code == places.takhop_sao.code)
    assert done.numbers.complete
    assert (district.numbers.laos_done, done.numbers.percent) == (1, 100)


def test_an_lao_by_school_and_missing_is_not_zero(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    db.submissions.update_one({"school_code": home.own}, {"$set": {"total": 0, "source": "reason"}})
    found = completeness.read(SYSTEM, the_round(places), place("lao", home.code))
    totals = {line.code.split(":")[1]: line.total for line in found.schools}
    assert totals == {home.own: 0, home.centre: None, home.other: None}
    assert (found.numbers.missing, found.numbers.expected) == (2, 3)


def test_each_state_is_counted_once(db: Database[Raw], places: Places) -> None:
    rows = list(db.submissions.find().sort("_id"))
    for number, row in enumerate(rows):
        state = list(SubmissionState)[number % len(SubmissionState)]
        db.submissions.update_one({"_id": row["_id"]}, {"$set": {"state": state.value, "total": 10}})
    found = completeness.read(SYSTEM, the_round(places), COUNTRY).numbers
    stored = Counter(SubmissionState(row["state"]) for row in db.submissions.find())
    assert {state: number for state, number in found.states.items() if number} == dict(stored)
    vouched = [SubmissionState.VERIFIED, SubmissionState.SUBMITTED, SubmissionState.ACCEPTED]
    assert found.unverified_students == 10 * sum(n for state, n in stored.items() if state not in vouched)


def test_late_is_told_from_on_time(db: Database[Raw], places: Places) -> None:
    db.rounds.update_one({"_id": places.round_2}, {"$set": {"closes_on": datetime(2024, 11, 30)}})
    hand_in(db, places.takhop_tambon.code, datetime(2024, 11, 30, 16, 59))
    hand_in(db, places.takhop_sao.code, datetime(2024, 11, 30, 17, 1))
    found = completeness.read(SYSTEM, the_round(places), COUNTRY).numbers
    assert (found.on_time, found.late) == (3, 3)


def test_nobody_sees_further_than_the_own_area(places: Places) -> None:
    lao = SystemActor("officer", places.takhop_tambon.area())
    assert completeness.read(lao, the_round(places), COUNTRY).numbers.expected == 3
    assert not completeness.read(lao, the_round(places), place("lao", places.takhop_sao.code)).schools


def test_a_draft_goes_to_those_behind_only(db: Database[Raw], places: Places) -> None:
    hand_in(db, places.takhop_tambon.code)
    actor = SystemActor("district", Area("district", {"province": "30", "district": "3014"}))
    completeness.draft_reminder(actor, the_round(places), place("district", "3014"))
    row = db.notices.find_one()
    assert row is not None
    assert (row["state"], row["author_level"], row["recipients"]["area_code"]) == ("draft", "district", "3014")
    assert "submitted" not in row["recipients"]["states"]


def closing_in(db: Database[Raw], places: Places, days: int) -> None:
    last = datetime.combine(thai_today() + timedelta(days=days), datetime.min.time())
    db.rounds.update_one({"_id": places.round_2}, {"$set": {"closes_on": last}})


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    """What a worker has around it."""
    with app.app_context():
        yield


def test_reminders_go_once_a_day_and_stop_once_handed_in(db: Database[Raw], places: Places, inside: None) -> None:
    closing_in(db, places, 3)
    hand_in(db, places.takhop_tambon.code)
    first = remind()
    told = set(db.deliveries.distinct("lao_code"))
    assert first == len(told) > 0
    assert places.takhop_tambon.code not in told
    assert remind() == 0
    assert db.deliveries.count_documents({}) == first


def test_no_reminder_on_other_days(db: Database[Raw], places: Places, inside: None) -> None:
    closing_in(db, places, 5)
    assert remind() == 0
    assert db.notices.count_documents({}) == 0


def test_an_lao_without_schools_in_the_round_is_not_reminded(db: Database[Raw], places: Places, inside: None) -> None:
    closing_in(db, places, 1)
    db.submissions.delete_many({"lao_code": places.takhop_sao.code})
    remind()
    assert places.takhop_sao.code not in db.deliveries.distinct("lao_code")


def test_an_extended_lao_is_reminded_of_its_own_last_day(db: Database[Raw], places: Places, inside: None) -> None:
    closing_in(db, places, -2)
    until = datetime.combine(thai_today() + timedelta(days=1), datetime.min.time())
    home = places.takhop_tambon
    row = {"round_code": places.round_2, "until": until, "reason": "-", "school_code": None}
    db.extensions.insert_one({**row, **home.path})
    assert remind() == 1
    assert db.deliveries.distinct("lao_code") == [home.code]
    assert date.fromisoformat(db.notices.find_one()["deadline"].date().isoformat()) == until.date()

"""Findings on a real database: they appear, stay the same ones, keep their explanation, and go when put right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from mongoengine.connection import get_connection
from pymongo.database import Database

from app import jobs
from app.enums import DuplicateReason
from app.errors import Problem
from app.services import findings
from app.services.accounts import SYSTEM, SystemActor
from app.services.findings.runs import AFTER_SAVE
from app.services.submissions import open_round
from tests.commands import CommandCounter
from tests.factories.people import IdNumbers, a_student, some_students
from tests.factories.places import LaoPlaces, Places, make_places

Raw = dict[str, Any]


@pytest.fixture
def places(db: Database[Raw]) -> Places:
    """The tree with round 2 opened, and a good roster of two classes at ทต.ตะขบ's school, which teaches these alone."""
    places = make_places(db)
    db.schools.update_many({}, {"$set": {"grades": ["P1"]}})
    open_round(SYSTEM, places.round_2)
    return places


IDS = IdNumbers(Random(5))


def enrol(db: Database[Raw], lao: LaoPlaces, **changes: Any) -> Any:
    """A student of an LAO's own school, without a fault but for the changes; the key."""
    number = IDS.thai()
    own = {"national_id": number, "first_name": f"คนที่{number[:12]}", "school_code": lao.own, **lao.path}
    row = a_student(**{**own, **changes})
    return db.students.insert_one(row).inserted_id


def standing(db: Database[Raw], school: str) -> dict[str, Raw]:
    """Rule -> finding of a school that is not put right."""
    rows = db.findings.find({"school_code": school, "state": {"$ne": "gone"}})
    return {row["rule"]: row for row in rows}


def officer(lao: LaoPlaces, level: str = "lao") -> SystemActor:
    return SystemActor(f"officer-{lao.code}", lao.area(level))


def refusal(*args: Any) -> Problem:
    with pytest.raises(Problem) as error:
        findings.explain(*args)
    assert error.value.th and error.value.en
    return error.value


def test_a_school_without_faults_has_no_findings(db: Database[Raw], places: Places) -> None:
    enrol(db, places.takhop_tambon)
    assert findings.check_schools([places.takhop_tambon.own]) == 0
    assert db.findings.count_documents({}) == 0


def test_a_finding_appears_stays_the_same_one_and_goes_when_put_right(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    key = enrol(db, home, national_id="1234567890123", first_name="ทองดี")
    assert findings.check_schools([home.own]) == 1
    row = standing(db, home.own)["id-number"]
    assert (row["severity"], row["state"], row["student_id"]) == ("error", "open", key)
    assert row["student_name"] == "เด็กชายทองดี ระบบ" and row["lao_code"] == home.code
    assert "1234567890123" not in str(row)
    findings.check_schools([home.own])
    assert standing(db, home.own)["id-number"] == row, "found again, it is the same document"
    assert findings.open_errors(home.own) == 1
    db.students.update_one({"_id": key}, {"$set": {"national_id": IDS.thai()}})
    assert findings.check_schools([home.own]) == 0
    assert db.findings.find_one({"_id": row["_id"]})["state"] == "gone"  # type: ignore[index]
    assert findings.open_errors(home.own) == 0


def test_an_explanation_survives_as_long_as_the_same_thing_is_found(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    student = enrol(db, home, birth_date=datetime(2010, 1, 1))
    findings.check_schools([home.own])
    key = standing(db, home.own)["age-for-grade"]["_id"]
    told = findings.explain(officer(home, "school"), key, "  เรียนซ้ำชั้น   ตามใบรับรองแพทย์ ")
    assert (told.state.value, told.explanation) == ("explained", "เรียนซ้ำชั้น ตามใบรับรองแพทย์")
    findings.check_schools([home.own])
    row = standing(db, home.own)["age-for-grade"]
    assert (row["_id"], row["state"], row["explained_by"]) == (key, "explained", f"officer-{home.code}")
    assert findings.blocking(home.own) == []
    entry = db.audit_entries.find_one({"of": "findings", "key": key})
    assert entry is not None and entry["changes"]["explanation"] == [None, "เรียนซ้ำชั้น ตามใบรับรองแพทย์"]
    db.students.update_one({"_id": student}, {"$set": {"birth_date": datetime(2017, 9, 1)}})
    findings.check_schools([home.own])
    assert refusal(officer(home), key, "อีกครั้ง").kind == "conflict"
    db.students.update_one({"_id": student}, {"$set": {"birth_date": datetime(2010, 1, 1)}})
    findings.check_schools([home.own])
    row = standing(db, home.own)["age-for-grade"]
    assert (row["_id"], row["state"], "explanation" in row) == (key, "open", False), "it must be explained anew"


def test_errors_and_unexplained_warnings_block_and_notices_do_not(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    enrol(db, home, birth_date=datetime(2010, 1, 1), title="เด็กหญิง")
    enrol(db, home, admitted_on=datetime(2024, 7, 1))
    assert [row.rule for row in findings.blocking(home.own)] == ["title-sex", "age-for-grade"]
    assert standing(db, home.own)["admitted-after-census"]["severity"] == "notice"


def test_what_cannot_be_explained_is_refused(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    enrol(db, home, birth_date=datetime(2010, 1, 1), title="เด็กหญิง")
    enrol(db, home, admitted_on=datetime(2024, 7, 1))
    findings.check_schools([home.own])
    keys = {rule: row["_id"] for rule, row in standing(db, home.own).items()}
    assert refusal(officer(home), keys["age-for-grade"], " \n ").field == "explanation"
    assert refusal(officer(home), keys["age-for-grade"], "ก" * 501).field == "explanation"
    assert refusal(officer(home), keys["title-sex"], "ถูกแล้ว").kind == "invalid"
    assert refusal(officer(home), keys["admitted-after-census"], "ทราบ").kind == "invalid"
    for actor in (officer(places.takhop_sao), officer(places.buriram_sao, "district")):
        assert refusal(actor, keys["age-for-grade"], "ถูกแล้ว").kind == "not_found"
    for actor in (officer(home, "district"), officer(home, "province"), SYSTEM):
        assert refusal(actor, keys["age-for-grade"], "ถูกแล้ว").kind == "forbidden"
    assert refusal(officer(home), "age-for-grade:nowhere", "ถูกแล้ว").kind == "not_found"
    assert db.findings.count_documents({"state": "explained"}) == 0


def test_a_person_at_two_schools_is_told_to_both_without_a_leak(db: Database[Raw], places: Places) -> None:
    home, away = places.takhop_tambon, places.buriram_sao
    number = IDS.thai()
    enrol(db, home, national_id=number, first_name="ลูกตะขบ")
    other = enrol(db, away, national_id=number, first_name="ลูกบุรีรัมย์")
    findings.check_schools([home.own])
    mine, theirs = (standing(db, lao.own)["duplicate-across-schools"] for lao in (home, away))
    assert "(จังหวัดบุรีรัมย์)" in mine["text_th"] and "(Buri Ram)" in mine["text_en"]
    for row, foreign in ((mine, away), (theirs, home)):
        shown = {name: value for name, value in row.items() if name != "other_schools"}
        assert number not in str(row) and foreign.own not in str(shown) and foreign.name not in str(shown)
        assert row["state"] == "open" and row["severity"] == "warning"
    assert "ลูกบุรีรัมย์" not in str(mine) and "ลูกตะขบ" not in str(theirs)
    page = findings.overview(officer(home), "school", home.own)
    assert page.others == {}, "the other school is out of the reader's area"
    assert set(findings.overview(SYSTEM, "school", home.own).others) == {away.own}
    key = mine["_id"]
    assert refusal(officer(home), key, "อยู่จริง").field == "resolution"
    assert refusal(officer(home), key, "", DuplicateReason.OTHER).field == "explanation"
    told = findings.explain(officer(home), key, "", "100")
    assert told.resolution is DuplicateReason.FOUND_STUDYING
    assert standing(db, away.own)["duplicate-across-schools"]["state"] == "open", "each school answers for itself"
    db.students.update_one({"_id": other}, {"$set": {"left_on": datetime(2024, 5, 16), "status": "moved"}})
    findings.check_schools([away.own])
    assert not standing(db, home.own) and "duplicate-across-schools" not in standing(db, away.own)


def test_a_name_on_a_certified_list_is_compared_with_rosters(db: Database[Raw], places: Places) -> None:
    home, lao = places.takhop_tambon, places.takhop_sao
    number, submission = IDS.thai(), f"2567-2:{lao.other}"
    enrol(db, home, national_id=number)
    names = {"title": "เด็กชาย", "first_name": "ทดสอบ", "last_name": "ระบบ", "sex": "male", "grade": "P1"}
    for line, code in enumerate((submission, f"2567-1:{lao.other}"), start=1):
        db.listed_students.insert_one(
            {"submission_code": code, "line": line, "national_id": number, **names, "school_code": lao.other,
             **lao.path}
        )
    findings.check_schools([home.own])
    assert standing(db, home.own)["duplicate-across-schools"]["other_schools"] == [lao.other]
    listed = standing(db, lao.other)["duplicate-across-schools"]
    assert (listed["other_schools"], listed["round_code"]) == ([home.own], "2567-2"), "a list is of one round"
    db.listed_students.delete_many({"submission_code": submission})
    findings.check_schools([lao.other])
    assert not standing(db, home.own), "a list of an earlier round says nothing about this one"


def test_counts_are_compared_with_the_last_round_and_the_list(db: Database[Raw], places: Places) -> None:
    other = places.takhop_tambon.other
    now = {"total": 40, "male": 20, "female": 20, "counts": [{"grade": "P1", "male": 20, "female": 20}]}
    db.submissions.update_one({"_id": f"2567-2:{other}"}, {"$set": {**now, "list_male": 21, "list_female": 20}})
    db.submissions.insert_one(
        {"_id": f"2567-1:{other}", "round_code": "2567-1", "school_code": other, "total": 80, "state": "accepted"}
    )
    findings.check_schools([other])
    rows = standing(db, other)
    assert set(rows) == {"large-change", "count-against-list"}
    assert rows["large-change"]["round_code"] == "2567-2" and "ลดลง 40 คน" in rows["large-change"]["text_th"]
    assert "ชาย 21" in rows["count-against-list"]["text_th"]
    findings.sync_rules()
    db.rule_settings.update_one({"_id": "large-change"}, {"$set": {"thresholds.percent": 51}})
    db.rule_settings.update_one({"_id": "count-against-list"}, {"$set": {"severity": "warning"}})
    findings.check_schools([other])
    rows = standing(db, other)
    assert set(rows) == {"count-against-list"} and rows["count-against-list"]["severity"] == "warning"
    db.rule_settings.update_one({"_id": "count-against-list"}, {"$set": {"active": False}})
    findings.check_schools([other])
    assert not standing(db, other)


def test_a_rule_that_weighs_more_reopens_what_was_explained(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    enrol(db, home, birth_date=datetime(2010, 1, 1))
    findings.check_schools([home.own])
    key = standing(db, home.own)["age-for-grade"]["_id"]
    findings.explain(officer(home), key, "ถูกแล้ว")
    findings.sync_rules()
    db.rule_settings.update_one({"_id": "age-for-grade"}, {"$set": {"severity": "error"}})
    findings.check_schools([home.own])
    row = standing(db, home.own)["age-for-grade"]
    assert (row["severity"], row["state"], row["explanation"]) == ("error", "open", "ถูกแล้ว")


def test_a_closed_school_is_told_once_for_all_its_students(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    for _ in range(3):
        enrol(db, home)
    db.schools.update_one({"_id": home.own}, {"$set": {"status": "closed", "closed_on": datetime(2024, 5, 20)}})
    assert findings.check_schools([home.own]) == 1
    assert "3 คน" in standing(db, home.own)["closed-school"]["text_th"]


def test_who_left_before_the_census_is_not_looked_at(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    enrol(db, home)
    enrol(db, home, title="เด็กหญิง", left_on=datetime(2024, 6, 1), status="moved")
    assert findings.check_schools([home.own]) == 0
    enrol(db, home, left_on=datetime(2023, 6, 1), status="moved")
    assert findings.check_schools([home.own]) == 1
    assert "left-before-admitted" in standing(db, home.own)


def test_two_thousand_students_are_read_in_a_dozen_commands(
    db: Database[Raw], places: Places, commands: CommandCounter
) -> None:
    home = places.takhop_tambon
    db.schools.update_one({"_id": home.own}, {"$set": {"grades": ["P1", "P2"]}})
    db.students.insert_many(some_students(2000, _id=home.own, grades=["P1", "P2"], **home.path))
    with commands.counting() as sent:
        findings.check_schools([home.own])
    assert len([name for name in sent if name != "getMore"]) <= 14, sent


def test_one_person_recorded_twice_under_two_numbers_is_suspected(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    keys = {enrol(db, home, first_name="ทองดี") for _ in range(2)}
    assert findings.check_schools([home.own]) == 2
    rows = db.findings.find({"rule": "same-person-in-school"})
    assert {row["student_id"] for row in rows} == keys


def test_a_check_inside_a_transaction_stands_or_falls_with_it(db: Database[Raw], places: Places) -> None:
    home = places.takhop_tambon
    enrol(db, home, title="เด็กหญิง")
    with get_connection().start_session() as session:
        session.start_transaction()
        assert findings.check_schools([home.own], session) == 1
        assert findings.open_errors(home.own, session) == 1
        session.abort_transaction()
    assert findings.open_errors(home.own) == 0


# -- runs ------------------------------------------------------------------------------------


@pytest.fixture
def queue(app: Flask, places: Places) -> Iterator[Any]:
    """The names of this test's queue, emptied."""
    with app.app_context():
        yield app.extensions["celery"]


def test_the_country_is_checked_and_goes_on_where_it_was_cut_off(
    db: Database[Raw], places: Places, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for lao in places.laos:
        enrol(db, lao, title="เด็กหญิง")
    monkeypatch.setattr("app.services.findings.runs.BATCH", 4)
    findings.sync_rules()
    db.finding_checks.insert_one({"_id": "country:", "state": "waiting"})
    assert findings.run("country:", seconds=0) is False
    first = db.finding_checks.find_one({"_id": "country:"})
    assert first is not None and (first["done"], first["state"]) == (4, "waiting")
    assert findings.check_all() is True
    done = db.finding_checks.find_one({"_id": "country:"})
    assert done is not None and (done["done"], done["total"], done["state"]) == (15, 15, "done")
    assert db.findings.count_documents({"rule": "title-sex"}) == len(places.laos)


def test_a_run_that_somebody_works_on_is_left_alone_until_its_lease_ends(
    db: Database[Raw], places: Places, queue: Any
) -> None:
    now = datetime.utcnow()
    lease = {"state": "running", "worker": "other", "lease_until": now + timedelta(minutes=1), "started_on": now}
    db.finding_checks.insert_one({"_id": "country:", **lease})
    assert findings.run("country:") is False and findings.progress("country:").active
    findings.sweep()
    assert db.finding_checks.find_one({"_id": "country:"})["worker"] == "other"  # type: ignore[index]
    db.finding_checks.update_one({"_id": "country:"}, {"$set": {"lease_until": now - timedelta(minutes=1)}})
    assert findings.progress("country:").stalled
    findings.sweep()
    assert db.finding_checks.find_one({"_id": "country:"})["state"] == "done"  # type: ignore[index]


@pytest.mark.parametrize(
    "night", [datetime(2024, 11, 9, 18), datetime(2024, 11, 9, 19, 59), datetime(2024, 12, 31, 19)]
)
def test_the_night_begins_one_check_and_the_day_none(
    db: Database[Raw], places: Places, queue: Any, night: datetime
) -> None:
    """Told by the moment it is given alone: by the clock it once failed in the first hour of each day of UTC."""
    findings.sweep(datetime(2024, 11, 10, 5))  # noon in Thailand
    assert db.finding_checks.count_documents({}) == 0
    findings.sweep(night)
    first = db.finding_checks.find_one({"_id": "country:"})
    assert first is not None and first["state"] == "done"
    findings.sweep(night + timedelta(hours=1))
    assert db.finding_checks.find_one({"_id": "country:"}) == first
    findings.sweep(night + timedelta(days=1))
    assert db.finding_checks.find_one({"_id": "country:"}) != first, "and the next night one more"


def waiting(celery: Any) -> int:
    """Messages on the queue."""
    with celery.connection_or_acquire() as connection:
        return int(connection.default_channel.queue_declare(queue="checks").message_count)


def test_many_saves_ask_for_one_check(db: Database[Raw], places: Places, queue: Any) -> None:
    home, away = places.takhop_tambon, places.takhop_sao
    with queue.producer_or_acquire() as sender:
        valkey = sender.channel.client
    valkey.delete(jobs.LATER, "checks", *valkey.scan_iter("lec:queued:*"))
    for _ in range(3):
        findings.note_change([home.own])
    findings.note_change([home.own, away.own])
    assert (jobs.queue_due(), waiting(queue)) == (0, 0), "in nobody's hand before its time"
    times = valkey.zrange(jobs.LATER, 0, -1, withscores=True)
    assert len(times) == 2
    valkey.zadd(jobs.LATER, {member: at - AFTER_SAVE for member, at in times})
    assert (jobs.queue_due(), waiting(queue)) == (2, 2)
    assert (jobs.queue_due(), waiting(queue)) == (0, 2)
    findings.note_change([home.own])
    assert valkey.zcard(jobs.LATER) == 1, "a save after the check was queued asks for one more"
    enrol(db, home, title="เด็กหญิง")
    findings.check_changed(home.own)
    assert findings.open_errors(home.own) == 1


def test_a_check_is_asked_for_inside_the_own_area_alone(db: Database[Raw], places: Places, queue: Any) -> None:
    home, away = places.takhop_tambon, places.takhop_sao
    enrol(db, home, title="เด็กหญิง")
    for level, code in (("lao", away.code), ("school", away.own), ("district", home.district), ("country", "")):
        with pytest.raises(Problem) as error:
            findings.request_check(officer(home), level, code)
        assert error.value.kind == "not_found"
    assert findings.request_check(officer(home), "school", home.own) == f"school:{home.own}"
    assert findings.open_errors(home.own) == 1
    key = findings.request_check(officer(home), "lao", home.code)
    assert findings.progress(key).active
    assert findings.run(key) and findings.progress(key).done == 3

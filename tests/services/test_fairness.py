"""Shares: one account's many files hold up nobody, small reports go before the country's, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from app.clock import stored_now
from app.documents.imports import ImportRun
from app.enums import ImportState
from app.queued import mark_of
from app.services import fairness, imports, reports
from app.services.claims import Claim
from app.services.imports import working
from app.services.reports import request_report
from tests.factories.people import some_students
from tests.factories.places import make_places
from tests.factories.reports import Officer
from tests.services.imports.planned import person, uploaded

Raw = dict[str, Any]
Queue = Callable[[], list[str]]
FILES = 30


def csv_of(size: int, seed: int) -> bytes:
    rows = some_students(size, seed)
    lines = [f"{row['national_id']},{row['first_name']},{row['last_name']}" for row in rows]
    return ("เลขประจำตัวประชาชน,ชื่อ,นามสกุล\n" + "\n".join(lines)).encode()


@pytest.fixture
def take_all(app: Flask, valkey_url: str) -> Callable[[], list[str]]:
    """Does what one worker does: takes the tickets of imports in the order of the queue; gives who was served."""

    def run() -> list[str]:
        served: list[str] = []
        celery = app.extensions["celery"]
        with redis.Redis.from_url(valkey_url) as client, celery.connection_or_acquire() as connection:
            queue = connection.SimpleQueue("imports")
            while client.llen("imports"):
                message = queue.get(timeout=1)
                (ticket,), _, _ = message.payload
                message.ack()
                client.delete(mark_of("imports.work", [ticket]))
                before = {row["_id"] for row in ImportRun._get_collection().find({"served_on": {"$ne": None}})}
                imports.work_in_turn(ticket)
                new = ImportRun._get_collection().find({"served_on": {"$ne": None}, "_id": {"$nin": list(before)}})
                served += [row["requested_by"] for row in new]
            queue.close()
        return served

    return run


def test_another_account_s_file_is_read_after_one_or_two_of_thirty(
    app: Flask, db: Database[Raw], take_all: Callable[[], list[str]]
) -> None:
    with app.app_context():
        places = make_places(db)
        many = person(db, "many", places.takhop_tambon.area())
        one = person(db, "one", places.takhop_sao.area())
        for number in range(FILES):
            uploaded(many, csv_of(3, number), school=places.takhop_tambon.own)
        uploaded(one, csv_of(40, 99), school=places.takhop_sao.own)
        served = take_all()
    assert len(served) == FILES + 1, "each file once"
    assert served.index("one") <= 2, served
    assert db.import_runs.count_documents({"state": ImportState.READING.value}) == 0


def waiting(db: Database[Raw], account: str, size: int, minutes: float = 0, **fields: Any) -> ObjectId:
    key = ObjectId()
    row = {"_id": key, "requested_by": account, "requested_on": stored_now() - timedelta(minutes=minutes)}
    db.import_runs.insert_one({**row, "state": "applying", "level": "school", "file_bytes": size, **fields})
    return key


def chosen(named: ObjectId, **more: Any) -> Any:
    open_ = {"state": {"$in": working.WORKING}}
    return fairness.fairest(ImportRun._get_collection(), open_, named, lambda run: run["file_bytes"], **more)


def test_of_one_account_the_small_comes_first_and_age_wins(app: Flask, db: Database[Raw]) -> None:
    with app.app_context():
        large, small = waiting(db, "a", 9000), waiting(db, "a", 10)
        assert chosen(large) == small
        old = waiting(db, "a", 9999, minutes=6)
        assert chosen(small) == chosen(large) == old


def test_who_has_work_under_way_or_was_served_last_comes_later(app: Flask, db: Database[Raw]) -> None:
    with app.app_context():
        first, second = waiting(db, "a", 1), waiting(db, "b", 5)
        assert chosen(second) == first
        db.import_runs.insert_one({"requested_by": "a", "state": "preview", "served_on": stored_now()})
        assert chosen(first) == second
        db.import_runs.insert_one({"requested_by": "b", "state": "preview", "served_on": stored_now()})
        assert chosen(second) == first
        third = waiting(db, "a", 1)
        assert Claim.take(ImportRun._get_collection(), {"_id": third}, 60) is not None
        assert chosen(first) == second


def test_a_ticket_of_a_job_that_is_done_halted_or_put_back_is_for_no_other(app: Flask, db: Database[Raw]) -> None:
    with app.app_context():
        waiting(db, "a", 1)
        done = ObjectId()
        later = waiting(db, "b", 1, idle=2, lease_until=datetime.now(UTC) + timedelta(minutes=1))
        halted = waiting(db, "c", 1, fault={"trace": "abc"})
        assert [chosen(done), chosen(later), chosen(halted)] == [done, later, halted]


def test_a_ticket_goes_back_once_and_never_round_for_nothing(app: Flask, valkey_url: str) -> None:
    calls: list[str] = []
    with app.app_context(), redis.Redis.from_url(valkey_url) as client:
        ends = {"other": None, "named": "done"}
        assert fairness.work_for_ticket("named", "other", "imports.work", lambda key: calls.append(key) or ends[key])
        assert (calls, client.llen("imports")) == (["other", "named"], 0), "somebody else took the other one"
        fairness.work_for_ticket("named", "other", "imports.work", lambda key: "done")
        assert client.llen("imports") == 1


def test_small_reports_go_before_the_country_s(app: Flask, db: Database[Raw]) -> None:
    places = make_places(db)
    with app.app_context():
        officer = Officer(places.country)
        country = request_report(officer, places.round_2, places.country)
        lao = request_report(officer, places.round_2, places.takhop_sao.area())
        reports.build_in_turn(str(country.pk))
        states = {row["_id"]: row["state"] for row in db.report_runs.find()}
        assert (states[country.pk], states[lao.pk]) == ("waiting", "done")
        reports.build_in_turn(str(country.pk))
        assert db.report_runs.find_one({"_id": country.pk})["state"] == "done"  # type: ignore[index]

"""The page of jobs: what it shows of each kind and state, what may be done there, and who may not see it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from app.clock import stored_now
from app.services.halted_jobs import KINDS
from app.services.jobs_overview import FAILED_WITHIN, LATE, SOURCES, state_of
from app.views.jobs import KIND_LABELS
from tests.people import People

Raw = dict[str, Any]
TRACE = "ab12cd34ef56"
FAULT = {"trace": TRACE, "kind": "IndexError", "on": stored_now()}


def report(db: Database[Raw], people: People, state: str = "waiting", **fields: Any) -> str:
    home = people.places.takhop_tambon
    run = {
        "round_code": people.places.round_2, "level": "lao", "area_name": "ทต.ตะขบ", "state": state,
        "requested_by": "lao", "requested_on": stored_now(), "census_date": stored_now(), "progress_done": 3,
        "progress_total": 10, **home.path, **fields,
    }  # fmt: skip
    return str(db.report_runs.insert_one(run).inserted_id)


def roster(db: Database[Raw], people: People, state: str, **fields: Any) -> str:
    run = {
        "state": state, "level": "lao", "file_name": f"{state}.xlsx", "requested_by": "lao", "numbers": {},
        "requested_on": stored_now(), **people.places.takhop_tambon.path, **fields,
    }  # fmt: skip
    return str(db.import_runs.insert_one(run).inserted_id)


def page(people: People, query: str = "") -> str:
    return str(people.browser("dla").get(f"/jobs/{query}").text)


LONG_AGO = -LATE - timedelta(seconds=5)


@pytest.mark.parametrize(
    ("state", "row"),
    [
        ("waiting", {}),
        ("waiting", {"lease_until": timedelta(seconds=20), "idle": 1}),
        ("running", {"worker": "a", "lease_until": timedelta(seconds=20), "idle": 1}),
        ("running", {"worker": "a", "lease_until": -timedelta(seconds=5)}),
        ("stuck", {"worker": "a", "lease_until": LONG_AGO}),
        ("stuck", {"lease_until": LONG_AGO}),
        ("stuck", {"lease_until": timedelta(seconds=20), "idle": 3}),
        ("running", {"worker": "a", "lease_until": timedelta(seconds=20), "idle": 3}),
        ("halted", {"fault": FAULT, "lease_until": LONG_AGO}),
        ("waiting", {"fault": {}}),
    ],
)
def test_the_state_of_a_job(state: str, row: Raw) -> None:
    now = stored_now()
    due = {"lease_until": now + row["lease_until"]} if "lease_until" in row else {}
    assert state_of({**row, **due}, now) == state


def test_every_kind_and_state_is_shown_and_filtered(people: People, db: Database[Raw]) -> None:
    report(db, people)
    report(db, people, "done", area_name="เสร็จแล้วไม่แสดง")
    report(db, people, "failed", error="ข้อมูลผิด", area_name="รายงานที่ล้มเหลว")
    report(db, people, "failed", area_name="ล้มเหลวนานแล้ว", requested_on=stored_now() - FAILED_WITHIN * 2)
    roster(db, people, "applying", fault=FAULT, file_name="<b>หยุด</b>.xlsx")
    roster(db, people, "preview", file_name="รอคน.xlsx")
    db.finding_checks.insert_one({"_id": "lao:5301401", "state": "running", "lease_until": stored_now() + LONG_AGO})
    text = page(people)
    for shown in ("ทต.ตะขบ", "รายงานที่ล้มเหลว", "ข้อมูลผิด", TRACE, "IndexError", "lao:5301401", "&lt;b&gt;หยุด"):
        assert shown in text, shown
    for hidden in ("เสร็จแล้วไม่แสดง", "ล้มเหลวนานแล้ว", "รอคน.xlsx", "<b>หยุด"):
        assert hidden not in text, hidden
    text = page(people, "?kind=import&state=halted")
    assert TRACE in text and "รายงานที่ล้มเหลว" not in text
    assert "ไม่มีงานในรายการนี้" in page(people, "?kind=import&state=stuck")
    assert "lao:5301401" in page(people, "?kind=check&state=stuck")
    assert TRACE in page(people, "?kind=nonsense&state='\"><script>"), "no filter"


def test_every_kind_of_job_that_can_halt_is_on_the_page(people: People, db: Database[Raw]) -> None:
    assert set(KINDS) <= set(SOURCES) == set(KIND_LABELS)
    for kind, each in KINDS.items():
        stored = {"_id": each.key("5" * 24), "fault": FAULT, "opening_on": stored_now(), "state": "running"}
        if kind == "import":
            stored["state"] = "reading"
        each.document._get_collection().delete_many({})
        each.document._get_collection().insert_one(stored)
        assert TRACE in page(people, f"?kind={kind}&state=halted"), kind


def test_nobody_else_sees_it_or_acts(people: People, db: Database[Raw]) -> None:
    key = roster(db, people, "applying", fault=FAULT)
    for who in ("province", "district", "lao", "school"):
        browser = people.browser(who)
        assert browser.get("/jobs/").status_code in (302, 403, 404)
        assert "/jobs/" not in browser.get("/").text
        assert browser.post(f"/jobs/import/{key}/retry").status_code in (302, 403, 404)
    assert db.import_runs.find_one({"_id": ObjectId(key)})["fault"]["trace"] == TRACE
    assert "/jobs/" in people.browser("dla").get("/").text


def test_a_halted_job_goes_on_and_its_history_says_who(people: People, db: Database[Raw]) -> None:
    key = roster(db, people, "applying", fault=FAULT)
    browser = people.browser("dla")
    assert browser.client.post(f"/jobs/import/{key}/retry").status_code == 400, "without a CSRF token"
    answer = browser.post(f"/jobs/import/{key}/retry", {"shown_state": "halted"})
    assert (answer.status_code, answer.location) == (302, "/jobs/?state=halted")
    assert "fault" not in db.import_runs.find_one({"_id": ObjectId(key)})
    entry = db.audit_entries.find_one({"of": "import_runs"})
    assert (entry["by"], entry["reason"], entry["via"]) == ("dla", "retry", "jobs")
    browser.post(f"/jobs/import/{key}/retry")
    assert db.audit_entries.count_documents({}) == 1, "it waits: there is nothing to do"


def test_a_waiting_report_is_stopped_and_a_failed_one_asked_for_anew(people: People, db: Database[Raw]) -> None:
    waiting, failed = report(db, people), report(db, people, "failed")
    browser = people.browser("dla")
    browser.post(f"/jobs/report/{waiting}/stop")
    assert db.report_runs.find_one({"_id": ObjectId(waiting)})["state"] == "cancelled"
    browser.post(f"/jobs/report/{failed}/retry")
    fresh = db.report_runs.find_one({"state": "waiting"})
    assert (fresh["requested_by"], fresh["lao_code"]) == ("dla", people.places.takhop_tambon.code)
    assert browser.post(f"/jobs/report/{failed}/stop").status_code == 302
    assert db.report_runs.find_one({"_id": ObjectId(failed)})["state"] == "failed"


@pytest.mark.parametrize("path", ["student/1/retry", "report/nonsense/retry", f"report/{'0' * 24}/stop", "x/y/stop"])
def test_what_is_no_job_is_not_acted_on(people: People, db: Database[Raw], path: str) -> None:
    answer = people.browser("dla").post(f"/jobs/{path}")
    assert answer.status_code in (302, 404) and db.audit_entries.count_documents({}) == 0


def test_queues_are_shown_and_a_queue_that_is_away_is_said(
    people: People, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = page(people)
    assert "หนังสือทางอีเมล" in text and "ไม่มีโปรแกรมทำงาน" in text
    settings = app.extensions["lec_settings"]
    away = replace(settings, redis_url="redis://127.0.0.1:1/0")
    monkeypatch.setitem(app.extensions, "lec_settings", away)
    assert "(Valkey) ไม่ตอบ" in page(people)


def test_the_page_costs_few_commands(people: People, db: Database[Raw], commands: Any) -> None:
    browser = people.browser("dla")
    for number in range(30):
        roster(db, people, "applying", file_name=f"{number}.xlsx")
        report(db, people, "failed")
    browser.get("/jobs/")
    with commands.counting() as sent:
        assert browser.get("/jobs/").status_code == 200
    assert len(sent) <= 1 + 2 * len(SOURCES), "who it is, and two reads of a kind, whatever the number of jobs"

"""What is older than it is kept goes, each kind by its setting; what is under way or still needed stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from app.clock import stored_now
from app.enums import ImportState, RetentionKind, RunState
from app.errors import Problem
from app.services import imports, reports, retention
from app.services.removing import Removing
from app.services.reports import building
from app.services.retention import remove_old
from config import Retention
from tests.people import People
from tests.services.imports.conftest import Ground, ground, work_out  # noqa: F401

Raw = dict[str, Any]
WHY = "ไฟล์ต้นปี"
NEVER = Retention(imports=0, reports=0, mail=0, checks=0, history=0)
LONG_AGO = timedelta(days=5000)


def report(ground: Ground, level: str = "lao") -> Any:  # noqa: F811
    run = reports.request_report(ground.officer, "2567-2", ground.home.area(level))
    assert reports.build(str(run.pk)) is RunState.DONE
    return run


def long_ago(db: Database[Raw], run: Any) -> None:
    db.report_runs.update_one({"_id": run.pk}, {"$set": {"requested_on": stored_now() - LONG_AGO}})


def kept(**days: int) -> Retention:
    return Retention(**{**dict.fromkeys(("imports", "reports", "mail", "checks", "history"), 0), **days})


def test_the_rows_of_an_old_report_go_its_page_says_so_and_it_is_built_again(
    ground: Ground, db: Database[Raw]  # noqa: F811
) -> None:
    old, young = report(ground), report(ground, "school")
    long_ago(db, old)
    browser = ground.people.browser("lao")
    before = db.report_rows.count_documents({"run": old.pk})
    assert before and browser.get(f"/reports/{old.pk}/csv").status_code == 200
    assert remove_old(kept(reports=30)) == {RetentionKind.REPORTS: before}
    assert db.report_rows.count_documents({"run": old.pk}) == 0
    assert db.report_rows.count_documents({"run": young.pk}) > 0
    page = browser.get(f"/reports/show/{old.pk}")
    assert page.status_code == 200 and 'id="cleared"' in page.text and "12" in page.text
    assert 'id="cleared"' not in browser.get(f"/reports/show/{young.pk}").text
    for kind in ("csv", "xlsx"):
        assert browser.get(f"/reports/{old.pk}/{kind}").status_code == 409
    answer = browser.post(f"/reports/{old.pk}/again")
    anew = ObjectId(answer.location.rpartition("/")[2])
    assert anew != old.pk
    assert reports.build(str(anew)) is RunState.DONE
    assert remove_old(kept(reports=30)) == {RetentionKind.REPORTS: 0}


def test_what_is_under_way_halted_or_kept_for_ever_is_left_alone(ground: Ground, db: Database[Raw]) -> None:  # noqa: F811
    waiting = reports.request_report(ground.officer, "2567-2", ground.home.area())
    halted = reports.request_report(ground.officer, "2567-2", ground.home.area("school"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "_finish", lambda *_: {}["missing"])
        assert reports.build(str(halted.pk)) is None
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])
    undoing = plan.store(requested_on=stored_now() - LONG_AGO)
    imports.apply(ground.officer, undoing, WHY)
    assert work_out(undoing) is ImportState.APPLIED
    imports.undo(ground.officer, undoing)
    for run in (waiting, halted):
        long_ago(db, run)
    rows = db.report_rows.count_documents({"run": halted.pk})
    assert rows
    assert sum(remove_old(kept(reports=30, imports=1)).values()) == 0
    assert db.report_rows.count_documents({"run": halted.pk}) == rows
    assert work_out(undoing) is ImportState.UNDONE
    assert remove_old(NEVER) == {} and db.retention_runs.count_documents({"kind": "history"}) == 0


def test_nobody_undoes_an_import_whose_rows_are_just_removed(
    ground: Ground, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    """The removing begins between what `undo` reads and what it writes."""
    plan = ground.plan()
    for raw in ground.fresh(3):
        plan.new(ground.home.own, raw)
    run = plan.store(requested_on=stored_now() - LONG_AGO)
    imports.apply(ground.officer, run, WHY)
    assert work_out(run) is ImportState.APPLIED
    from app.services.imports import deciding

    look = deciding.refuse_touched

    def meanwhile(raw: Raw) -> None:
        look(raw)
        remove_old(kept(imports=1))

    monkeypatch.setattr(deciding, "refuse_touched", meanwhile)
    with pytest.raises(Problem) as refused:
        imports.undo(ground.officer, run)
    assert refused.value.kind == "conflict"
    assert ground.run(run)["state"] == "applied" and len(ground.roster(ground.home.own)) == 11


def test_a_removing_cut_off_anywhere_goes_on_and_counts_every_row_once(
    ground: Ground, db: Database[Raw], monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    monkeypatch.setattr("app.services.removing.CHUNK", 1)
    old = report(ground)
    long_ago(db, old)
    rows = db.report_rows.count_documents({"run": old.pk})
    assert rows > 2
    count, calls = Removing.count, []

    def dies(self: Removing, number: int) -> None:
        count(self, number)
        calls.append(number)
        if len(calls) == 2:
            raise AutoReconnect("killed")

    with monkeypatch.context() as patch, pytest.raises(AutoReconnect):
        patch.setattr(Removing, "count", dies)
        remove_old(kept(reports=30))
    (noted,) = db.retention_runs.find()
    assert (noted["removed"], noted["error"], noted.get("finished_on")) == (2, "AutoReconnect", None)
    assert 'id="cleared"' in ground.people.browser("lao").get(f"/reports/show/{old.pk}").text, "never half a report"
    assert remove_old(kept(reports=30)) == {RetentionKind.REPORTS: rows - 2}
    (noted,) = db.retention_runs.find()
    assert noted["removed"] == rows and noted["finished_on"] and "error" not in noted
    assert db.report_rows.count_documents({"run": old.pk}) == 0


def test_a_night_that_is_too_short_leaves_the_rest_to_the_next(
    ground: Ground, db: Database[Raw], monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    old = report(ground)
    long_ago(db, old)
    assert remove_old(kept(reports=30), seconds=-1) == {RetentionKind.REPORTS: 0}
    (noted,) = db.retention_runs.find()
    assert noted.get("finished_on") is None and db.report_rows.count_documents({"run": old.pk}) > 0
    assert remove_old(kept(reports=30))[RetentionKind.REPORTS] > 0


def test_one_kind_that_fails_keeps_no_other_from_being_removed(
    ground: Ground, db: Database[Raw], monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    db.audit_entries.insert_one(_entry(LONG_AGO))
    broken = {**retention._CLEARING, RetentionKind.IMPORTS: lambda *_: {}["missing"]}
    monkeypatch.setattr(retention, "_CLEARING", broken)
    with pytest.raises(KeyError):
        remove_old(kept(imports=1, history=400))
    assert db.audit_entries.count_documents({"by": "somebody"}) == 0
    assert {row["kind"]: row.get("error") for row in db.retention_runs.find()} == {
        "imports": "KeyError", "history": None,
    }  # fmt: skip


def _entry(age: timedelta) -> Raw:
    at = stored_now() - age
    return {
        "_id": ObjectId(f"{int(at.timestamp()):08x}{ObjectId()!s}"[:24]), "of": "students", "key": ObjectId(),
        "version": 1, "verb": "change", "at": at, "by": "somebody", "changes": {"room": ["1", "2"]},
    }  # fmt: skip


def test_history_older_than_it_is_kept_goes_by_itself_alone(app: Flask, db: Database[Raw]) -> None:
    ages = [timedelta(days=days) for days in (0, 364, 366, 3000)]
    db.audit_entries.insert_many([_entry(age) for age in ages])
    with app.app_context():
        assert remove_old(kept()) == {}
        assert db.audit_entries.count_documents({}) == 4
        assert remove_old(kept(history=365)) == {RetentionKind.HISTORY: 2}
    assert sorted((stored_now() - row["at"]).days for row in db.audit_entries.find()) == [0, 364]


def test_of_old_letters_the_tries_go_and_what_became_of_them_stays(app: Flask, db: Database[Raw]) -> None:
    old, young = stored_now() - timedelta(days=100), stored_now()

    def letter(lao: str, made: Any, state: str, *tries: Any) -> Raw:
        key = f"{ObjectId.from_datetime(made)}:{lao}"
        history = [{"at": at, "outcome": "temporary", "text": "x"} for at in tries]
        return {"_id": key, "notice_id": lao, "lao_code": lao, "state": state, "created_on": made, "history": history}

    rows = [
        letter("1", old, "sent", old), letter("2", old, "failed", old, old), letter("3", old, "retrying", old),
        letter("4", young, "sent", young), letter("5", old, "failed", old, young),
    ]  # fmt: skip
    db.deliveries.insert_many(rows)
    with app.app_context():
        assert remove_old(kept(mail=30)) == {RetentionKind.MAIL: 2}
        assert remove_old(kept(mail=30)) == {RetentionKind.MAIL: 0}
    found = {row["lao_code"]: row for row in db.deliveries.find()}
    assert [code for code, row in sorted(found.items()) if "history" not in row] == ["1", "2"]
    assert found["1"]["state"] == "sent" and found["1"]["cleared_on"]


def test_old_checks_and_records_of_removing_go(app: Flask, db: Database[Raw]) -> None:
    old = stored_now() - timedelta(days=50)
    db.finding_checks.insert_many([
        {"_id": "lao:1", "state": "done", "finished_on": old}, {"_id": "lao:2", "state": "waiting"},
        {"_id": "lao:3", "state": "done", "finished_on": stored_now()},
        {"_id": "lao:4", "state": "running", "finished_on": old},
    ])  # fmt: skip
    db.retention_runs.insert_one({"_id": "2020-01-01/mail", "day": old, "kind": "mail", "removed": 3})
    with app.app_context():
        assert remove_old(kept(checks=40)) == {RetentionKind.CHECKS: 2}
    assert {row["_id"] for row in db.finding_checks.find()} == {"lao:2", "lao:3", "lao:4"}


def test_the_department_sees_what_was_removed_and_nobody_else(people: People, db: Database[Raw]) -> None:
    day = stored_now().replace(hour=0, minute=0, second=0, microsecond=0)
    row = {"_id": "2026-12-01/reports", "day": day, "kind": "reports", "removed": 4321, "before": day}
    db.retention_runs.insert_one(row)
    page = people.browser("dla").get("/retention/list/")
    assert page.status_code == 200 and "แถวของรายงาน" in page.text and "4321" in page.text.replace(",", "")
    for name in ("province", "district", "lao", "school"):
        assert people.browser(name).get("/retention/list/").status_code in (302, 403, 404)
        assert "4321" not in people.browser(name).get("/retention/list/").text.replace(",", "")
    browser = people.browser("dla")
    assert {browser.post(f"/retention/{way}").status_code for way in ("add", "edit/x", "delete/x")} <= {403, 404, 405}
    assert db.retention_runs.find_one() == row


def test_it_is_the_job_of_each_night(app: Flask, ground: Ground, db: Database[Raw]) -> None:  # noqa: F811
    from tasks.retention import remove
    from tasks.schedule import SCHEDULE

    assert [entry["task"] for entry in SCHEDULE.values() if "clear" in entry["task"]] == []
    assert SCHEDULE["retention"]["task"] == remove.name
    old = report(ground)
    long_ago(db, old)
    remove()
    assert db.report_rows.count_documents({"run": old.pk}) == 0
